import { type Convert, convertBy, mostAgeDays } from "../currency/rate.ts";
import { readRates } from "../currency/rate-store.ts";
import type { Table } from "../table/client.ts";
import { clearDirty, type DirtyMark, noteBegun, readDirty, settleDirty } from "../table/dirty-store.ts";
import { addDays, instantsOf, localDateAt, localDatesOf } from "./calendar.ts";
import { type Counted, replaceSnapshots } from "./count-store.ts";
import type { KpiEntry } from "./entry.ts";
import { readEntries } from "./entry-store.ts";
import { groupsOf } from "./groups.ts";
import { activityOf, type Kpi } from "./kpi.ts";
import { type CountedDay, longerPeriodsOf } from "./longer-periods.ts";
import { sumPeriods } from "./sum-periods.ts";
import { activePeopleOf, tallyOf } from "./tally.ts";

export interface RollUp {
  readonly table: Table;
  /** As a function it is asked once the marks are read: who defines a KPI and marks days for it later finds them marked. */
  readonly kpis: readonly Kpi[] | (() => Promise<readonly Kpi[]>);
  readonly timeZone: string;
  readonly now: () => Date;
  /** UTC dates at the most, the newest first; the others keep their marks. */
  readonly most?: number;
  /** UTC dates from one to another, both included; the others keep their marks. */
  readonly within?: { readonly from: string; readonly to: string };
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

/**
 * Recounts the days whose entries have changed, and the weeks, months, quarters and years that they belong to. Running
 * it again, after a crash anywhere or beside another one, gives the same snapshots: a mark goes last, and only if it is
 * still the one that was read before the counting.
 */
export async function rollUp(asked: RollUp): Promise<RollUpReport> {
  const began = asked.now();
  const marks = (await readDirty(asked.table, "kpis")).filter(({ name }) => isWithin(name, asked.within));
  const dirty = asked.most === undefined ? marks : marks.slice(-asked.most);
  const options: Counting = { ...asked, kpis: typeof asked.kpis === "function" ? await asked.kpis() : asked.kpis };
  const counting = {
    ...options,
    marks: dirty.map((mark) => ({
      mark,
      isWhole: mark.pending === true,
      isTorn: mark.begun === true,
      isNoted: false,
    })),
  };
  const days = [...new Set(dirty.flatMap(({ name }) => localDatesOf(name, options.timeZone)))].sort();
  const counted = new Map<string, CountedDay>();
  for (const day of days) counted.set(day, await countDay(counting, day));
  const periods = longerPeriodsOf(counted, options.kpis, localDateAt(options.now(), options.timeZone));
  await sumPeriods(options, periods);
  for (const { mark } of counting.marks) {
    if (asked.keepsMarks) await settleDirty(options.table, "kpis", mark);
    else await clearDirty(options.table, "kpis", mark, began);
  }
  return { utcDates: dirty.length, days: days.length, periods: periods.length };
}

function isWithin(date: string, span: RollUp["within"]): boolean {
  return span === undefined || (span.from <= date && date <= span.to);
}

/** A mark as this roll-up knows it. */
interface Known {
  mark: DirtyMark;
  /** Whether all of its days is to be counted in their periods, changed or not. */
  readonly isWhole: boolean;
  /** Whether another roll-up may have died while it wrote what the mark stands for. */
  isTorn: boolean;
  /** Whether this one has noted that it writes it. */
  isNoted: boolean;
}

/**
 * Counts a day. Of a day that turns out to have changed, its marks say so before it is written: after a crash nothing else
 * would tell that it is half written, and that the longer periods lack it.
 */
async function countDay(options: Counting & { readonly marks: readonly Known[] }, day: string): Promise<CountedDay> {
  const { table, kpis, timeZone, now, marks } = options;
  const own = marks.filter(({ mark }) => localDatesOf(mark.name, timeZone).includes(day));
  const isTorn = () => own.some((known) => known.isTorn);
  const count = async () => {
    const [entries, rates] = await Promise.all([
      readEntries(table, instantsOf({ start: day, end: addDays(day, 1) }, timeZone)),
      readRates(table, { from: addDays(day, -mostAgeDays), to: day, consistent: true }),
    ]);
    return kpis.map((kpi) => countOfDay(kpi, entries, convertBy(rates)));
  };
  const beforeChange = async () => {
    for (const known of own.filter(({ isNoted }) => !isNoted)) {
      const { mark, wasBegun } = await noteBegun(table, "kpis", known.mark);
      Object.assign(known, { mark, isNoted: true, isTorn: known.isTorn || wasBegun });
    }
    return isTorn();
  };
  const { standing, changed } = await replaceSnapshots(table, { period: "day", start: day }, now, count, {
    isTorn: isTorn(),
    beforeChange,
  });
  const isWhole = own.some((known) => known.isWhole) || isTorn();
  return { kpis: isWhole ? standing : changed, isWhole, isTorn: isTorn() };
}

function countOfDay(kpi: Kpi, entries: readonly KpiEntry[], convert: Convert): Counted {
  const activity = activityOf(kpi);
  const groups = (kpi.slices ?? []).map((slice) => [slice, groupsOf(kpi, slice, entries, convert)]);
  return {
    kpi,
    tally: tallyOf(kpi, entries, convert),
    groups: Object.fromEntries(groups),
    ...(activity && { people: activePeopleOf(activity, entries) }),
  };
}
