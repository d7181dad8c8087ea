import type { Table } from "../table/client.ts";
import { addDays, localDateAt, periodBefore, periodContaining } from "./calendar.ts";
import { periodName } from "./date-words.ts";
import { activityOf, isStanding, type Kpi, measuresOf } from "./kpi.ts";
import { isRolling, rollingDays, type SeriesKind } from "./period.ts";
import { isComplete } from "./snapshot.ts";
import { countOf, readSnapshots, readTallies } from "./snapshot-store.ts";
import type { Span } from "./standing.ts";
import { readStandings } from "./standing-store.ts";
import { type Figures, figuresOf, kpiValue, noFigures, sumTallies, type Tally } from "./tally.ts";

export interface SeriesPoint extends Span, Figures {
  /** `FY2027 Q1`; of a window its last day. */
  readonly label: string;
  readonly value: number | null;
  readonly complete: boolean;
  /** The difference to the period before (of a window: to the one that ends where it begins); complete against complete only. */
  readonly change: number | null;
}

export interface SeriesOptions {
  readonly table: Table;
  readonly kpi: Kpi;
  readonly timeZone: string;
  readonly now: Date;
  readonly period: SeriesKind;
  /** A local date in the last period, or the last day of the last window; today when left out. */
  readonly date?: string | undefined;
  readonly points: number;
}

/** A KPI's values, oldest first. */
export async function readSeries(options: SeriesOptions): Promise<readonly SeriesPoint[]> {
  const { period, points } = options;
  const last = options.date ?? localDateAt(options.now, options.timeZone);
  if (isRolling(period) || isFoundWhenAsked(options)) {
    const length = isRolling(period) ? rollingDays[period] : 1;
    const spans = Array.from({ length: points }, (_, at) => windowEnding(addDays(last, at + 2 - points), length));
    const before = spans.map(({ start }) => windowEnding(start, length));
    const figures = await windowFigures(options, [...spans, ...before]);
    return spans.map((span, at) => pointOf(options, span, figures[at], before[at], figures[at + points]));
  }
  const end = periodContaining(period, last);
  const spans = Array.from({ length: points + 1 }, (_, at) => periodBefore(end, points - at));
  const range = { ...countOf(options.kpi), period, from: spans[0]?.start ?? end.start, to: end.start };
  const known = new Map((await readSnapshots(options.table, range)).map((snapshot) => [snapshot.start, snapshot]));
  return spans.slice(1).map((span, at) => {
    const before = spans[at];
    return pointOf(options, span, known.get(span.start), before, before && known.get(before.start));
  });
}

/** Who is active is told of weeks and longer periods; of a day it is found when it is asked for. */
function isFoundWhenAsked({ kpi, period }: SeriesOptions): boolean {
  return period === "day" && activityOf(kpi) !== undefined;
}

function windowEnding(end: string, days: number): Span {
  return { start: addDays(end, -days), end };
}

function pointOf(
  { kpi, now, timeZone, period }: SeriesOptions,
  { start, end }: Span,
  found: Figures | undefined,
  before: Span | undefined,
  foundBefore: Figures | undefined,
): SeriesPoint {
  const none = noFigures(kpi);
  const { numerator, denominator, n, facts, leftOut } = found ?? none;
  const value = kpiValue(kpi, found ?? none);
  const earlier = kpiValue(kpi, foundBefore ?? none);
  const complete = isComplete(kpi, { start, end }, now, timeZone);
  const comparable = before !== undefined && complete && value !== null && earlier !== null;
  return {
    start,
    end,
    label: isRolling(period)
      ? `${rollingDays[period]} days to ${periodName({ kind: "day", start: addDays(end, -1) })}`
      : periodName({ kind: period, start }),
    value,
    numerator,
    denominator,
    n,
    facts,
    leftOut,
    complete,
    change: comparable ? value - earlier : null,
  };
}

/** The figures of any spans, made of whole months and of the days beside them. */
async function windowFigures(options: SeriesOptions, spans: readonly Span[]): Promise<readonly Figures[]> {
  const { table, kpi, now, timeZone } = options;
  const activity = activityOf(kpi);
  const today = localDateAt(now, timeZone);
  const standings = activity === undefined ? [] : await readStandings({ table, activity, today }, spans);
  // Where all is told by who is active, no sums of the days are needed.
  const isAllOfPeople = measuresOf(kpi).every(({ measure }) => isStanding(measure));
  const parts = spans.map((span) => (isAllOfPeople ? [] : partsOf(span)));
  const known = new Map<string, Tally>();
  for (const period of ["day", "month"] as const) {
    const starts = parts.flat().flatMap((part) => (part.period === period ? part.start : []));
    const runs = await Promise.all(runsOf(period, starts).map((run) => readTallies(table, kpi, { period, ...run })));
    for (const { start, tally } of runs.flat()) known.set(`${period} ${start}`, tally);
  }
  return parts.map((of, at) => {
    const tallies = of.flatMap(({ period, start }) => known.get(`${period} ${start}`) ?? []);
    const standing = standings[at];
    return figuresOf(kpi, { ...sumTallies(kpi, tallies), ...(standing !== undefined && { standing }) });
  });
}

interface Part {
  readonly period: "day" | "month";
  readonly start: string;
}

/** A span as the fewest days and whole months. */
export function partsOf({ start, end }: Span): readonly Part[] {
  const parts: Part[] = [];
  for (let at = start; at < end; ) {
    const month = periodContaining("month", at);
    const whole = month.start === at && month.end <= end;
    parts.push({ period: whole ? "month" : "day", start: at });
    at = whole ? month.end : addDays(at, 1);
  }
  return parts;
}

/** Neighbouring periods are read together. */
function runsOf(period: "day" | "month", starts: readonly string[]): readonly { from: string; to: string }[] {
  const runs: { from: string; to: string }[] = [];
  for (const start of [...new Set(starts)].sort()) {
    const last = runs.at(-1);
    if (last !== undefined && periodContaining(period, last.to).end === start) last.to = start;
    else runs.push({ from: start, to: start });
  }
  return runs;
}
