/** How a series may go on: each method is judged by how well it would have foretold what is known already. */
export const methods = ["naive", "seasonal naive", "damped trend", "seasonal damped trend"] as const;
export type Method = (typeof methods)[number];

export interface ForecastPoint {
  readonly value: number;
  /** With 80 % probability the value lies from `low` to `high`, if the future errs as the backtest did. */
  readonly low: number;
  readonly high: number;
}

export interface Forecast {
  readonly method: Method;
  readonly points: readonly ForecastPoint[];
  readonly backtest: Backtest;
}

export interface Backtest {
  /** Mean absolute error of the method, in the unit of the series. */
  readonly error: number;
  /** The same of the naive method, which says that all stays as it is. */
  readonly naiveError: number;
  /** How many values were foretold from those before them. */
  readonly forecasts: number;
}

export interface ForecastOptions {
  /** How many values after the last are wanted. */
  readonly horizon: number;
  /** After how many values a season comes again; 1 for none. */
  readonly season: number;
  /** What no value can leave: nothing is counted below 0, no share is above 1. */
  readonly bounds?: { readonly least?: number; readonly most?: number };
}

/** Fewer values than this are no history to foretell from. */
export const fewestValues = 8;

/** A standard normal lies within ± this with 80 % probability. */
const z80 = 1.2816;

/**
 * Foretells a series by the method that a backtest prefers: from each of the last third of its values on, every method
 * foretells what followed, seeing nothing of it. The smallest mean absolute error wins, the simpler method on a tie. The
 * interval is ± 1.28 root mean squared errors of the same backtest at the same distance, and never narrows with it.
 *
 * Damped trend: Gardner and McKenzie, 1985; with an additive season, Holt and Winters, 1960. Weights by least squares of
 * the one-step errors over a grid.
 *
 * @returns undefined for fewer than eight values.
 */
export function forecast(
  values: readonly number[],
  { horizon, season, bounds = {} }: ForecastOptions,
): Forecast | undefined {
  if (values.length < fewestValues) return undefined;
  const usable = methods.filter((method) => hasHistory(method, values.length, season));
  const tested = usable.map((method) => ({ method, errors: backtest(method, values, season, horizon) }));
  const judged = tested.map((test) => ({ ...test, error: meanOf(test.errors.flat().map(Math.abs)) }));
  const naive = judged[0];
  if (naive === undefined) return undefined;
  const best = judged.reduce((winner, other) => (other.error < winner.error * 0.999 ? other : winner), naive);
  const ahead = run(best.method, values, season);
  let spread = 0;
  const points = Array.from({ length: horizon }, (_, index) => {
    const squares = (best.errors[index] ?? []).map((error) => error ** 2);
    spread = Math.max(spread, squares.length === 0 ? 0 : z80 * Math.sqrt(meanOf(squares)));
    const value = ahead(index + 1);
    return { value: within(value, bounds), low: within(value - spread, bounds), high: within(value + spread, bounds) };
  });
  const forecasts = best.errors.flat().length;
  return { method: best.method, points, backtest: { error: best.error, naiveError: naive.error, forecasts } };
}

/** Foretells the value so many steps after the last. */
type Ahead = (steps: number) => number;

function hasHistory(method: Method, length: number, season: number): boolean {
  // A backtest hides up to a third; what remains must still show two seasons.
  const seen = length - hiddenOf(length);
  return !method.startsWith("seasonal") || (season > 1 && seen >= 2 * season);
}

function hiddenOf(length: number): number {
  return Math.max(3, Math.floor(length / 3));
}

/** The errors of a method, by how many steps ahead: foretold − known. */
function backtest(method: Method, values: readonly number[], season: number, horizon: number): number[][] {
  const errors: number[][] = Array.from({ length: horizon }, () => []);
  for (let origin = values.length - hiddenOf(values.length); origin < values.length; origin++) {
    const ahead = run(method, values.slice(0, origin), season);
    for (let steps = 1; steps <= Math.min(horizon, values.length - origin); steps++) {
      errors[steps - 1]?.push(ahead(steps) - at(values, origin + steps - 1));
    }
  }
  return errors;
}

function run(method: Method, values: readonly number[], season: number): Ahead {
  const last = at(values, values.length - 1);
  switch (method) {
    case "naive":
      return () => last;
    case "seasonal naive":
      return (steps) => at(values, values.length - season + ((steps - 1) % season));
    case "damped trend":
      return smooth(values, 1);
    case "seasonal damped trend":
      return smooth(values, season);
  }
}

const weights = [0.05, 0.15, 0.3, 0.5, 0.8] as const;
const trendWeights = [0, 0.05, 0.15, 0.3] as const;
const dampings = [0.8, 0.9, 0.98] as const;

function smooth(values: readonly number[], season: number): Ahead {
  let best: { readonly squares: number; readonly ahead: Ahead } | undefined;
  for (const level of weights) {
    for (const trend of trendWeights) {
      for (const damping of dampings) {
        for (const seasonal of season > 1 ? weights : [0]) {
          const fitted = smoothBy(values, season, { level, trend, damping, seasonal });
          if (best === undefined || fitted.squares < best.squares) best = fitted;
        }
      }
    }
  }
  return best?.ahead ?? (() => at(values, values.length - 1));
}

interface Weights {
  readonly level: number;
  readonly trend: number;
  readonly damping: number;
  readonly seasonal: number;
}

function smoothBy(values: readonly number[], season: number, weight: Weights) {
  const first = values.slice(0, season);
  let level = meanOf(first);
  let trend = season > 1 ? (meanOf(values.slice(season, 2 * season)) - level) / season : 0;
  const seasonal = first.map((value) => (season > 1 ? value - level : 0));
  let squares = 0;
  for (let index = season; index < values.length; index++) {
    const value = at(values, index);
    const place = index % season;
    const before = level + weight.damping * trend;
    const error = value - (before + at(seasonal, place));
    squares += error ** 2;
    level = before + weight.level * error;
    trend = weight.damping * trend + weight.level * weight.trend * error;
    seasonal[place] = at(seasonal, place) + weight.seasonal * (1 - weight.level) * error;
  }
  const ahead: Ahead = (steps) => {
    let sum = 0;
    for (let step = 1; step <= steps; step++) sum += weight.damping ** step;
    return level + sum * trend + at(seasonal, (values.length + steps - 1) % season);
  };
  return { squares, ahead };
}

function within(value: number, { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }): number {
  return Math.min(most, Math.max(least, value));
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`a series of ${values.length} values has none at ${index}`);
  return value;
}
