import type { Table } from "../table/client.ts";
import { addDays, instantsOf, localDatesOf, periodContaining } from "./calendar.ts";
import { clearDay, readDirtyDays } from "./dirty-day-store.ts";
import { readEntries } from "./entry-store.ts";
import type { Kpi } from "./kpi.ts";
import { type Period, periodKinds } from "./period.ts";
import { countEntries, sumFigures } from "./snapshot.ts";
import { putSnapshot, readSnapshots } from "./snapshot-store.ts";

export interface RollUp {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly now: () => Date;
}

/** What a roll-up did. */
export interface RollUpReport {
  readonly utcDates: number;
  readonly days: number;
  readonly periods: number;
}

/**
 * Recounts the days whose entries have changed, and the weeks, months, quarters and years that they belong to. Running
 * it again, or after a crash anywhere, gives the same snapshots: a mark goes last, and only if it is still the one that
 * was read before the counting.
 */
export async function rollUp(options: RollUp): Promise<RollUpReport> {
  const dirty = await readDirtyDays(options.table);
  const days = [...new Set(dirty.flatMap(({ utcDate }) => localDatesOf(utcDate, options.timeZone)))].sort();
  for (const day of days) await countDay(options, day);
  const periods = longerPeriodsOf(days);
  for (const period of periods) await sumPeriod(options, period);
  for (const mark of dirty) await clearDay(options.table, mark);
  return { utcDates: dirty.length, days: days.length, periods: periods.length };
}

async function countDay({ table, kpis, timeZone, now }: RollUp, day: string): Promise<void> {
  const asOf = now().toISOString();
  const entries = await readEntries(table, instantsOf({ start: day, end: addDays(day, 1) }, timeZone));
  await Promise.all(
    kpis.map((kpi) =>
      putSnapshot(table, { kpi: kpi.id, period: "day", start: day, asOf, ...countEntries(kpi, entries) }),
    ),
  );
}

async function sumPeriod({ table, kpis, now }: RollUp, period: Period): Promise<void> {
  const asOf = now().toISOString();
  for (const kpi of kpis) {
    const range = {
      kpi: kpi.id,
      period: "day",
      from: period.start,
      to: addDays(period.end, -1),
      consistent: true,
    } as const;
    const days = await readSnapshots(table, range);
    await putSnapshot(table, { kpi: kpi.id, period: period.kind, start: period.start, asOf, ...sumFigures(kpi, days) });
  }
}

function longerPeriodsOf(days: readonly string[]): readonly Period[] {
  const periods = new Map<string, Period>();
  for (const kind of periodKinds) {
    if (kind === "day") continue;
    for (const day of days) {
      const period = periodContaining(kind, day);
      periods.set(`${kind}#${period.start}`, period);
    }
  }
  return [...periods.values()];
}
