import { type Convert, convertBy, mostAgeDays } from "../currency/rate.ts";
import { readRates } from "../currency/rate-store.ts";
import type { Table } from "../table/client.ts";
import { clearDirty, type DirtyMark, notePending, readDirty, settleDirty } from "../table/dirty-store.ts";
import { addDays, instantsOf, localDateAt, localDatesOf, periodBefore, periodContaining } from "./calendar.ts";
import type { KpiEntry } from "./entry.ts";
import { readEntries } from "./entry-store.ts";
import { activityOf, type Kpi } from "./kpi.ts";
import { addedUpFrom, type Period, type PeriodKind, periodKinds } from "./period.ts";
import {
  type Counted,
  countOf,
  type PeriodRange,
  readGroups,
  readTallies,
  replaceSnapshots,
} from "./snapshot-store.ts";
import { readStandings } from "./standing-store.ts";
import { type Groups, groupsOf, sumGroups, sumTallies, tallyOf } from "./tally.ts";

export interface RollUp {
  readonly table: Table;
  /** As a function it is asked once the marks are read: who defines a KPI and marks days for it later finds them marked. */
  readonly kpis: readonly Kpi[] | (() => Promise<readonly Kpi[]>);
  readonly timeZone: string;
  readonly now: () => Date;
  /** UTC dates at the most, the newest first; the others keep their marks. */
  readonly most?: number;
  /** Leaves every mark to the next roll-up, which counts its day once more. */
  readonly keepsMarks?: boolean;
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
  const began = asked.now();
  const marks = await readDirty(asked.table, "kpis");
  const dirty = asked.most === undefined ? marks : marks.slice(-asked.most);
  const options: Counting = { ...asked, kpis: typeof asked.kpis === "function" ? await asked.kpis() : asked.kpis };
  const counting = { ...options, marks: new Map(dirty.map((mark) => [mark.name, mark])) };
  const days = [...new Set(dirty.flatMap(({ name }) => localDatesOf(name, options.timeZone)))].sort();
  const changed = new Map<string, ChangedDay>();
  for (const day of days) changed.set(day, await countDay(counting, day));
  const periods = longerPeriodsOf(changed, options);
  for (const { period, kpis } of periods) await sumPeriod({ ...options, kpis }, period);
  for (const mark of counting.marks.values()) {
    if (asked.keepsMarks) await settleDirty(options.table, "kpis", mark);
    else await clearDirty(options.table, "kpis", mark, began);
  }
  return { utcDates: dirty.length, days: days.length, periods: periods.length };
}

/** What the periods that a day belongs to have to count anew. */
interface ChangedDay {
  readonly kpis: readonly Kpi[];
  /** Whether all of the day is to be counted in them, be it changed or not. */
  readonly isPending: boolean;
}

/**
 * Counts a day. Of a day that turns out to have changed, its marks say so before it is written: after a crash nothing else
 * would tell that the longer periods lack it.
 */
async function countDay(
  options: Counting & { readonly marks: Map<string, DirtyMark> },
  day: string,
): Promise<ChangedDay> {
  const { table, kpis, timeZone, now, marks } = options;
  const own = [...marks.values()].filter(({ name }) => localDatesOf(name, timeZone).includes(day));
  let isPending = own.some(({ pending }) => pending);
  const count = async () => {
    const [entries, rates] = await Promise.all([
      readEntries(table, instantsOf({ start: day, end: addDays(day, 1) }, timeZone)),
      readRates(table, { from: addDays(day, -mostAgeDays), to: day, consistent: true }),
    ]);
    const convert = convertBy(rates);
    return kpis.map((kpi) => ({
      kpi,
      tally: tallyOf(kpi, entries, convert),
      groups: groupsBySlice(kpi, entries, convert),
    }));
  };
  const beforeChange = async () => {
    for (const { name } of own) {
      const mark = marks.get(name);
      if (mark === undefined || mark.pending) continue;
      const noted = await notePending(table, "kpis", mark);
      marks.set(name, noted.mark);
      isPending ||= noted.wasPending;
    }
  };
  const { standing, changed } = await replaceSnapshots(
    table,
    { kpis, period: "day", start: day },
    now,
    count,
    beforeChange,
  );
  return { kpis: isPending ? standing : changed, isPending };
}

function groupsBySlice(kpi: Kpi, entries: readonly KpiEntry[], convert: Convert): Counted["groups"] {
  return Object.fromEntries((kpi.slices ?? []).map((slice) => [slice, groupsOf(kpi, slice, entries, convert)]));
}

async function sumPeriod(options: Counting, { kind, start, end }: LongerPeriod): Promise<void> {
  const { table, kpis, now, timeZone } = options;
  const today = localDateAt(now(), timeZone);
  const parts = { period: addedUpFrom[kind], from: start, to: addDays(end, -1), consistent: true };
  await replaceSnapshots(table, { kpis, period: kind, start }, now, () =>
    Promise.all(
      kpis.map(async (kpi) => {
        const counted = await sumParts(table, kpi, parts);
        const [standing] = await readStandings({ table, kpi, today, consistent: true }, [{ start, end }]);
        return standing === undefined ? counted : { ...counted, tally: { ...counted.tally, standing } };
      }),
    ),
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

/**
 * The periods that days belong to, months before what is added up from them, and the KPIs that the days may change. Who had
 * a fact on a day is active for a while, which the periods after it tell as well, whether or not anything is counted there.
 */
function longerPeriodsOf(
  days: ReadonlyMap<string, ChangedDay>,
  { kpis: all, now, timeZone }: Counting,
): readonly Concerned[] {
  const today = localDateAt(now(), timeZone);
  const activities = all.flatMap((kpi) => {
    const withinDays = activityOf(kpi)?.withinDays;
    return withinDays === undefined ? [] : { kpi, withinDays };
  });
  const concerned = new Map<string, Concerned>();
  const add = (period: LongerPeriod, kpis: readonly Kpi[]) => {
    const name = `${period.kind}#${period.start}`;
    const known = concerned.get(name)?.kpis ?? [];
    concerned.set(name, { period, kpis: [...new Set([...known, ...kpis])] });
  };
  for (const kind of periodKinds.filter(isLonger)) {
    for (const [day, { kpis, isPending }] of days) {
      add({ ...periodContaining(kind, day), kind }, kpis);
      for (const { kpi, withinDays } of activities) {
        if (!isPending && !kpis.includes(kpi)) continue;
        const last = [addDays(day, withinDays), today].sort()[0] ?? day;
        for (let period = periodContaining(kind, day); period.start <= last; period = periodBefore(period, -1))
          add({ ...period, kind }, [kpi]);
      }
    }
  }
  return [...concerned.values()].filter(({ kpis }) => kpis.length > 0);
}

function isLonger(kind: PeriodKind): kind is LongerKind {
  return kind in addedUpFrom;
}
