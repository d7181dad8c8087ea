import { fewestValues, forecast } from "../kpis/forecast.ts";
import { isCumulative, type Kpi } from "../kpis/kpi.ts";
import { isCount, isShare, type Point, type WatchedKind } from "./points.ts";
import { t99 } from "./significance.ts";
import { fewestFacts } from "./trend.ts";

/** After how many periods a season comes again. */
const seasons: Readonly<Record<WatchedKind, number>> = { week: 52, month: 12 };

/** How many standard errors of a forecast its interval of 80 % has on each side. */
const z80 = 1.2816;

export interface Step {
  readonly point: Point;
  /** What was to be expected, with 99 % from `low` to `high`. */
  readonly expected: { readonly value: number; readonly low: number; readonly high: number };
  readonly better: boolean;
}

/**
 * Whether the newest complete period lies outside of what those before it foretell: beyond the 99 % interval of Student's t
 * by the errors of the forecast's own backtest, and never nearer than chance alone moves a count or a share.
 */
export function stepIn(kpi: Kpi, kind: WatchedKind, points: readonly Point[]): Step | undefined {
  const point = points.at(-1);
  const before = points.slice(0, -1).map(({ value }) => value ?? (isCumulative(kpi) ? 0 : null));
  const known = before.filter((value) => value !== null);
  if (point === undefined || point.value === null || known.length < before.length || known.length < fewestValues)
    return undefined;
  const ahead = forecast(known, { horizon: 1, season: seasons[kind] });
  const next = ahead?.points[0];
  if (ahead === undefined || next === undefined) return undefined;
  if (!isCount(kpi) && point.n < fewestFacts) return undefined;
  if (isCount(kpi) && Math.max(next.value, point.value) < fewestFacts) return undefined;
  const spread = Math.max((next.high - next.value) / z80, chance(kpi, next.value, point.n));
  if (spread === 0) return undefined;
  const reach = t99(ahead.backtest.forecasts) * spread;
  if (Math.abs(point.value - next.value) <= reach) return undefined;
  const least = kpi.less === undefined ? 0 : Number.NEGATIVE_INFINITY;
  const expected = { value: next.value, low: Math.max(least, next.value - reach), high: next.value + reach };
  return { point, expected, better: point.value > next.value === (kpi.direction === "up") };
}

/** The standard error that chance alone brings: of a count by Poisson, of a share by its number of people. */
function chance(kpi: Kpi, expected: number, n: number): number {
  if (isCount(kpi)) return Math.sqrt(Math.max(0, expected));
  if (!isShare(kpi) || n === 0) return 0;
  const share = Math.min(1, Math.max(0, expected));
  return Math.sqrt((share * (1 - share)) / n);
}
