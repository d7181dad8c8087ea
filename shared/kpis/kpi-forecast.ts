import type { Table } from "../table/client.ts";
import { addDays, localDateAt, periodBefore, periodContaining } from "./calendar.ts";
import { type Forecast, type ForecastPoint, fewestValues, forecast } from "./forecast.ts";
import { addsUp, isCumulative, type Kpi, valueBounds } from "./kpi.ts";
import type { Period, PeriodKind } from "./period.ts";
import { isComplete, type Snapshot } from "./snapshot.ts";
import { countOf, readSnapshots } from "./snapshot-store.ts";
import { kpiValue } from "./tally.ts";

/** How many periods after the running one are foretold. */
const periodsAhead = 3;
/** Days whose pattern tells how the running period goes on. */
const daysOfPattern = 84;

/** How far back each kind of period is read, and after how many of them a season comes again. */
const histories: Readonly<Record<PeriodKind, { readonly periods: number; readonly season: number }>> = {
  day: { periods: 84, season: 7 },
  week: { periods: 112, season: 52 },
  month: { periods: 48, season: 12 },
  quarter: { periods: 20, season: 4 },
  year: { periods: 12, season: 1 },
};

export interface PeriodForecast extends ForecastPoint {
  readonly start: string;
  readonly end: string;
}

export interface KpiForecast {
  readonly kpi: string;
  readonly period: PeriodKind;
  /** The running period at its end; null without enough history. */
  readonly current: (PeriodForecast & { readonly soFar: number | null; readonly by: "days" | "periods" }) | null;
  /** The periods after it; empty without enough history. */
  readonly next: readonly PeriodForecast[];
  /** How periods were foretold, and how wrong that was of late; null without enough history. */
  readonly method: Pick<Forecast, "method" | "backtest"> | null;
  /** Complete periods that the forecast rests on. */
  readonly history: number;
  /** What is missing, in words; null when nothing is. */
  readonly missing: string | null;
}

export interface KpiForecastOptions {
  readonly table: Table;
  readonly kpi: Kpi;
  readonly period: PeriodKind;
  readonly timeZone: string;
  readonly now: Date;
}

/**
 * Foretells a KPI to the end of its running period and three periods on. A count's running period is what it has
 * reached, and what the days that remain bring by the pattern of the last twelve weeks; a ratio's is foretold from the
 * periods before it. At most two queries, whatever the number of events.
 */
export async function forecastKpi(options: KpiForecastOptions): Promise<KpiForecast> {
  const { table, kpi, period: kind, timeZone, now } = options;
  const today = localDateAt(now, timeZone);
  const current = periodContaining(kind, today);
  const first = periodBefore(current, histories[kind].periods);
  const byDaysToo = kind !== "day" && isCumulative(kpi) && addsUp(kpi);
  const [periods, days] = await Promise.all([
    readSnapshots(table, { ...countOf(kpi), period: kind, from: first.start, to: current.start }),
    byDaysToo
      ? readSnapshots(table, { ...countOf(kpi), period: "day", from: addDays(today, -daysOfPattern), to: today })
      : undefined,
  ]);
  const history = completeValues(options, periods, current);
  const { season } = histories[kind];
  const steps = stepsTo(current, history.next);
  const ahead = forecast(history.values, { horizon: steps + periodsAhead, season, bounds: valueBounds(kpi) });
  const snapshot = periods.find(({ start }) => start === current.start);
  const soFar = snapshot === undefined ? (isCumulative(kpi) ? 0 : null) : kpiValue(kpi, snapshot);
  const byDays = days && restOf(options, current, days, soFar ?? 0);
  const byPeriods = ahead?.points[steps - 1];
  const point = byDays ?? byPeriods;
  return {
    kpi: kpi.id,
    period: kind,
    current: point === undefined ? null : { ...spanOf(current), ...point, soFar, by: byDays ? "days" : "periods" },
    next: (ahead?.points.slice(steps) ?? []).map((each, index) => ({
      ...spanOf(periodBefore(current, -1 - index)),
      ...each,
    })),
    method: ahead === undefined ? null : { method: ahead.method, backtest: ahead.backtest },
    history: history.values.length,
    missing:
      ahead === undefined
        ? `A forecast needs ${fewestValues} complete periods with data one after another; there are ${history.values.length}.`
        : null,
  };
}

function spanOf({ start, end }: Period) {
  return { start, end };
}

/**
 * The values of the complete periods from the first with data on, and the period after them. A count without a snapshot
 * is 0; a ratio over nothing stays what it was before.
 */
function completeValues(
  { kpi, timeZone, now }: KpiForecastOptions,
  snapshots: readonly Snapshot[],
  current: Period,
): { readonly values: readonly number[]; readonly next: string } {
  const byStart = new Map(snapshots.map((snapshot) => [snapshot.start, snapshot]));
  const values: number[] = [];
  const from = snapshots.find(({ n }) => n > 0)?.start ?? current.start;
  let period = periodContaining(current.kind, from);
  while (period.start < current.start && isComplete(kpi, period, now, timeZone)) {
    const snapshot = byStart.get(period.start);
    const value = snapshot === undefined ? null : kpiValue(kpi, snapshot);
    values.push(value ?? (isCumulative(kpi) ? 0 : (values.at(-1) ?? 0)));
    period = periodBefore(period, -1);
  }
  return { values, next: period.start };
}

/** How many periods after the last complete one the running period is: 1, or more for a cohort that is still young. */
function stepsTo(current: Period, next: string): number {
  let steps = 1;
  for (let period = periodContaining(current.kind, next); period.start < current.start; steps++) {
    period = periodBefore(period, -1);
  }
  return steps;
}

/** A count at the end of its running period: what it had yesterday, and the days from today on. */
function restOf(
  { kpi, now, timeZone }: KpiForecastOptions,
  current: Period,
  snapshots: readonly Snapshot[],
  soFar: number,
): ForecastPoint | undefined {
  const today = localDateAt(now, timeZone);
  const byDay = new Map(snapshots.map((snapshot) => [snapshot.start, kpiValue(kpi, snapshot) ?? 0]));
  const first = snapshots.find(({ n }) => n > 0)?.start ?? today;
  const values: number[] = [];
  for (let day = first; day < today; day = addDays(day, 1)) values.push(byDay.get(day) ?? 0);
  const ahead = forecast(values, { horizon: daysFrom(today, current.end), season: 7, bounds: valueBounds(kpi) });
  if (ahead === undefined) return undefined;
  const sum = (pick: (point: ForecastPoint) => number) => ahead.points.reduce((total, point) => total + pick(point), 0);
  const value = soFar - (byDay.get(today) ?? 0) + sum((point) => point.value);
  // Days err apart from one another, so their variances add up, not their widths.
  const spread = Math.sqrt(sum((point) => (point.high - point.value) ** 2));
  const atLeast = (wanted: number) => (kpi.less === undefined ? Math.max(soFar, wanted) : wanted);
  return { value: atLeast(value), low: atLeast(value - spread), high: atLeast(value + spread) };
}

function daysFrom(start: string, end: string): number {
  return Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000);
}
