import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { addDays } from "../../../shared/kpis/calendar.ts";
import { distinctOf, lossBetween } from "../../../shared/kpis/distinct.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { formulaOf } from "../../../shared/kpis/explain.ts";
import type { StandingMeasure } from "../../../shared/kpis/kpi.ts";
import { orderEntry, takenBackEntries } from "../../../shared/kpis/order-facts.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { readSeries } from "../../../shared/kpis/series.ts";
import { defaultBasis, kpisIn } from "../../../shared/kpis/shipped.ts";
import { readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import { mergeSpans, standingIn, windowsOf } from "../../../shared/kpis/standing.ts";
import { kpiValue } from "../../../shared/kpis/tally.ts";
import { markTurn } from "../../../shared/kpis/turn-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import { digestOf } from "../../../shared/table/hash.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { order, takenBack } from "./facts.ts";

const within30 = (aggregate: "active" | "lost" | "kept"): StandingMeasure => ({
  facts: ["Order Completed"],
  aggregate,
  withinDays: 30,
});
const hashOf = (person: string) => digestOf([person], 16);
const march = { start: "2026-03-01", end: "2026-04-01" };

/** The days of some people's orders as the days' sets. */
function peopleOn(orders: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  const days = [...new Set(Object.values(orders).flat())];
  return new Map(
    days.map((day) => [
      day,
      distinctOf(Object.keys(orders).flatMap((who) => (orders[who]?.includes(day) ? hashOf(who) : []))),
    ]),
  );
}

describe("who is active for thirty days after an order: in March 2026", () => {
  it.each<[string, readonly string[], { active: number; lost: number }]>([
    ["who ordered on January 30 begins it, and is lost", ["2026-01-30"], { active: 1, lost: 1 }],
    ["who ordered on January 29 had left before", ["2026-01-29"], { active: 0, lost: 0 }],
    ["who ordered on its last day but not before is not there at the start", ["2026-03-31"], { active: 0, lost: 0 }],
    ["who ordered on the day before it is lost on its last day", ["2026-02-28"], { active: 1, lost: 1 }],
    ["who ordered on March 2 as well stays", ["2026-02-28", "2026-03-02"], { active: 1, lost: 0 }],
    ["who ordered on March 1 as well is lost on March 31", ["2026-02-28", "2026-03-01"], { active: 1, lost: 1 }],
    ["who left and came back within it is not lost", ["2026-01-30", "2026-03-20"], { active: 1, lost: 0 }],
    ["who comes back after it is lost in it", ["2026-01-30", "2026-04-01"], { active: 1, lost: 1 }],
    ["who left before and came back in it is not of it", ["2026-01-10", "2026-03-05"], { active: 0, lost: 0 }],
  ])("%s", (_, days, expected) => {
    const told = { today: "2026-05-01", peopleOf: peopleOn({ anna: days }) };
    expect(standingIn(march, within30("lost"), told)).toEqual({ ...expected, days: 31 });
  });

  it("while it runs, those are lost whose days are over by now", () => {
    const peopleOf = peopleOn({ anna: ["2026-02-01"], ben: ["2026-02-20"], cleo: ["2026-02-10", "2026-03-04"] });
    const lostOn = (today: string) => standingIn(march, within30("lost"), { today, peopleOf });
    expect(lostOn("2026-03-02")).toEqual({ active: 3, lost: 0, days: 2 });
    expect(lostOn("2026-03-03")).toEqual({ active: 3, lost: 1, days: 3 });
    expect(lostOn("2026-03-22")).toEqual({ active: 3, lost: 2, days: 22 });
    expect(lostOn("2026-03-31")).toEqual(lostOn("2026-05-01"));
  });

  it("is never told of who came and left within a year", () => {
    const year = { start: "2026-01-01", end: "2027-01-01" };
    const peopleOf = peopleOn({ anna: ["2026-03-01"], ben: ["2025-12-31", "2026-12-31"] });
    expect(standingIn(year, within30("lost"), { today: "2027-02-01", peopleOf })).toMatchObject({ active: 1, lost: 0 });
  });

  it("agrees with each person's own orders, whoever they are", () => {
    const day = fc.nat(120).map((days) => addDays("2026-01-01", days));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.array(day, { maxLength: 4 }), { maxKeys: 8 }), (orders) => {
        const isActive = (days: readonly string[], at: string) =>
          days.some((each) => each < at && each >= addDays(at, -30));
        const people = Object.values(orders);
        const active = people.filter((days) => isActive(days, march.start));
        const lost = active.filter((days) => !isActive(days, march.end));
        const told = { today: "2027-01-01", peopleOf: peopleOn(orders) };
        expect(standingIn(march, within30("lost"), told)).toEqual({
          active: active.length,
          lost: lost.length,
          days: 31,
        });
      }),
    );
  });
});

it("of more people than are kept, the share that is lost is estimated by an even sample", () => {
  const hashes = Array.from({ length: 20_000 }, (_, at) => digestOf([String(at)], 16));
  const after = distinctOf([...hashes.slice(5_000), ...Array.from({ length: 9_000 }, (_, at) => digestOf([`n${at}`]))]);
  const { active, lost } = lossBetween(distinctOf(hashes), after);
  expect(Math.abs(active / 20_000 - 1)).toBeLessThan(0.07);
  expect(Math.abs(lost / active - 0.25)).toBeLessThan(0.04);
  expect(lossBetween(distinctOf(hashes), "").lost).toBe(active);
});

it("spans that touch or overlap are read as one", () => {
  const { before, after } = windowsOf(march, within30("lost"), "2026-12-31");
  expect(mergeSpans([after, before])).toEqual([before, after]);
  expect(mergeSpans([after, march, before])).toEqual([{ start: "2026-01-30", end: "2026-04-01" }]);
});

