import { readOpenAlarms } from "../insight/alarm-store.ts";
import { type Contributions, contributionsOf } from "../insight/contributions.ts";
import { readContributions } from "../insight/watch-store.ts";
import { addDays, localDateAt, periodBefore, periodContaining } from "../kpis/calendar.ts";
import { periodName } from "../kpis/date-words.ts";
import { sumFigures, sumGroups } from "../kpis/groups.ts";
import { addsUp, type Kpi } from "../kpis/kpi.ts";
import { forecastKpi } from "../kpis/kpi-forecast.ts";
import type { PeriodKind } from "../kpis/period.ts";
import { type KpiLine, lineOf, trendLength } from "../kpis/report.ts";
import type { Snapshot } from "../kpis/snapshot.ts";
import { countOf, type PeriodRange, readGroups, readSnapshots } from "../kpis/snapshot-store.ts";
import { type Figures, kpiValue, noFigures } from "../kpis/tally.ts";
import type { Slice, Target } from "../kpis/target.ts";
import { readGroupTargets, readStandards, type Standards } from "../kpis/target-store.ts";
import type { Table } from "../table/client.ts";
import { type Change, causeSentence } from "./cause.ts";
import { type DigestLine, type Findings, hasCounted, isException, pictureDays } from "./digest.ts";
import { isKeptBy } from "./subscription.ts";

export interface GatherOptions {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly now: Date;
  /** One group alone, of the KPIs that are kept by its slice. Causes, alarms and forecasts are the whole account's only. */
  readonly slice?: Slice | undefined;
  /** Whether the roll-up has run right before. */
  readonly fresh?: boolean;
}

/** Reads what there is to tell on the local day that `now` falls on. */
export async function gatherFindings(options: GatherOptions): Promise<Findings> {
  const { table, timeZone, now, slice, fresh = false } = options;
  const date = localDateAt(now, timeZone);
  const kpis = slice === undefined ? options.kpis : options.kpis.filter((kpi) => isKeptBy(kpi, slice.by));
  const [standards, alarms] = await Promise.all([
    readStandards(table),
    slice === undefined ? readOpenAlarms(table, { consistent: true }) : [],
  ]);
  const lines = await Promise.all(kpis.map((kpi) => readLine(options, kpi, date, standards)));
  return {
    date,
    lines,
    alarms: alarms.map(({ kpi, sentence }) => ({ kpi, sentence })),
    slice,
    asOf: now.toISOString(),
    fresh,
    timeZone,
  };
}

async function readLine(options: GatherOptions, kpi: Kpi, date: string, standards: Standards): Promise<DigestLine> {
  const { table, timeZone, now, slice } = options;
  const targets = slice === undefined ? standards.targets : await readGroupTargets(table, kpi.id);
  const ours = targets.filter((target) => target.kpi === kpi.id && isSame(target.slice, slice));
  const period = periodContaining(kindFor(ours), date);
  const first = periodBefore(period, trendLength - 1).start;
  const [trend, days] = await Promise.all([
    readFigures(table, kpi, slice, { period: period.kind, from: first, to: period.start }),
    readFigures(table, kpi, slice, { period: "day", from: addDays(date, -2 * pictureDays), to: addDays(date, -1) }),
  ]);
  const line = digestLine(lineOf(kpi, period, trend, { ...standards, targets, now, timeZone }, slice), days, date);
  if (slice !== undefined || !(line.target !== undefined || hasCounted(line))) return line;
  const [cause, outlook] = await Promise.all([
    isException(line) ? readCause(table, line, days, date) : undefined,
    readOutlook(options, line),
  ]);
  return { ...line, cause, outlook };
}

/** The running period of a ratio is foretold from earlier ones alone, which would deny what it has shown already. */
async function readOutlook({ table, timeZone, now }: GatherOptions, { kpi, period }: KpiLine) {
  const { current, next, method } = await forecastKpi({ table, kpi, period: period.kind, timeZone, now });
  const byDays = current?.by === "days" ? current : null;
  if (byDays === null && next.length === 0) return null;
  return { current: byDays, next, error: method?.backtest.error ?? null };
}

function isSame(one: Slice | undefined, other: Slice | undefined): boolean {
  return one?.by === other?.by && one?.group === other?.group;
}

