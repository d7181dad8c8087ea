import type { Kpi } from "../kpis/kpi.ts";
import { daysOf, isCount, isShare, isWorse, type Point } from "./points.ts";
import { alpha, testOfCounts, testOfOrder, testOfShares, type Verdict } from "./significance.ts";

/** Three declines in a row: four points. */
export const fewestDeclines = 3;

/** What each of the values must rest on at least; of a count the highest alone, since one that falls to nothing must be told. */
export const fewestFacts = 30;

export interface Decline {
  /** From the last value before the fall to the newest. */
  readonly points: readonly Point[];
  /** Undefined unless there are enough declines, facts and significance for an alarm. */
  readonly verdict: Verdict | undefined;
}

/** The fall that the newest complete period ends; undefined when that was no decline. */
export function declineIn(kpi: Kpi, points: readonly Point[]): Decline | undefined {
  let from = points.length - 1;
  for (; from > 0; from--) {
    const [before, after] = [points[from - 1], points[from]];
    if (before === undefined || after === undefined || !isWorse(kpi, before, after)) break;
  }
  const fall = points.slice(from);
  return fall.length < 2 ? undefined : { points: fall, verdict: verdictOf(kpi, fall) };
}

function verdictOf(kpi: Kpi, fall: readonly Point[]): Verdict | undefined {
  const [first, last] = [fall[0], fall.at(-1)];
  if (first === undefined || last === undefined || fall.length <= fewestDeclines) return undefined;
  const resting = isCount(kpi) ? [Math.max(first.n, last.n)] : fall.map(({ n }) => n);
  if (resting.some((n) => n < fewestFacts)) return undefined;
  const verdict = test(kpi, first, last, fall.length - 1);
  return verdict.p < alpha ? verdict : undefined;
}

/** The first against the last: what lies between has shown its order already. */
function test(kpi: Kpi, first: Point, last: Point, declines: number): Verdict {
  if (isCount(kpi)) {
    const countOf = (point: Point) => ({ count: point.numerator, exposure: daysOf(point) });
    return testOfCounts(countOf(first), countOf(last));
  }
  if (!isShare(kpi)) return testOfOrder(declines);
  const shareOf = (point: Point) => ({ numerator: point.numerator, denominator: point.denominator ?? 0 });
  return testOfShares(shareOf(first), shareOf(last));
}
