import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  addDays,
  type Conventions,
  fiscalQuarterOf,
  periodBefore,
  periodContaining,
  useConventions,
} from "../../../shared/kpis/calendar.ts";
import { periodName } from "../../../shared/kpis/date-words.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { recountHistory } from "../../../shared/kpis/history-store.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { type PeriodKind, periodKinds, weekStarts } from "../../../shared/kpis/period.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { readSeries } from "../../../shared/kpis/series.ts";
import { readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { order } from "./facts.ts";
import { kpiNamed } from "./support.ts";

afterEach(() => useConventions());

const begin = (weekStart: Conventions["weekStart"], fiscalYearStart: number) =>
  useConventions({ weekStart, fiscalYearStart });

describe("by an account's conventions", () => {
  it.each<[Conventions["weekStart"], number, PeriodKind, string, string, string, string]>([
    ["monday", 1, "week", "2026-11-22", "2026-11-16", "2026-11-23", "week of November 16"],
    ["sunday", 1, "week", "2026-11-22", "2026-11-22", "2026-11-29", "week of November 22"],
    ["sunday", 1, "week", "2026-11-21", "2026-11-15", "2026-11-22", "week of November 15"],
    ["saturday", 1, "week", "2026-11-22", "2026-11-21", "2026-11-28", "week of November 21"],
    ["saturday", 1, "week", "2026-11-20", "2026-11-14", "2026-11-21", "week of November 14"],
    ["sunday", 1, "week", "2027-01-01", "2026-12-27", "2027-01-03", "week of December 27"],
    ["saturday", 1, "week", "2028-02-29", "2028-02-26", "2028-03-04", "week of February 26"],
    ["monday", 1, "quarter", "2026-11-22", "2026-10-01", "2027-01-01", "Q4 2026"],
    ["monday", 1, "year", "2026-11-22", "2026-01-01", "2027-01-01", "2026"],
    ["monday", 10, "quarter", "2026-11-22", "2026-10-01", "2027-01-01", "FY2027 Q1"],
    ["monday", 10, "year", "2026-09-30", "2025-10-01", "2026-10-01", "FY2026"],
    ["monday", 10, "year", "2026-10-01", "2026-10-01", "2027-10-01", "FY2027"],
    ["monday", 4, "quarter", "2027-03-31", "2027-01-01", "2027-04-01", "FY2027 Q4"],
    ["monday", 2, "quarter", "2027-01-15", "2026-11-01", "2027-02-01", "FY2027 Q4"],
    ["monday", 2, "quarter", "2028-02-29", "2028-02-01", "2028-05-01", "FY2029 Q1"],
    ["monday", 12, "quarter", "2028-02-29", "2027-12-01", "2028-03-01", "FY2028 Q1"],
    ["monday", 12, "year", "2026-11-30", "2025-12-01", "2026-12-01", "FY2026"],
    ["sunday", 7, "month", "2028-02-29", "2028-02-01", "2028-03-01", "February 2028"],
  ])("weeks from %s, years from month %i: the %s of %s is %s to %s, %s", (...row) => {
    const [weekStart, month, kind, date, start, end, name] = row;
    begin(weekStart, month);
    const period = periodContaining(kind, date);
    expect([period.start, period.end, periodName(period)]).toEqual([start, end, name]);
  });

  it("weeks, quarters and years hold each day once, and quarters make their year", () => {
    const date = fc.integer({ min: 0, max: 6000 }).map((days) => addDays("2023-01-01", days));
    fc.assert(
      fc.property(fc.constantFrom(...weekStarts), fc.integer({ min: 1, max: 12 }), date, (weekStart, month, day) => {
        begin(weekStart, month);
        for (const kind of periodKinds) {
          const period = periodContaining(kind, day);
          expect(period.start <= day && day < period.end).toBe(true);
          expect(periodContaining(kind, period.start)).toEqual(period);
          expect(periodContaining(kind, addDays(period.end, -1))).toEqual(period);
          expect(periodBefore(period).end).toBe(period.start);
        }
        const year = periodContaining("year", day);
        const quarters = [0, 1, 2, 3].map((at) => periodBefore(periodContaining("quarter", year.start), -at));
        expect([quarters[0]?.start, quarters[3]?.end]).toEqual([year.start, year.end]);
        expect(quarters.map(({ start }) => fiscalQuarterOf(start).quarter)).toEqual([1, 2, 3, 4]);
        expect(new Set(quarters.map(({ start }) => fiscalQuarterOf(start).year)).size).toBe(1);
        expect(Number(year.start.slice(5, 7))).toBe(month);
        const weekday = new Date(`${periodContaining("week", day).start}T00:00:00Z`).getUTCDay();
        expect(weekday).toBe({ monday: 1, saturday: 6, sunday: 0 }[weekStart]);
      }),
    );
  });
});

describe("figures by other conventions", () => {
  const timeZone = "America/New_York";
  const now = new Date("2025-11-12T15:00:00.000Z");
  const kpis = [kpiNamed("net-revenue")];
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const count = () => rollUp({ table, kpis, timeZone, now: () => now });
  const values = async (period: PeriodKind, date: string, points = 1) =>
    (await readSeries({ table, kpi: kpiNamed("net-revenue"), timeZone, now, period, date, points })).map(
      ({ label, value }) => [label, value],
    );

  it("are counted anew in the background once they have changed, and days still add up to weeks, quarters and years", async () => {
    // Around the turn of the fiscal year and the change of the clocks.
    const days = ["2025-09-30", "2025-10-01", "2025-11-01", "2025-11-02", "2025-11-09"];
    for (const [index, day] of days.entries()) {
      const entry = orderEntry(order(`${day}T16:00:00Z`, 10 ** index, { contactId: day }));
      if (entry !== undefined) await putEntry(table, entry);
      await markDirty(table, "kpis", day);
    }
    await recountHistory(table, kpis, now);
    await count();
    expect(await recountHistory(table, kpis, now)).toBe(0);
    expect(await values("year", "2025-11-02")).toEqual([["2025", 11_111]]);

    begin("sunday", 10);
    expect(await values("year", "2025-11-02")).toEqual([["FY2026", 0]]);
    const marked = await recountHistory(table, kpis, now);
    expect((await readDirty(table, "funnel")).length).toBe(marked);
    await count();
    expect(await recountHistory(table, kpis, now)).toBe(0);
    expect(await values("year", "2025-11-09", 2)).toEqual([
      ["FY2025", 1],
      ["FY2026", 11_110],
    ]);
    expect(await values("quarter", "2025-11-09", 2)).toEqual([
      ["FY2025 Q4", 1],
      ["FY2026 Q1", 11_110],
    ]);
    expect(await values("week", "2025-11-09", 3)).toEqual([
      ["week of October 26", 100],
      ["week of November 2", 1000],
      ["week of November 9", 10_000],
    ]);
    const all = async (period: PeriodKind) =>
      (await readSnapshots(table, { kpi: "net-revenue", period, from: "2023", to: "2027" })).filter(
        ({ start }) => periodContaining(period, start).start === start,
      );
    for (const kind of periodKinds) {
      const sum = (await all(kind)).reduce((total, { numerator }) => total + numerator, 0);
      expect([kind, sum]).toEqual([kind, 11_111]);
    }
  });
});
