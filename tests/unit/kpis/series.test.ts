import { PutCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import Papa from "papaparse";
import { beforeEach, describe, expect, it } from "vitest";
import { mostDefinitions, withDefinition } from "../../../shared/kpis/catalogue.ts";
import { changeCatalogue, readKpis } from "../../../shared/kpis/catalogue-store.ts";
import { replaceSnapshots } from "../../../shared/kpis/count-store.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { formulaOf } from "../../../shared/kpis/explain.ts";
import { activityOf, type Kpi } from "../../../shared/kpis/kpi.ts";
import { kpiHandlers } from "../../../shared/kpis/kpi-handlers.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { partsOf, readSeries } from "../../../shared/kpis/series.ts";
import { putTarget } from "../../../shared/kpis/target-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { markDirty } from "../../../shared/table/dirty-store.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { createTestTable } from "../../support/table.ts";
import { order } from "./facts.ts";
import { kpiNamed, kpis } from "./support.ts";

const timeZone = "Europe/Berlin";
const now = new Date("2026-11-20T09:00:00.000Z");

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

/** Orders on local noons of days, counted. */
async function ordersOf(days: Readonly<Record<string, number>>): Promise<void> {
  for (const [day, amount] of Object.entries(days)) {
    const entry = orderEntry(order(`${day}T11:00:00Z`, amount, { contactId: `buyer of ${day}` }));
    if (entry !== undefined) await putEntry(table, entry);
    await markDirty(table, "kpis", day);
  }
  await rollUp({ table, kpis, timeZone, now: () => now });
}

const series = (query: Pick<Parameters<typeof readSeries>[0], "period" | "points" | "date">, id = "net-revenue") =>
  readSeries({ table, kpi: kpiNamed(id), timeZone, now, ...query });

const targetFor = (kpi: string) => ({
  kpi,
  target: 40,
  period: "month" as const,
  owner: { name: "Mia", email: "mia@example.com" },
  version: 1,
  updatedAt: now.toISOString(),
  updatedBy: "mia",
});

describe("a series", () => {
  it("compares whole periods only, and says which is not whole", async () => {
    await ordersOf({ "2026-09-10": 100, "2026-10-10": 300, "2026-11-10": 50 });
    const points = await series({ period: "month", points: 4 });
    expect(points.map(({ start, value, complete, change }) => [start, value, complete, change])).toEqual([
      ["2026-08-01", 0, true, 0],
      ["2026-09-01", 100, true, 100],
      ["2026-10-01", 300, true, 200],
      ["2026-11-01", 50, false, null],
    ]);
  });

  it("of rolling windows reaches over months, and compares with the window before", async () => {
    await ordersOf({ "2026-09-24": 1, "2026-09-25": 2, "2026-10-22": 4, "2026-10-23": 8, "2026-11-19": 16 });
    const [whole, running] = await series({ period: "rolling-28", points: 2 });
    expect(whole).toMatchObject({ start: "2026-10-23", end: "2026-11-20", value: 24, complete: true, change: 18 });
    expect(running).toMatchObject({ start: "2026-10-24", end: "2026-11-21", value: 16, complete: false, change: null });
    const [year] = await series({ period: "rolling-365", points: 1, date: "2026-11-19" });
    expect(year).toMatchObject({ start: "2025-11-20", value: 31, complete: true });
  });

  it("of people over a window counts each once", async () => {
    await ordersOf({ "2026-10-23": 100, "2026-11-18": 300 });
    const [point] = await series({ period: "rolling-90", points: 1 }, "arpu");
    expect(point).toMatchObject({ numerator: 400, denominator: 2, value: 200 });
  });
});

it("a window is made of each of its days once", () => {
  const date = fc.date({ min: new Date("2023-12-01"), max: new Date("2027-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(date, fc.nat(400), (from, length) => {
      const start = from.toISOString().slice(0, 10);
      const end = new Date(Date.parse(start) + length * 86_400_000).toISOString().slice(0, 10);
      const parts = partsOf({ start, end });
      const days = parts.reduce((sum, part) => {
        const [year = 0, month = 1] = part.start.split("-").map(Number);
        return sum + (part.period === "day" ? 1 : new Date(Date.UTC(year, month, 0)).getUTCDate());
      }, 0);
      expect(days).toBe(length);
      expect(new Set(parts.map((part) => part.start)).size).toBe(parts.length);
    }),
  );
});

const handlers = () => kpiHandlers({ table, timeZone, currency: "EUR", now: () => now });

describe("reads", () => {
  it("of each call about one KPI cost at most ten units, with a year of busy days", async () => {
    const days = Array.from({ length: 420 }, (_, at) =>
      new Date(now.getTime() - at * 86_400_000).toISOString().slice(0, 10),
    );
    // What a busy year leaves: a snapshot of each KPI for each period.
    const asOf = now.toISOString();
    const put = (kpi: string, period: string, start: string) =>
      table.client.send(
        new PutCommand({
          TableName: table.name,
          Item: {
            pk: `SNAPSHOT#${kpi}`,
            sk: `${period}#${start}`,
            kind: "snapshot",
            kpi,
            period,
            start,
            numerator: 123_456_789,
            denominator: 12_345,
            n: 12_345,
            facts: 12_345,
            leftOut: 123,
            version: 1,
            asOf,
            revision: 1234,
          },
        }),
      );
    for (const day of days) await put("refund-rate", "day", day);
    for (let month = 0; month < 24; month++) {
      await put("refund-rate", "month", new Date(Date.UTC(2025, month, 1)).toISOString().slice(0, 10));
    }
    await putTarget(table, targetFor("refund-rate"));
    const figures = { numerator: 123_456, denominator: 12_345, n: 12_345, facts: 12_345, leftOut: 12 };
    const groups = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`a source of orders ${at}`, figures]));
    const place = { kind: "snapshot", kpi: "refund-rate", period: "month", start: "2026-11-01", slice: "source", asOf };
    const key = { pk: "SNAPSHOT#refund-rate#by#source", sk: "month#2026-11-01" };
    await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, ...place, groups } }));
    const used = meterOf(table);
    const costs: Record<string, number> = {};
    const measured = async (name: string, call: () => Promise<unknown>) => {
      const before = used.read;
      await call();
      costs[name] = used.read - before;
    };
    const request = { headers: {}, params: { id: "refund-rate" } };
    const ask = (query: object) => ({ ...request, query: { date: undefined, ...query } }) as never;
    await measured("150 days", () => handlers().getKpiSeries(ask({ period: "day", points: 150 })));
    await measured("31 rolling years", () => handlers().getKpiSeries(ask({ period: "rolling-365", points: 31 })));
    await measured("explained month", () => handlers().explainKpi(ask({ period: "month" })));
    await measured("breakdown", () => handlers().getKpiBreakdown(ask({ period: "month", by: "source" })));
    expect(costs).toEqual({
      "150 days": 4.5,
      "31 rolling years": 4.5,
      "explained month": 2,
      breakdown: 2,
    });
  });

  it("of a list cost at most ten units with all KPIs that there can be, which have counted for thirteen periods", async () => {
    const { id: _, version: __, ...refunds } = kpiNamed("refund-rate");
    const stamp = { updatedAt: now.toISOString(), updatedBy: "mia" };
    await changeCatalogue(table, (before) => {
      const ids = Array.from({ length: mostDefinitions }, (_, at) => `a-ratio-with-a-name-of-usual-length-${at}`);
      return ids.reduce((all, id) => withDefinition(all, id, refunds, { stamp, expected: undefined }), before);
    });
    const all = await readKpis(table, "EUR");
    expect(all).toHaveLength(kpis.length + mostDefinitions);
    const sums = { numerator: 123_456_789, denominator: 12_345_678, n: 123_456, facts: 123_456, leftOut: 123 };
    const standing = { active: 123_456, lost: 12_345, days: 30 };
    const tallyIn = (kpi: Kpi) => ({ sums, ...(activityOf(kpi) !== undefined && { standing }) });
    for (let back = 0; back < 13; back++) {
      const start = new Date(Date.UTC(2026, 10 - back, 1)).toISOString().slice(0, 10);
      const count = async () => all.map((kpi) => ({ kpi, tally: tallyIn(kpi), groups: {} }));
      await replaceSnapshots(table, { period: "month", start }, () => now, count);
    }
    for (const kpi of all) await putTarget(table, targetFor(kpi.id));
    const used = meterOf(table);
    const { body } = await handlers().listKpis({ query: { period: "month" }, headers: {} } as never);
    const { items } = body as { items: { target: object | null; trend: { value: number }[] }[] };
    expect(items).toHaveLength(all.length);
    expect(items.every(({ target, trend }) => target && trend.every(({ value }) => value !== 0))).toBe(true);
    // Some 6.5 for the board, 1.5 for the targets, 1.5 for the definitions that are not shipped.
    expect(used.read).toBeLessThanOrEqual(10);
  });

  it("explain a value: its formula, its parts, and what was left out", async () => {
    await ordersOf({ "2026-11-02": 100, "2026-11-10": 50 });
    const query = { period: "month", date: undefined } as const;
    const { body } = await handlers().explainKpi({ params: { id: "net-revenue" }, query, headers: {} } as never);
    expect(body).toMatchObject({
      value: 150,
      complete: false,
      formula: "sum of amount of Order Completed less sum of amount of Order Refunded or Order Cancelled",
      remarks: [expect.stringContaining("still runs"), expect.stringContaining("by the rate of their day")],
      slices: ["source"],
    });
    const parts = (body as { parts: { start: string; value: number }[] }).parts;
    expect(parts).toHaveLength(30);
    expect(parts.reduce((sum, { value }) => sum + value, 0)).toBe(150);
  });

  it("break a value down, and refuse a slice that is not kept", async () => {
    await ordersOf({ "2026-11-02": 100, "2026-11-10": 50 });
    const ask = (by: string) =>
      handlers().getKpiBreakdown({ params: { id: "orders" }, query: { period: "month", by }, headers: {} } as never);
    expect((await ask("source")).body).toMatchObject({ items: [{ group: "shop", value: 2 }] });
    await expect(ask("owner")).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("as CSV", () => {
  const accept = { accept: "text/csv" };
  const month = { period: "month", date: undefined } as const;
  const linesOf = async (reply: Promise<{ readonly csv?: string }>) => {
    const { csv = "" } = await reply;
    return Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true }).data;
  };

  it("the list has a line for each KPI, and money in minor units of its currency", async () => {
    await ordersOf({ "2026-11-02": 100, "2026-11-10": 50 });
    const lines = await linesOf(handlers().listKpis({ query: month, headers: accept } as never));
    expect(lines.map(({ kpi }) => kpi)).toEqual(kpis.map(({ id }) => id));
    expect(lines.find(({ kpi }) => kpi === "net-revenue")).toMatchObject({
      ...{ format: "money", currency: "EUR", title: "Net revenue", value: "150", complete: "false" },
      ...{ start: "2026-11-01", end: "2026-12-01", denominator: "", target: "", previousStart: "2026-10-01" },
    });
  });

  it("series, breakdown and explanation say what their JSON says, and an unknown sum is an empty cell", async () => {
    await ordersOf({ "2026-10-02": 100, "2026-11-10": 50 });
    const params = { id: "net-revenue" };
    const points = { ...month, points: 2 };
    const series = await linesOf(handlers().getKpiSeries({ params, query: points, headers: accept } as never));
    expect(series.map(({ start, value, change }) => [start, value, change])).toEqual([
      ["2026-10-01", "100", "100"],
      ["2026-11-01", "50", ""],
    ]);
    const by = { ...month, by: "source" };
    const groups = await linesOf(handlers().getKpiBreakdown({ params, query: by, headers: accept } as never));
    expect(groups).toMatchObject([{ by: "source", group: "shop", value: "50" }]);
    const [whole, ...days] = await linesOf(handlers().explainKpi({ params, query: month, headers: accept } as never));
    expect(whole).toMatchObject({ part: "whole", value: "50", remarks: expect.stringContaining("still runs") });
    expect(days).toHaveLength(30);
    expect(days[9]).toMatchObject({ part: "part", start: "2026-11-10", value: "50", formula: "" });
  });
});

it.each([
  ["lead-conversion", "number of conversion within 30 days ÷ number of lead"],
  [
    "arpu",
    "(sum of amount of Order Completed less sum of amount of Order Refunded or Order Cancelled) ÷ people of Order Completed, where amount is at least 1",
  ],
  ["sales-cycle", "median of lag of Deal Won"],
])("the formula of %s is said", (id, formula) => {
  expect(formulaOf(kpiNamed(id))).toBe(formula);
});
