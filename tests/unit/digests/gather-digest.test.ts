import { beforeEach, describe, expect, it } from "vitest";
import type { DigestLine } from "../../../shared/digests/digest.ts";
import { gatherFindings } from "../../../shared/digests/gather-digest.ts";
import { addDays, periodBefore, periodContaining } from "../../../shared/kpis/calendar.ts";
import { replaceSnapshots } from "../../../shared/kpis/count-store.ts";
import { type Groups, sumFigures } from "../../../shared/kpis/groups.ts";
import type { Kpi } from "../../../shared/kpis/kpi.ts";
import type { PeriodKind } from "../../../shared/kpis/period.ts";
import type { Figures } from "../../../shared/kpis/tally.ts";
import type { Slice } from "../../../shared/kpis/target.ts";
import { putTarget } from "../../../shared/kpis/target-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { createTestTable } from "../../support/table.ts";
import { kpiNamed } from "../kpis/support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const now = new Date("2026-11-20T07:00:00.000Z");
const today = "2026-11-20";
const [leads, conversion, median] = ["new-leads", "lead-conversion", "first-response-time"].map(kpiNamed) as [
  Kpi,
  Kpi,
  Kpi,
];

type BySource = Readonly<Record<string, readonly [number, number] | number>>;

/** What a roll-up counts of one period, by source. */
async function counted(kpi: Kpi, period: PeriodKind, start: string, bySource: BySource): Promise<void> {
  const groups: Groups = Object.fromEntries(
    Object.entries(bySource).map(([source, value]): [string, Figures] => {
      const [numerator, denominator] = typeof value === "number" ? [value, null] : value;
      return [source, { numerator, denominator, n: denominator ?? numerator, facts: numerator, leftOut: 0 }];
    }),
  );
  const tally = { sums: sumFigures(kpi, Object.values(groups)) };
  await replaceSnapshots(
    table,
    { period, start },
    () => now,
    async () => [{ kpi, tally, groups: { source: groups } }],
  );
}

const owner = { name: "Mia", email: "mia@example.com" };
async function aim(kpi: Kpi, target: number, slice?: Slice): Promise<void> {
  const stamp = { version: 1, updatedAt: now.toISOString(), updatedBy: "mia" };
  await putTarget(table, { kpi: kpi.id, period: "month", target, owner, ...(slice && { slice }), ...stamp });
}

/** Four weeks of four leads a day, then four weeks in which one source brings next to nothing. */
async function fadingSource(): Promise<void> {
  const days = Array.from({ length: 56 }, (_, index) => index + 1);
  const fair = (back: number) => (back > 28 ? 2 : back === 7 ? 1 : 0);
  await Promise.all(days.map((back) => counted(leads, "day", addDays(today, -back), { web: 2, fair: fair(back) })));
  await counted(leads, "month", "2026-11-01", { web: 38, fair: 1 });
}

const lineOf = async (kpi: Kpi, slice?: Slice): Promise<DigestLine | undefined> =>
  (await gatherFindings({ table, kpis: [kpi], timeZone: "UTC", now, slice })).lines[0];

describe("a digest tells of an exception", () => {
  it("how four weeks differ from the four before, and which group explains it", async () => {
    await fadingSource();
    await aim(leads, 200);
    expect(await lineOf(leads)).toMatchObject({
      status: "at risk",
      cause: "57 in the last 28 days, 112 in the 28 days before; source “fair” explains all of the change.",
      yesterday: 2,
    });
  });

  it("of a cohort how its latest whole period differs from the one before", async () => {
    await counted(conversion, "month", "2026-08-01", { web: [20, 100], fair: [20, 100] });
    await counted(conversion, "month", "2026-09-01", { web: [20, 100], fair: [5, 100] });
    await counted(conversion, "month", "2026-11-01", { web: [0, 30], fair: [0, 30] });
    await aim(conversion, 0.3);
    expect((await lineOf(conversion))?.cause).toBe(
      "12.5 % in September 2026, 20 % in August 2026; source “fair” explains all of the change.",
    );
  });

  it("nothing of a cause where nothing is known before, or all is well", async () => {
    await counted(conversion, "month", "2026-11-01", { web: [1, 30] });
    await aim(conversion, 0.3);
    expect(await lineOf(conversion)).toMatchObject({ status: "at risk", cause: undefined });
    await fadingSource();
    await aim(leads, 10);
    expect(await lineOf(leads)).toMatchObject({ status: "achieved", cause: undefined });
  });
});

describe("what is to be expected", () => {
  it("is told of a count by its days, of a ratio only what comes after the period that shows something already", async () => {
    await fadingSource();
    const outlook = (await lineOf(leads))?.outlook;
    expect(outlook?.current?.value).toBeGreaterThan(39);
    expect(outlook).toMatchObject({ next: [], error: null });
    for (let back = 12; back >= 0; back--) {
      const { start } = periodBefore(periodContaining("month", today), back);
      await replaceSnapshots(
        table,
        { period: "month", start },
        () => now,
        async () => [
          {
            kpi: median,
            tally: { sums: { numerator: 0, denominator: 0, n: 9, facts: 9, leftOut: 0 }, spread: { 300: 9 } },
            groups: {},
          },
        ],
      );
    }
    const used = meterOf(table);
    const line = await lineOf(median);
    expect(line).toMatchObject({ n: 9, outlook: { current: null, error: 0 } });
    expect(line?.outlook?.next.map(({ start }) => start)).toEqual(["2026-12-01", "2027-01-01", "2027-02-01"]);
    // Targets, alarms, thirteen months, eight weeks of days, and what the forecast reads.
    expect(used.read).toBeLessThanOrEqual(5);
  });
});

describe("a digest of one group", () => {
  const fair = { by: "source", group: "fair" };
  it("tells of its own figures against its own target, of the KPIs that are kept by it", async () => {
    await fadingSource();
    await aim(leads, 200);
    await aim(leads, 20, fair);
    const { lines, slice } = await gatherFindings({ table, kpis: [leads, median], timeZone: "UTC", now, slice: fair });
    expect(slice).toEqual(fair);
    expect(lines).toMatchObject([
      { kpi: { id: "new-leads" }, value: 1, target: { target: 20 }, status: "at risk", outlook: null },
    ]);
    expect(lines[0]?.days.filter(({ value }) => value === 1).map(({ date }) => date)).toEqual(["2026-11-13"]);
    expect((await lineOf(leads, { by: "source", group: "nobody" }))?.value).toBe(0);
  });
});