describe("churn, retention and lifetime value, rolled up", () => {
  const timeZone = "Europe/Berlin";
  const kpis = kpisIn("EUR", { ...defaultBasis, activeDays: 30, grossMargin: 0.4 });
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const kpiOf = (id: string) => {
    const kpi = kpis.find((candidate) => candidate.id === id);
    if (kpi === undefined) throw new Error(`no KPI ${id}`);
    return kpi;
  };
  let orders = 0;
  const buy = async (contactId: string, day: string, amount = 1000) => {
    const at = `${day}T11:00:${String(orders++ % 60).padStart(2, "0")}Z`;
    const entry = orderEntry(order(at, amount, { contactId }));
    if (entry !== undefined) await putEntry(table, entry);
    await markDirty(table, "kpis", day);
  };
  const count = (day: string) => rollUp({ table, kpis, timeZone, now: () => new Date(`${day}T10:00:00Z`) });
  const valueIn = async (id: string, period: "month" | "week" | "quarter", start: string) => {
    const [found] = await readSnapshots(table, { kpi: id, period, from: start, to: start });
    return found && kpiValue(kpiOf(id), found);
  };

  it("of four customers of whom one is lost, with a refund in the month", async () => {
    for (const who of ["anna", "ben", "cleo", "dora"]) await buy(who, "2026-02-20");
    for (const who of ["anna", "ben", "cleo", "new"]) await buy(who, "2026-03-20", 2000);
    for (const entry of takenBackEntries([takenBack("Order Refunded", "2026-03-25T10:00:00Z", 3000)]))
      await putEntry(table, entry);
    await markDirty(table, "kpis", "2026-03-25");
    await count("2026-04-10");
    expect(await valueIn("churn-rate", "month", "2026-03-01")).toBe(0.25);
    expect(await valueIn("retention-rate", "month", "2026-03-01")).toBe(0.75);
    // (80.00 − 30.00) × 0.4 ÷ 1
    expect(await valueIn("customer-lifetime-value", "month", "2026-03-01")).toBe(2000);
    expect(await valueIn("churn-rate", "month", "2026-02-01")).toBeNull();
  });

  it("nobody lost makes no endless lifetime: five years of what a customer brings", async () => {
    for (const day of ["2026-02-20", "2026-03-20"]) await buy("anna", day, 3100);
    await count("2026-04-10");
    expect(await valueIn("churn-rate", "month", "2026-03-01")).toBe(0);
    // 31.00 × 0.4 in 31 days, over 5 years of 365.25 days
    expect(await valueIn("customer-lifetime-value", "month", "2026-03-01")).toBeCloseTo(40 * 5 * 365.25, 6);
  });

  it("a period in which nobody orders loses them all, by time alone", async () => {
    const zone = { timeZone };
    await buy("anna", "2026-02-20");
    await markTurn(table, { ...zone, now: new Date("2026-02-20T10:00:00Z") });
    await count("2026-02-20");
    expect(await valueIn("churn-rate", "month", "2026-03-01")).toBeUndefined();
    expect(await markTurn(table, { ...zone, now: new Date("2026-03-24T09:00:00Z") })).toBe(32);
    await count("2026-03-24");
    expect(await valueIn("churn-rate", "month", "2026-03-01")).toBe(1);
    expect(await valueIn("churn-rate", "week", "2026-03-16")).toBe(1);
    expect(await valueIn("churn-rate", "week", "2026-03-09")).toBe(0);
    expect(await markTurn(table, { ...zone, now: new Date("2026-03-24T20:00:00Z") })).toBe(0);
    expect(await readDirty(table, "kpis")).toEqual([]);
  });

  it("an order that is heard of late corrects the periods after it, too", async () => {
    await buy("anna", "2026-01-25");
    await buy("anna", "2026-03-30");
    await count("2026-04-10");
    expect(await valueIn("churn-rate", "month", "2026-02-01")).toBe(1);
    expect(await valueIn("churn-rate", "month", "2026-03-01")).toBeNull();
    await buy("anna", "2026-02-18");
    await count("2026-04-11");
    expect(await valueIn("churn-rate", "month", "2026-02-01")).toBe(0);
    expect(await valueIn("churn-rate", "month", "2026-03-01")).toBe(0);
  });

  it("have days and rolling windows when they are asked for, as whole periods have them", async () => {
    for (const who of ["anna", "ben"]) await buy(who, "2026-02-20");
    await buy("anna", "2026-03-20");
    await count("2026-04-10");
    const ask = (period: "day" | "rolling-28" | "month", date: string) =>
      readSeries({
        table,
        kpi: kpiOf("churn-rate"),
        timeZone,
        now: new Date("2026-04-10T10:00:00Z"),
        period,
        date,
        points: 1,
      });
    expect((await ask("month", "2026-03-31"))[0]).toMatchObject({ value: 0.5, numerator: 1, denominator: 2, n: 2 });
    expect((await ask("day", "2026-03-22"))[0]).toMatchObject({ value: 0.5, complete: true });
    expect((await ask("day", "2026-03-23"))[0]).toMatchObject({ value: 0, denominator: 1 });
    expect((await ask("rolling-28", "2026-03-23"))[0]).toMatchObject({ value: 0.5, denominator: 2 });
  });
});

it("the formulas say what is compared", () => {
  const [churn, value] = ["churn-rate", "customer-lifetime-value"].map((id) =>
    kpisIn("EUR").find((kpi) => kpi.id === id),
  );
  expect(churn && formulaOf(churn)).toBe(
    "people active at the start and not at the end by Order Completed, where amount is at least 1 within 90 days ÷ people active at the start by Order Completed, where amount is at least 1 within 90 days",
  );
  expect(value && formulaOf(value)).toContain("at least 20 % of the active a year");
});
