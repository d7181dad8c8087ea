import type { Table } from "../table/client.ts";
import { snapshotsOn } from "./board.ts";
import { elapsedShare, localDateAt, periodBefore, periodContaining } from "./calendar.ts";
import { isCumulative, type Kpi } from "./kpi.ts";
import type { Period, PeriodKind } from "./period.ts";
import { type Shape, shareDue } from "./shape.ts";
import { isComplete, type Snapshot } from "./snapshot.ts";
import { countOf, readBoards, readGroups, readSnapshots } from "./snapshot-store.ts";
import { type Figures, kpiValue, noFigures } from "./tally.ts";
import { dueByNow, type Goal, goalOf, isTargetOf, type Slice, type Status, statusOf, type Target } from "./target.ts";
import { readGroupTargets, readStandards, type Standards } from "./target-store.ts";

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
  /** Absent for the whole account. */
  readonly slice?: Slice;
  readonly period: Period;
  readonly value: number | null;
  readonly complete: boolean;
  /** When the figures were counted; null when nothing has been counted for the period. */
  readonly asOf: string | null;
  readonly target: Goal | undefined;
  readonly status: Status;
  /** What a count is due to have reached by now (where less is better: not to have passed); null where that is no question. */
  readonly due: number | null;
  /** The latest complete period before this one, and the difference to it (complete against complete only). */
  readonly previous: { readonly start: string; readonly value: number | null } | null;
  readonly change: number | null;
  /** Oldest first; ends with this period. */
  readonly trend: readonly TrendPoint[];
}

interface Calendar {
  readonly timeZone: string;
  readonly now: Date;
}

interface PeriodChoice {
  readonly period: PeriodKind;
  /** A local date inside the period; today when left out. */
  readonly date?: string | undefined;
}

export interface ReportOptions extends Calendar, PeriodChoice {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  /** What a roll-up of a moment ago has counted is to be in it. */
  readonly consistent?: boolean;
}

/** Every KPI in one period: one query for all of them and one for the targets, whatever the number of events. */
export async function kpiReport(options: ReportOptions): Promise<readonly KpiLine[]> {
  const { period, range } = trendOf(options);
  const [standards, boards] = await Promise.all([
    readStandards(options.table),
    readBoards(options.table, { ...range, consistent: options.consistent ?? false }),
  ]);
  return options.kpis.map((kpi) => lineOf(kpi, period, snapshotsOn(boards, kpi), { ...standards, ...options }));
}

/** One KPI in one period. */
export async function kpiLine(kpi: Kpi, options: Omit<ReportOptions, "kpis">): Promise<KpiLine> {
  const { period, range } = trendOf(options);
  const [standards, snapshots] = await Promise.all([
    readStandards(options.table),
    readSnapshots(options.table, { ...countOf(kpi), ...range }),
  ]);
  return lineOf(kpi, period, snapshots, { ...standards, ...options });
}

function trendOf(choice: Calendar & PeriodChoice) {
  const period = chosenPeriod(choice);
  const from = periodBefore(period, trendLength - 1).start;
  return { period, range: { period: period.kind, from, to: period.start } };
}

function chosenPeriod({ period, date, now, timeZone }: Calendar & PeriodChoice): Period {
  return periodContaining(period, date ?? localDateAt(now, timeZone));
}

/** One group of a KPI in one period. */
export type GroupLine = Figures & { readonly group: string } & Pick<KpiLine, "value" | "target" | "status">;

/** A KPI's groups of a slice in one period, the largest first; a group with a target is there whatever was counted of it. */
export async function groupReport(
  options: Calendar & PeriodChoice & { readonly table: Table; readonly kpi: Kpi; readonly by: string },
): Promise<readonly GroupLine[]> {
  const { table, kpi, by } = options;
  const period = chosenPeriod(options);
  const place = { ...countOf(kpi), slice: by, period: period.kind, from: period.start, to: period.start };
  const [[found], targets, { shapes }] = await Promise.all([
    readGroups(table, place),
    readGroupTargets(table, kpi.id),
    readStandards(table),
  ]);
  const ours = new Map(
    targets.flatMap((target) =>
      target.period === period.kind && target.slice?.by === by ? [[target.slice.group, target] as const] : [],
    ),
  );
  const counted = Object.entries(found?.groups ?? {}).sort(([, one], [, other]) => other.n - one.n);
  const uncounted = [...ours.keys()].filter((group) => found?.groups[group] === undefined);
  return [...counted, ...uncounted.map((group) => [group, noFigures(kpi)] as const)].map(([group, figures]) => {
    const value = kpiValue(kpi, figures);
    const { target, status } = standingOf(kpi, period, value, ours.get(group), { ...options, shapes });
    return { group, value, ...figures, target, status };
  });
}

/** What a line is judged by. */
export type Judging = Calendar & Partial<Standards>;

/** One line of the report, from the snapshots of its trend. A period without a snapshot saw no fact. */
export function lineOf(
  kpi: Kpi,
  period: Period,
  snapshots: readonly (Figures & Pick<Snapshot, "start" | "asOf">)[],
  judging: Judging,
  slice?: Slice,
): KpiLine {
  const { now, timeZone, targets = [] } = judging;
  const byStart = new Map(snapshots.map((snapshot) => [snapshot.start, snapshot]));
  const none = noFigures(kpi);
  const figuresAt = (start: string): Figures => byStart.get(start) ?? none;
  const trend = Array.from({ length: trendLength }, (_, index) => {
    const at = periodBefore(period, trendLength - 1 - index);
    return { start: at.start, value: kpiValue(kpi, figuresAt(at.start)), complete: isComplete(kpi, at, now, timeZone) };
  });
  const complete = isComplete(kpi, period, now, timeZone);
  const { numerator, denominator, n, facts, leftOut, unrated } = figuresAt(period.start);
  const value = kpiValue(kpi, { numerator, denominator, n, facts, leftOut });
  const earlier = trend.slice(0, -1).findLast((point) => point.complete);
  const target = targets.find((candidate) => isTargetOf(candidate, { kpi: kpi.id, period: period.kind, slice }));
  return {
    kpi,
    ...(slice !== undefined && { slice }),
    period,
    numerator,
    denominator,
    n,
    facts,
    leftOut,
    ...(unrated !== undefined && { unrated }),
    value,
    complete,
    asOf: byStart.get(period.start)?.asOf ?? null,
    ...standingOf(kpi, period, value, target, judging),
    previous: earlier === undefined ? null : { start: earlier.start, value: earlier.value },
    change: complete ? difference(value, earlier?.value) : null,
    trend,
  };
}

/** How a value stands against its target in a period. */
function standingOf(
  kpi: Kpi,
  period: Period,
  value: number | null,
  target: Target | undefined,
  { now, timeZone, shapes = [] }: Calendar & { readonly shapes?: readonly Shape[] },
): Pick<KpiLine, "target" | "status" | "due"> {
  const goal = target && goalOf(target, period.start);
  const elapsed = elapsedShare(period, now, timeZone);
  const shape = shapes.find((candidate) => candidate.kpi === kpi.id && candidate.period === period.kind);
  const standing = {
    value,
    target: goal?.target,
    direction: kpi.direction,
    complete: isComplete(kpi, period, now, timeZone),
    elapsed,
    due: shareDue(elapsed, shape),
    cumulative: isCumulative(kpi),
  };
  return { target: goal, status: statusOf(standing), due: dueByNow(kpi, standing) };
}

function difference(value: number | null, earlier: number | null | undefined): number | null {
  return value === null || earlier === null || earlier === undefined ? null : value - earlier;
}
