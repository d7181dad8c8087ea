import type { Table } from "../table/client.ts";
import { clearDirty, readDirty } from "../table/dirty-store.ts";
import { addDays, instantsOf, localDatesOf, periodContaining } from "./calendar.ts";
import type { KpiEntry } from "./entry.ts";
import { readEntries } from "./entry-store.ts";
import type { Kpi } from "./kpi.ts";
import { addedUpFrom, type Period, type PeriodKind, periodKinds } from "./period.ts";
import {
  type Counted,
  countOf,
  type PeriodRange,
  readGroups,
  readTallies,
  replaceSnapshots,
} from "./snapshot-store.ts";
import { type Groups, groupsOf, sumGroups, sumTallies, tallyOf } from "./tally.ts";

export interface RollUp {
  readonly table: Table;
  /** As a function it is asked once the marks are read: who defines a KPI and marks days for it later finds them marked. */
  readonly kpis: readonly Kpi[] | (() => Promise<readonly Kpi[]>);
  readonly timeZone: string;
  readonly now: () => Date;
  /** UTC dates at the most, the newest first; the others keep their marks. */
  readonly most?: number;
}

type Counting = RollUp & { readonly kpis: readonly Kpi[] };

/** What a roll-up did. */
export interface RollUpReport {
  readonly utcDates: number;
  readonly days: number;
  readonly periods: number;
}

type LongerKind = keyof typeof addedUpFrom;

/**
 * Recounts the days whose entries have changed, and the weeks, months, quarters and years that they belong to. Running
 * it again, after a crash anywhere or beside another one, gives the same snapshots: a mark goes last, and only if it is
 * still the one that was read before the counting.
 */
export async function rollUp(asked: RollUp): Promise<RollUpReport> {
  const marks = await readDirty(asked.table, "kpis");
  const dirty = asked.most === undefined ? marks : marks.slice(-asked.most);
  const options: Counting = { ...asked, kpis: typeof asked.kpis === "function" ? await asked.kpis() : asked.kpis };
  const days = [...new Set(dirty.flatMap(({ name }) => localDatesOf(name, options.timeZone)))].sort();
  const standing = new Map<string, readonly Kpi[]>();
  for (const day of days) standing.set(day, await countDay(options, day));
  const periods = longerPeriodsOf(standing);
  for (const { period, kpis } of periods) await sumPeriod({ ...options, kpis }, period);
  for (const mark of dirty) await clearDirty(options.table, "kpis", mark);
  return { utcDates: dirty.length, days: days.length, periods: periods.length };
}

function countDay({ table, kpis, timeZone, now }: Counting, day: string): Promise<readonly Kpi[]> {
  return replaceSnapshots(table, { kpis, period: "day", start: day }, now, async () => {
    const entries = await readEntries(table, instantsOf({ start: day, end: addDays(day, 1) }, timeZone));
    return kpis.map((kpi) => ({ kpi, tally: tallyOf(kpi, entries), groups: groupsBySlice(kpi, entries) }));
  });
}

function groupsBySlice(kpi: Kpi, entries: readonly KpiEntry[]): Counted["groups"] {
  return Object.fromEntries((kpi.slices ?? []).map((slice) => [slice, groupsOf(kpi, slice, entries)]));
}

async function sumPeriod({ table, kpis, now }: Counting, { kind, start, end }: LongerPeriod): Promise<void> {
  const parts = { period: addedUpFrom[kind], from: start, to: addDays(end, -1), consistent: true };
  await replaceSnapshots(table, { kpis, period: kind, start }, now, () =>
    Promise.all(kpis.map((kpi) => sumParts(table, kpi, parts))),
  );
}

async function sumParts(table: Table, kpi: Kpi, parts: PeriodRange): Promise<Counted> {
  const tallies = await readTallies(table, kpi, parts);
  const groups = await Promise.all(
    (kpi.slices ?? []).map(async (slice): Promise<readonly [string, Groups]> => {
      const kept = await readGroups(table, { ...countOf(kpi), slice, ...parts });
      return [
        slice,
        sumGroups(
          kpi,
          kept.map((part) => part.groups),
        ),
      ];
    }),
  );
  const tally = sumTallies(
    kpi,
    tallies.map((part) => part.tally),
  );
  return { kpi, tally, groups: Object.fromEntries(groups) };
}

type LongerPeriod = Period & { readonly kind: LongerKind };

interface Concerned {
  readonly period: LongerPeriod;
  readonly kpis: readonly Kpi[];
}

/** The periods that days belong to, months before what is added up from them, and the KPIs that the days may change. */
function longerPeriodsOf(days: ReadonlyMap<string, readonly Kpi[]>): readonly Concerned[] {
  const concerned = new Map<string, Concerned>();
  for (const kind of periodKinds.filter(isLonger)) {
    for (const [day, kpis] of days) {
      const period = { ...periodContaining(kind, day), kind };
      const name = `${kind}#${period.start}`;
      const known = concerned.get(name)?.kpis ?? [];
      concerned.set(name, { period, kpis: [...new Set([...known, ...kpis])] });
    }
  }
  return [...concerned.values()].filter(({ kpis }) => kpis.length > 0);
}

function isLonger(kind: PeriodKind): kind is LongerKind {
  return kind in addedUpFrom;
}
