import { localDateAt, periodBefore, periodContaining } from "../kpis/calendar.ts";
import { isCumulative, type Kpi } from "../kpis/kpi.ts";
import type { Period } from "../kpis/period.ts";
import { isComplete, type Snapshot } from "../kpis/snapshot.ts";
import { kpiValue, noFigures } from "../kpis/tally.ts";

/** The kinds of periods that are watched. */
export const watchedKinds = ["week", "month"] as const;
export type WatchedKind = (typeof watchedKinds)[number];

/** A KPI in one complete period. */
export interface Point {
  readonly start: string;
  readonly end: string;
  readonly value: number | null;
  readonly numerator: number;
  readonly denominator: number | null;
  readonly n: number;
}

export interface Calendar {
  readonly timeZone: string;
  readonly now: Date;
}

/** The complete periods from the first with data to the newest, in order; one without a snapshot saw no fact. */
export function completePoints(
  kpi: Kpi,
  kind: WatchedKind,
  snapshots: readonly Pick<Snapshot, "start" | "numerator" | "denominator" | "n" | "facts" | "leftOut">[],
  { timeZone, now }: Calendar,
): readonly Point[] {
  const byStart = new Map(snapshots.map((snapshot) => [snapshot.start, snapshot]));
  const first = snapshots.find(({ n }) => n > 0)?.start;
  const today = localDateAt(now, timeZone);
  const points: Point[] = [];
  for (let period = first && periodContaining(kind, first); period; period = after(period)) {
    if (period.start > today || !isComplete(kpi, period, now, timeZone)) break;
    const figures = byStart.get(period.start) ?? noFigures(kpi);
    const { numerator, denominator, n } = figures;
    points.push({ start: period.start, end: period.end, value: kpiValue(kpi, figures), numerator, denominator, n });
  }
  return points;
}

function after(period: Period): Period {
  return periodBefore(period, -1);
}

export function daysOf({ start, end }: Pick<Point, "start" | "end">): number {
  return Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000);
}

/** Whether a value counts people or facts, so that its chance variation is known. */
export function isCount({ numerator, less, denominator }: Kpi): boolean {
  const counts = numerator.aggregate === "count" || numerator.aggregate === "distinct";
  return counts && less === undefined && denominator === undefined;
}

/** Whether a value is a share of people or facts. */
export function isShare({ format, numerator, less, denominator }: Kpi): boolean {
  const ofPeople = ["lost", "kept"].includes(numerator.aggregate) && denominator?.aggregate === "active";
  const counts = ofPeople || (numerator.aggregate === "count" && denominator?.aggregate === "count");
  return counts && less === undefined && format === "percent";
}

/** Whether one value is worse than another. A count is held against the days that it had: February is short. */
export function isWorse(kpi: Kpi, before: Point, after: Point): boolean {
  if (before.value === null || after.value === null) return false;
  const worse = (from: number, to: number) => (kpi.direction === "up" ? to < from : to > from);
  if (!isCumulative(kpi)) return worse(before.value, after.value);
  return worse(before.value, after.value) && worse(before.value / daysOf(before), after.value / daysOf(after));
}
