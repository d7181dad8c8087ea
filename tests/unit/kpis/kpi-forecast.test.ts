import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "vitest";
import { addDays, periodBefore, periodContaining } from "../../../shared/kpis/calendar.ts";
import { forecastKpi } from "../../../shared/kpis/kpi-forecast.ts";
import type { PeriodKind } from "../../../shared/kpis/period.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { createTestTable } from "../../support/table.ts";
import { kpiNamed } from "./support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const now = new Date("2026-11-23T09:00:00.000Z");
const timeZone = "Europe/Berlin";

async function counted(kpi: string, period: PeriodKind, start: string, numerator: number, denominator?: number) {
  const figures = { numerator, denominator: denominator ?? null, n: denominator ?? numerator };
  const snapshot = { kpi, period, start, ...figures, asOf: now.toISOString() };
  const key = { pk: `SNAPSHOT#${kpi}`, sk: `${period}#${start}` };
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, kind: "snapshot", ...snapshot } }));
}

const ask = (kpi: string, period: PeriodKind) => forecastKpi({ table, kpi: kpiNamed(kpi), period, timeZone, now });

describe("a KPI's forecast", () => {
  test("says what is missing while there is little history", async () => {
    await counted("new-leads", "month", "2026-10-01", 12);
    expect(await ask("new-leads", "month")).toEqual({
      kpi: "new-leads",
      period: "month",
      current: null,
      next: [],
      method: null,
      history: 1,
      missing: "A forecast needs 8 complete periods with data one after another; there are 1.",
    });
  });

  test("brings a month to its end by the pattern of its days, and goes on by months", async () => {
    const today = "2026-11-23";
    // Ten leads on each working day, none at the weekend; November began on a Sunday.
    for (let back = 84; back >= 1; back--) {
      const day = addDays(today, -back);
      if (![0, 6].includes(new Date(day).getUTCDay())) await counted("new-leads", "day", day, 10);
    }
    await counted("new-leads", "day", today, 3);
    const november = periodContaining("month", today);
    for (let back = 12; back >= 1; back--) await counted("new-leads", "month", periodBefore(november, back).start, 210);
    await counted("new-leads", "month", november.start, 153);
    const found = await ask("new-leads", "month");
    expect(found.missing).toBeNull();
    expect(found.current).toMatchObject({ start: "2026-11-01", end: "2026-12-01", soFar: 153, by: "days" });
    // 150 until yesterday, then six working days of ten.
    expect(found.current?.value).toBeCloseTo(210, 6);
    expect(found.next.map(({ start, value }) => [start, value])).toEqual([
      ["2026-12-01", 210],
      ["2027-01-01", 210],
      ["2027-02-01", 210],
    ]);
    expect(found.method).toMatchObject({ method: "naive", backtest: { error: 0 } });
  });

  test("of a month that has passed its forecast already says no less than it has", async () => {
    for (let back = 30; back >= 1; back--) await counted("new-leads", "day", addDays("2026-11-23", -back), 0);
    await counted("new-leads", "day", "2026-10-25", 1);
    await counted("new-leads", "day", "2026-11-23", 500);
    await counted("new-leads", "month", "2026-11-01", 500);
    expect((await ask("new-leads", "month")).current).toMatchObject({ soFar: 500, value: 500, low: 500 });
  });

  test("of a ratio rests on whole cohorts, stays a share, and skips the months that are still young", async () => {
    const november = periodContaining("month", "2026-11-23");
    for (let back = 14; back >= 0; back--) {
      const share = back % 5 === 0 ? 9 : 10;
      await counted("lead-conversion", "month", periodBefore(november, back).start, share, 10);
    }
    const found = await ask("lead-conversion", "month");
    // October's leads have until the end of November, so the last whole month is September.
    expect(found.history).toBe(13);
    expect(found.current?.by).toBe("periods");
    for (const { value, low, high } of [found.current, ...found.next].filter((each) => each !== null)) {
      expect([low >= 0, value >= low, high <= 1]).toEqual([true, true, true]);
    }
    expect(found.next).toHaveLength(3);
  });

  test("costs few reads, however long the history is", async () => {
    const today = "2026-11-23";
    for (let back = 84; back >= 0; back--) await counted("new-leads", "day", addDays(today, -back), 10);
    const week = periodContaining("week", today);
    for (let back = 112; back >= 0; back--) await counted("new-leads", "week", periodBefore(week, back).start, 70);
    const used = meterOf(table);
    await ask("new-leads", "week");
    expect(used.read).toBeLessThanOrEqual(10);
  });
});
