import type { Table } from "../table/client.ts";
import { snapshotsOn } from "./board.ts";
import { elapsedShare, localDateAt, periodBefore, periodContaining } from "./calendar.ts";
import { isCumulative, type Kpi } from "./kpi.ts";
import type { Period, PeriodKind } from "./period.ts";
import { isComplete, type Snapshot } from "./snapshot.ts";
import { countOf, readBoards, readSnapshots } from "./snapshot-store.ts";
import { type Figures, kpiValue, noFigures } from "./tally.ts";
import { type Status, statusOf, type Target } from "./target.ts";
import { readTarget, readTargets } from "./target-store.ts";

/** How many periods a trend shows, the current one included. */
export const trendLength = 13;

export interface TrendPoint {
  readonly start: string;
  readonly value: number | null;
  readonly complete: boolean;
}

/** One KPI in one period, against its target and its past. */
export interface KpiLine extends Figures {
  readonly kpi: Kpi;
  readonly period: Period;
  readonly value: number | null;
  readonly complete: boolean;
  /** When the figures were counted; null when nothing has been counted for the period. */
  readonly asOf: string | null;
  readonly target: Target | undefined;
  readonly status: Status;
  /** The latest complete period before this one, and the difference to it (complete against complete only). */
  readonly previous: { readonly start: string; readonly value: number | null } | null;
  readonly change: number | null;
  /** Oldest first; ends with this period. */
  readonly trend: readonly TrendPoint[];
}

export interface ReportOptions {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly now: Date;
  readonly period: PeriodKind;
  /** A local date inside the period; today when left out. */
  readonly date?: string | undefined;
}

/** Every KPI in one period: one query for all of them and one for the targets, whatever the number of events. */
export async function kpiReport(options: ReportOptions): Promise<readonly KpiLine[]> {
  const { period, range } = trendOf(options);
  const [targets, boards] = await Promise.all([readTargets(options.table), readBoards(options.table, range)]);
  return options.kpis.map((kpi) => {
    const target = targets.find((candidate) => candidate.kpi === kpi.id);
    return lineOf(kpi, period, snapshotsOn(boards, kpi), target, options);
  });
}

/** One KPI in one period. */
export async function kpiLine(kpi: Kpi, options: Omit<ReportOptions, "kpis">): Promise<KpiLine> {
  const { period, range } = trendOf(options);
  const [target, snapshots] = await Promise.all([
    readTarget(options.table, kpi.id),
    readSnapshots(options.table, { ...countOf(kpi), ...range }),
  ]);
  return lineOf(kpi, period, snapshots, target, options);
}

function trendOf({ period: kind, date, now, timeZone }: Omit<ReportOptions, "kpis">) {
  const period = periodContaining(kind, date ?? localDateAt(now, timeZone));
  const from = periodBefore(period, trendLength - 1).start;
  return { period, range: { period: kind, from, to: period.start } };
}

/** One line of the report, from the snapshots of its trend. A period without a snapshot saw no fact. */
export function lineOf(
  kpi: Kpi,
  period: Period,
  snapshots: readonly Snapshot[],
  target: Target | undefined,
  { now, timeZone }: Pick<ReportOptions, "now" | "timeZone">,
): KpiLine {
  const byStart = new Map(snapshots.map((snapshot) => [snapshot.start, snapshot]));
  const none = noFigures(kpi);
  const figuresAt = (start: string): Figures => byStart.get(start) ?? none;
  const trend = Array.from({ length: trendLength }, (_, index) => {
    const at = periodBefore(period, trendLength - 1 - index);
    return { start: at.start, value: kpiValue(kpi, figuresAt(at.start)), complete: isComplete(kpi, at, now, timeZone) };
  });
  const complete = isComplete(kpi, period, now, timeZone);
  const { numerator, denominator, n, facts, leftOut } = figuresAt(period.start);
  const value = kpiValue(kpi, { numerator, denominator, n, facts, leftOut });
  const earlier = trend.slice(0, -1).findLast((point) => point.complete);
  return {
    kpi,
    period,
    numerator,
    denominator,
    n,
    facts,
    leftOut,
    value,
    complete,
    asOf: byStart.get(period.start)?.asOf ?? null,
    target,
    status: statusOf({
      value,
      target: target?.period === period.kind ? target.target : undefined,
      direction: kpi.direction,
      complete,
      elapsed: elapsedShare(period, now, timeZone),
      cumulative: isCumulative(kpi),
    }),
    previous: earlier === undefined ? null : { start: earlier.start, value: earlier.value },
    change: complete ? difference(value, earlier?.value) : null,
    trend,
  };
}

function difference(value: number | null, earlier: number | null | undefined): number | null {
  return value === null || earlier === null || earlier === undefined ? null : value - earlier;
}
