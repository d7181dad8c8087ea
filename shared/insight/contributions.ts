import type { Groups } from "../kpis/groups.ts";
import type { Figures } from "../kpis/tally.ts";

/** What one group of a slice adds to the change of a KPI between two periods. */
export interface Contribution {
  readonly group: string;
  /** In the KPI's unit; those of all groups add up to the change. */
  readonly change: number;
  /** Of a ratio: by the group's own ratio, and by its share of the denominator. They add up to `change`. */
  readonly rate: number | null;
  readonly mix: number | null;
  /** `change` ÷ the whole change; beyond 1 where others offset it. Null when nothing changed. */
  readonly share: number | null;
}

/** What groups explain of a change: the largest one by one, the others as `rest`. */
export interface Contributions {
  readonly by: string;
  readonly change: number;
  readonly groups: readonly Contribution[];
  readonly rest: Omit<Contribution, "group"> & { readonly groups: number };
}

/** How many groups are told one by one. */
export const mostContributions = 10;

const none = { numerator: 0, denominator: 0 };

/**
 * What each group contributes to the change of a KPI's value from one period to another.
 *
 * Of a count or a sum it is the difference of the group. Of a ratio, with a group's ratio r = n ⁄ d and its share of the
 * denominator w = d ⁄ D: rate = (r₁ − r₀) · (w₀ + w₁) ⁄ 2, mix = (w₁ − w₀) · ((r₀ + r₁) ⁄ 2 − (R₀ + R₁) ⁄ 2), where R is the ratio
 * of all, so that a group that grows counts by how far it is from the average (Kitagawa, "Components of a Difference Between
 * Two Rates", JASA 50, 1955). A group without a denominator in one period has no ratio there: all it contributes is mix.
 *
 * @returns undefined where one of the periods has no value.
 */
export function contributionsOf(by: string, before: Groups, after: Groups): Contributions | undefined {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const pairs = names.map((group) => ({ group, from: before[group] ?? none, to: after[group] ?? none }));
  const isRatio = [...Object.values(before), ...Object.values(after)].some(({ denominator }) => denominator !== null);
  const parts = isRatio ? ratioParts(pairs) : pairs.map(countPart);
  if (parts === undefined) return undefined;
  const whole = sumOf(parts.map(({ change }) => change));
  const share = (change: number) => (whole === 0 ? null : change / whole);
  const ranked = parts.toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change) || (a.group < b.group ? -1 : 1));
  const rest = ranked.slice(mostContributions);
  const restOf = (pick: (part: Part) => number | null) => sumOf(rest.map((part) => pick(part) ?? 0));
  const restChange = restOf(({ change }) => change);
  return {
    by,
    change: whole,
    groups: ranked.slice(0, mostContributions).map((part) => ({ ...part, share: share(part.change) })),
    rest: {
      groups: rest.length,
      change: restChange,
      rate: isRatio ? restOf(({ rate }) => rate) : null,
      mix: isRatio ? restOf(({ mix }) => mix) : null,
      share: share(restChange),
    },
  };
}

type Part = Omit<Contribution, "share">;
type Sides = Pick<Figures, "numerator" | "denominator">;

interface Pair {
  readonly group: string;
  readonly from: Sides;
  readonly to: Sides;
}

function countPart({ group, from, to }: Pair): Part {
  return { group, change: to.numerator - from.numerator, rate: null, mix: null };
}

function ratioParts(pairs: readonly Pair[]): readonly Part[] | undefined {
  const total = (side: "from" | "to", part: keyof Sides) => sumOf(pairs.map((pair) => pair[side][part] ?? 0));
  const [d0, d1] = [total("from", "denominator"), total("to", "denominator")];
  if (d0 === 0 || d1 === 0) return undefined;
  const mean = (total("from", "numerator") / d0 + total("to", "numerator") / d1) / 2;
  return pairs.map(({ group, from, to }) => {
    const [from0, to1] = [from.denominator ?? 0, to.denominator ?? 0];
    const [w0, w1] = [from0 / d0, to1 / d1];
    // w · r, also where w is 0 and r is not known.
    const change = to.numerator / d1 - from.numerator / d0 - mean * (w1 - w0);
    const rate = from0 === 0 || to1 === 0 ? 0 : (to.numerator / to1 - from.numerator / from0) * ((w0 + w1) / 2);
    return { group, change, rate, mix: change - rate };
  });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
