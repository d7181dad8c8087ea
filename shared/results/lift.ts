import type { Arm, Counts } from "./counts.ts";

/** 97.5 % point of the normal distribution: intervals of 95 %. */
const z95 = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of a rate, 95 %.
 *
 * @param hits out of `n`, which is at least 1
 * @see Wilson 1927; without continuity correction
 */
export function wilson(hits: number, n: number): Interval {
  const rate = hits / n;
  const square = z95 * z95;
  const middle = (rate + square / (2 * n)) / (1 + square / n);
  const reach = (z95 / (1 + square / n)) * Math.sqrt((rate * (1 - rate)) / n + square / (4 * n * n));
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

/**
 * The interval of the difference of two rates, 95 %.
 *
 * @see Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10
 */
export function newcombe(a: Pick<Arm, "n" | "ordered">, b: Pick<Arm, "n" | "ordered">): Interval {
  const [rateA, rateB] = [a.ordered / a.n, b.ordered / b.n];
  const [inA, inB] = [wilson(a.ordered, a.n), wilson(b.ordered, b.n)];
  const difference = rateA - rateB;
  return {
    low: difference - Math.hypot(rateA - inA.low, inB.high - rateB),
    high: difference + Math.hypot(inA.high - rateA, rateB - inB.low),
  };
}

/** Below these an interval says more about chance than about the mail. */
export const leastRecipients = 100;
export const leastOrders = 10;

export const verdicts = ["higher", "lower", "no difference shown", "not enough data"] as const;
export type Verdict = (typeof verdicts)[number];

/** What the mails did beyond what would have happened without them. */
export interface Lift {
  readonly verdict: Verdict;
  readonly mailed: ArmView;
  readonly heldOut: ArmView;
  /** Of the shares that ordered, mailed less held out; null without both. */
  readonly difference: (Interval & { readonly value: number }) | null;
  /** How much of the share that ordered when held out; null when none of them did. */
  readonly relative: number | null;
  /** Revenue that would not have come, by currency, if the difference per recipient is the mails' doing. */
  readonly revenue: Readonly<Record<string, number>> | null;
}

interface ArmView extends Arm {
  readonly rate: number | null;
}

/** Compares those who were meant to get a mail with those held out; null when nobody was. */
export function liftOf({ mailed, heldOut }: Counts["trial"]): Lift | null {
  if (heldOut.n === 0) return null;
  const arms = { mailed: viewOf(mailed), heldOut: viewOf(heldOut) };
  if (arms.mailed.rate === null || arms.heldOut.rate === null) {
    return { verdict: "not enough data", ...arms, difference: null, relative: null, revenue: null };
  }
  const value = arms.mailed.rate - arms.heldOut.rate;
  const interval = newcombe(mailed, heldOut);
  const enough = Math.min(mailed.n, heldOut.n) >= leastRecipients && mailed.ordered + heldOut.ordered >= leastOrders;
  return {
    verdict: enough ? verdictOf(interval) : "not enough data",
    ...arms,
    difference: { value, ...interval },
    relative: arms.heldOut.rate === 0 ? null : value / arms.heldOut.rate,
    revenue: incremental(mailed, heldOut),
  };
}

function viewOf(arm: Arm): ArmView {
  return { ...arm, rate: arm.n === 0 ? null : arm.ordered / arm.n };
}

function verdictOf({ low, high }: Interval): Verdict {
  if (low > 0) return "higher";
  return high < 0 ? "lower" : "no difference shown";
}

function incremental(mailed: Arm, heldOut: Arm): Record<string, number> {
  const currencies = [...new Set([...Object.keys(mailed.revenue), ...Object.keys(heldOut.revenue)])].sort();
  return Object.fromEntries(
    currencies.map((currency) => {
      const perHeldOut = (heldOut.revenue[currency] ?? 0) / heldOut.n;
      return [currency, Math.round((mailed.revenue[currency] ?? 0) - perHeldOut * mailed.n)];
    }),
  );
}
