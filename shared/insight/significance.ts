/** How a decline is told from chance, by what is known of the KPI. */
export const tests = ["two-proportion z", "Poisson rates", "Mann–Kendall"] as const;
export type Test = (typeof tests)[number];

export interface Verdict {
  readonly test: Test;
  /** How likely so great a difference would be if nothing had changed. */
  readonly p: number;
}

/** A difference is called significant below this. */
export const alpha = 0.05;

interface Share {
  readonly numerator: number;
  readonly denominator: number;
}

/** Two-sided test of two shares, with the pooled share: `numerator` of `denominator` people each. */
export function testOfShares(one: Share, other: Share): Verdict {
  const pooled = (one.numerator + other.numerator) / (one.denominator + other.denominator);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.denominator + 1 / other.denominator));
  const difference = one.numerator / one.denominator - other.numerator / other.denominator;
  return { test: "two-proportion z", p: error === 0 ? 1 : twoSided(difference / error) };
}

interface Count {
  readonly count: number;
  /** How long was counted, in any unit. */
  readonly exposure: number;
}

/**
 * Two-sided test of two rates of independent events: given their sum, one count is binomial by the exposures
 * (Przyborowski & Wilenski, 1940), here by its normal approximation. Events that come in bursts vary more than this
 * test believes.
 */
export function testOfCounts(one: Count, other: Count): Verdict {
  const sum = one.count + other.count;
  const share = one.exposure / (one.exposure + other.exposure);
  const error = Math.sqrt(sum * share * (1 - share));
  return { test: "Poisson rates", p: error === 0 ? 1 : twoSided((one.count - sum * share) / error) };
}

/**
 * Of values whose spread is not known only their order tells: so many declines in a row of one more values. Of all orders
 * one falls throughout (Mann–Kendall, one-sided, at its most extreme).
 */
export function testOfOrder(declines: number): Verdict {
  let orders = 1;
  for (let values = 2; values <= declines + 1; values++) orders *= values;
  return { test: "Mann–Kendall", p: 1 / orders };
}

/** How likely a standard normal lies beyond ± z. */
function twoSided(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}

/** Complementary error function of 0 and more, to 1.2e-7 (Press et al., Numerical Recipes, erfcc). */
function erfc(x: number): number {
  const t = 1 / (1 + 0.5 * x);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const series = coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  return t * Math.exp(-x * x + series);
}

/** Quantiles of Student's t at 99.5 %, by degrees of freedom from 1 on. */
const quantiles = [
  63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947, 2.921, 2.898,
  2.878, 2.861, 2.845, 2.831, 2.819, 2.807, 2.797, 2.787, 2.779, 2.771, 2.763, 2.756, 2.75,
];

/** Within ± so many standard errors lie 99 %, when the error is known by so many values; at least 1. */
export function t99(freedom: number): number {
  return quantiles[Math.min(Math.max(1, Math.floor(freedom)), quantiles.length) - 1] ?? 2.75;
}
