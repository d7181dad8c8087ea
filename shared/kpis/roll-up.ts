import type { Table } from "../table/client.ts";
import { clearDirty, readDirty } from "../table/dirty-store.ts";
import { addDays, instantsOf, localDatesOf, periodContaining } from "./calendar.ts";
import { readEntries } from "./entry-store.ts";
import type { Kpi } from "./kpi.ts";
import { type Period, periodKinds } from "./period.ts";
import { countEntries, sumFigures } from "./snapshot.ts";
import { readSnapshots, replaceSnapshots } from "./snapshot-store.ts";

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
 * it again, after a crash anywhere or beside another one, gives the same snapshots: a mark goes last, and only if it is
 * still the one that was read before the counting.
 */
export async function rollUp(options: RollUp): Promise<RollUpReport> {
  const dirty = await readDirty(options.table, "kpis");
  const days = [...new Set(dirty.flatMap(({ name }) => localDatesOf(name, options.timeZone)))].sort();
  for (const day of days) await countDay(options, day);
  const periods = longerPeriodsOf(days);
  for (const period of periods) await sumPeriod(options, period);
  for (const mark of dirty) await clearDirty(options.table, "kpis", mark);
  return { utcDates: dirty.length, days: days.length, periods: periods.length };
}

async function countDay({ table, kpis, timeZone, now }: RollUp, day: string): Promise<void> {
  await replaceSnapshots(table, { kpis: kpis.map(({ id }) => id), period: "day", start: day }, async () => {
    const asOf = now().toISOString();
    const entries = await readEntries(table, instantsOf({ start: day, end: addDays(day, 1) }, timeZone));
    return kpis.map((kpi) => ({ kpi: kpi.id, period: "day", start: day, asOf, ...countEntries(kpi, entries) }));
  });
}

async function sumPeriod({ table, kpis, now }: RollUp, { kind, start, end }: Period): Promise<void> {
  for (const kpi of kpis) {
    const range = { kpi: kpi.id, period: "day", from: start, to: addDays(end, -1), consistent: true } as const;
    await replaceSnapshots(table, { kpis: [kpi.id], period: kind, start }, async () => {
      const asOf = now().toISOString();
      return [{ kpi: kpi.id, period: kind, start, asOf, ...sumFigures(kpi, await readSnapshots(table, range)) }];
    });
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
