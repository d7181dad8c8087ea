import type { Action } from "../actions/action.ts";
import { listActions } from "../actions/action-store.ts";
import { outcomeOf } from "../actions/promise.ts";
import { readThemeReport, type ThemesOfPeriod } from "../feedback/theme-report-store.ts";
import { snapshotsOn } from "../kpis/board.ts";
import { localDateAt, periodBefore } from "../kpis/calendar.ts";
import type { Kpi } from "../kpis/kpi.ts";
import type { Period } from "../kpis/period.ts";
import { type KpiLine, kpiReport } from "../kpis/report.ts";
import { readBoards } from "../kpis/snapshot-store.ts";
import { kpiValue, noFigures } from "../kpis/tally.ts";
import type { Table } from "../table/client.ts";
import { type Gathered, type Review, reviewIdOf } from "./review.ts";
import { readReview } from "./review-store.ts";

export interface Gathering {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly now: Date;
}

/** Open actions beyond these are listed by their own route. */
const mostOpenActions = 200;
const mostPromises = 500;

/** What a review of a period that is over looks at, as it stands now. */
export async function gather({ table, kpis, timeZone, now }: Gathering, period: Period): Promise<Gathered> {
  const before = reviewIdOf(periodBefore(period));
  const [lines, themes, open, earlier, promised] = await Promise.all([
    kpiReport({ table, kpis, timeZone, now, period: period.kind, date: period.start, consistent: true }),
    readThemeReport(table, period, { timeZone, today: localDateAt(now, timeZone) }),
    listActions(table, { state: "open", owner: undefined, origin: undefined, limit: mostOpenActions }),
    readReview(table, before),
    actionsOf(table, before),
  ]);
  return {
    asOf: now.toISOString(),
    kpis: lines.filter(saysSomething).map(kpiOf),
    themes: themesOf(themes),
    openActions: { items: open.items.map(shown), truncated: open.nextCursor !== null },
    promises: {
      review: earlier?.id ?? null,
      items: promised.map((action) => ({ ...shown(action), outcome: outcomeOf(action, timeZone) })),
    },
  };
}

/** What was promised in a review, what is due first first. */
export async function actionsOf(table: Table, review: string): Promise<readonly Action[]> {
  const origin = { kind: "review", of: review } as const;
  const { items } = await listActions(table, { state: undefined, owner: undefined, origin, limit: mostPromises });
  return items.toSorted((one, other) => (one.dueOn < other.dueOn ? -1 : 1));
}

/** Not every company has tickets and deals: what nobody has a target for and nothing was counted of is left out. */
function saysSomething({ target, value, n, previous }: KpiLine): boolean {
  return target !== undefined || (value !== null && n > 0) || (previous?.value ?? 0) !== 0;
}

function kpiOf({ kpi, value, n, leftOut, complete, target, status, previous, change }: KpiLine) {
  const { id, title, format, currency, direction, version } = kpi;
  return {
    ...{ kpi: id, title, format, direction, version, value, n, leftOut, complete },
    ...(currency !== undefined && { currency }),
    ...{ target: target?.target ?? null, owner: target?.owner ?? null, status, previous, change },
  };
}

function themesOf({ comments, previousComments, truncated, lines }: ThemesOfPeriod): Gathered["themes"] {
  const items = lines
    .filter(({ count, previousCount }) => count + previousCount > 0)
    .map(({ theme, title, count, share, previousShare, p, significant, meanSentiment }) => ({
      ...{ theme, title, count, share, previousShare, p, significant, meanSentiment },
    }));
  return { comments, previousComments, truncated, items };
}

function shown({ id, what, owner, dueOn, state, missedOn, origin }: Action) {
  return { id, what, owner, dueOn, state, missedOn, origin };
}

/** A figure that is another by now: facts came late, or were corrected. */
export interface LateFigure {
  readonly kpi: string;
  readonly value: number | null;
  /** When it was counted. */
  readonly asOf: string | null;
}

/** What has become of the figures of a review since they were gathered. */
export async function readLateFigures(
  table: Table,
  { period, start }: Pick<Review, "period" | "start">,
  gathered: Gathered,
  kpis: readonly Kpi[],
): Promise<readonly LateFigure[]> {
  const boards = await readBoards(table, { period, from: start, to: start });
  return gathered.kpis.flatMap(({ kpi: id, version, value: was }) => {
    const kpi = kpis.find((candidate) => candidate.id === id && candidate.version === version);
    if (kpi === undefined) return [];
    const [snapshot] = snapshotsOn(boards, kpi);
    const value = kpiValue(kpi, snapshot ?? noFigures(kpi));
    return value === was ? [] : [{ kpi: id, value, asOf: snapshot?.asOf ?? null }];
  });
}