/** Of several targets the first of these is told of; a month where there is none. */
const kindsByWeight: readonly PeriodKind[] = ["month", "week", "quarter", "year", "day"];

function kindFor(targets: readonly Target[]): PeriodKind {
  return kindsByWeight.find((kind) => targets.some(({ period }) => period === kind)) ?? "month";
}

type Dated = Figures & Pick<Snapshot, "start" | "asOf">;

/** Consistent: the roll-up of a moment ago is to be in it. */
async function readFigures(
  table: Table,
  kpi: Kpi,
  slice: Slice | undefined,
  range: PeriodRange,
): Promise<readonly Dated[]> {
  const own = { ...countOf(kpi), ...range, consistent: true };
  if (slice === undefined) return readSnapshots(table, own);
  const periods = await readGroups(table, { ...own, slice: slice.by });
  return periods.map(({ start, asOf, groups }) => ({ start, asOf, ...(groups[slice.group] ?? noFigures(kpi)) }));
}

function digestLine(line: KpiLine, figures: readonly Dated[], date: string): DigestLine {
  const byDay = new Map(figures.map((of) => [of.start, of]));
  const days = Array.from({ length: pictureDays }, (_, index) => {
    const day = addDays(date, index - pictureDays);
    return { date: day, value: kpiValue(line.kpi, byDay.get(day) ?? noFigures(line.kpi)) };
  });
  const [yesterday, dayBefore] = [days.at(-1)?.value ?? null, days.at(-2)?.value ?? null];
  return { ...line, days, yesterday, dayBefore, outlook: null };
}

/** How an exception has changed, and which group explains most of it. */
async function readCause(table: Table, line: KpiLine, days: readonly Dated[], date: string) {
  const isByDays = addsUp(line.kpi) && line.kpi.cohortDays === undefined;
  const change = await (isByDays ? readChangeOfDays(table, line.kpi, days, date) : readChangeOfPeriods(table, line));
  return change && causeSentence(line.kpi, change);
}

/** Four weeks against the four before: each weekday is in both as often. */
async function readChangeOfDays(table: Table, kpi: Kpi, days: readonly Dated[], date: string): Promise<Change> {
  const middle = addDays(date, -pictureDays);
  const range = { period: "day", from: addDays(date, -2 * pictureDays), to: addDays(date, -1) } as const;
  const lists = await Promise.all(
    (kpi.slices ?? []).map(async (by) => {
      const all = await readGroups(table, { ...countOf(kpi), ...range, slice: by });
      const groupsOf = (isIn: (start: string) => boolean) =>
        sumGroups(
          kpi,
          all.filter(({ start }) => isIn(start)).map(({ groups }) => groups),
        );
      return contributionsOf(
        by,
        groupsOf((start) => start < middle),
        groupsOf((start) => start >= middle),
      );
    }),
  );
  const sumOf = (of: readonly Dated[]) => kpiValue(kpi, of.length === 0 ? noFigures(kpi) : sumFigures(kpi, of));
  return {
    before: sumOf(days.filter(({ start }) => start < middle)),
    after: sumOf(days.filter(({ start }) => start >= middle)),
    beforeName: `the ${pictureDays} days before`,
    afterName: `the last ${pictureDays} days`,
    contributions: lists.filter((list) => list !== undefined),
  };
}

/** What does not add up over days, and a cohort, which takes its time: the latest whole period against the one before. */
async function readChangeOfPeriods(table: Table, { kpi, period, trend }: KpiLine): Promise<Change | undefined> {
  const [before, after] = trend.filter(({ complete }) => complete).slice(-2);
  if (before === undefined || after === undefined) return undefined;
  const { kind } = period;
  const place = { kpi, period: kind, before: before.start, after: after.start };
  const lists: readonly (Contributions | undefined)[] = await Promise.all(
    (kpi.slices ?? []).map((by) => readContributions(table, { ...place, by })),
  );
  return {
    before: before.value,
    after: after.value,
    beforeName: periodName({ kind, start: before.start }),
    afterName: periodName({ kind, start: after.start }),
    contributions: lists.filter((list) => list !== undefined),
  };
}
