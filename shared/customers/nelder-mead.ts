/** A function of several numbers, to be made as small as can be; `Infinity` where it may not go. */
export type Objective = (point: readonly number[]) => number;

export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
}

type Simplex = Minimum[];

/** Of the value, in proportion: of a log-likelihood of 100,000 customers some thousandths. */
const tolerance = 1e-10;
/** Of each number. */
const narrowest = 1e-5;
/** Bounds for a valley without an end: with two starts some 10,000 values are asked for at most. */
const mostSteps = 400;
const mostRestarts = 6;

/**
 * The smallest value that a search finds from several starts, by the simplex method of Nelder & Mead (1965) with its usual
 * coefficients 1, 2, ½, ½. Each search begins anew where it ended, with a fresh simplex, until that gains nothing more: a
 * simplex may collapse before the minimum. Deterministic.
 *
 * @returns the best; its value is `Infinity` when no start led anywhere.
 */
export function minimise(objective: Objective, starts: readonly (readonly number[])[]): Minimum {
  let best: Minimum = { point: [], value: Number.POSITIVE_INFINITY };
  for (const start of starts) {
    const found = searchAgain(objective, start);
    if (best.point.length === 0 || found.value < best.value) best = found;
  }
  return best;
}

function searchAgain(objective: Objective, start: readonly number[]): Minimum {
  let found = search(objective, start, 0.5);
  for (let again = 0; again < mostRestarts; again++) {
    const next = search(objective, found.point, 0.1);
    const gain = found.value - next.value;
    found = next.value < found.value ? next : found;
    if (!(gain > tolerance * Math.abs(found.value))) break;
  }
  return found;
}

function search(objective: Objective, start: readonly number[], width: number): Minimum {
  const at = (point: readonly number[]): Minimum => {
    const value = objective(point);
    return { point, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  };
  const corners = start.map((_, axis) => start.map((value, each) => (each === axis ? value + width : value)));
  let simplex: Simplex = [at(start), ...corners.map(at)].toSorted(byValue);
  for (let step = 0; step < mostSteps && !hasCollapsed(simplex); step++) simplex = nextSimplex(simplex, at);
  return simplex[0] ?? at(start);
}

function nextSimplex(simplex: Simplex, at: (point: readonly number[]) => Minimum): Simplex {
  const [best, worst, second] = [simplex[0], simplex.at(-1), simplex.at(-2)];
  if (best === undefined || worst === undefined || second === undefined) return simplex;
  const others = simplex.slice(0, -1);
  const centre = best.point.map(
    (_, axis) => others.reduce((sum, { point }) => sum + (point[axis] ?? 0), 0) / others.length,
  );
  /** A point on the line from the worst corner through the centre: 1 is the worst one's mirror image. */
  const along = (share: number) => at(centre.map((value, axis) => value + share * (value - (worst.point[axis] ?? 0))));
  const withCorner = (corner: Minimum) => [...others, corner].toSorted(byValue);

  const reflected = along(1);
  if (reflected.value < best.value) {
    const expanded = along(2);
    return withCorner(expanded.value < reflected.value ? expanded : reflected);
  }
  if (reflected.value < second.value) return withCorner(reflected);
  const contracted = reflected.value < worst.value ? along(0.5) : along(-0.5);
  if (contracted.value < Math.min(reflected.value, worst.value)) return withCorner(contracted);
  const shrunk = simplex
    .slice(1)
    .map(({ point }) => at(point.map((value, axis) => (value + (best.point[axis] ?? 0)) / 2)));
  return [best, ...shrunk].toSorted(byValue);
}

function hasCollapsed(simplex: Simplex): boolean {
  const [best, worst] = [simplex[0], simplex.at(-1)];
  if (best === undefined || worst === undefined) return true;
  const isFlat = worst.value - best.value <= tolerance * (Math.abs(best.value) + tolerance);
  const isSmall = simplex.every(({ point }) =>
    point.every((value, axis) => Math.abs(value - (best.point[axis] ?? 0)) <= narrowest),
  );
  return isFlat && isSmall;
}

function byValue(one: Minimum, other: Minimum): number {
  return one.value - other.value || 0;
}
