const halfLogTwoPi = 0.5 * Math.log(2 * Math.PI);
/** Bernoulli numbers over 2k(2k − 1), the coefficients of Stirling's series: DLMF 5.11.1. */
const stirling = [1 / 12, -1 / 360, 1 / 1_260, -1 / 1_680, 1 / 1_188, -691 / 360_360];

/**
 * ln Γ(x) by Stirling's series, moved up by the recurrence Γ(x + 1) = x Γ(x) to where six terms give 14 digits.
 *
 * @param x above 0
 */
export function logGamma(x: number): number {
  let shift = 1;
  let at = x;
  for (; at < 12; at++) shift *= at;
  const inverse = 1 / at;
  const series = stirling.reduceRight((sum, coefficient) => sum * inverse * inverse + coefficient, 0) * inverse;
  return (at - 0.5) * Math.log(at) - at + halfLogTwoPi + series - Math.log(shift);
}

/** A bound for a series that converges whatever it is given: z = 0.9999 takes some 300,000 terms. */
const mostTerms = 1_000_000;
const large = 1e250;

/**
 * ln ₂F₁(a, b; c; z) by Gauss's series (DLMF 15.2.1), of which every term is positive; scaled down whenever it grows
 * large, so that no number of purchases is too many.
 *
 * @param a above 0, as are b and c
 * @param z from 0 to below 1
 */
export function logHypergeometric(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let sum = 1;
  let scale = 0;
  for (let n = 0; n < mostTerms; n++) {
    const ratio = ((a + n) * (b + n) * z) / ((c + n) * (n + 1));
    term *= ratio;
    sum += term;
    // once the terms fall, what is left is less than a geometric series
    if (ratio < 1 && term <= 1e-17 * (1 - ratio) * sum) break;
    if (sum > large) {
      term /= large;
      sum /= large;
      scale += Math.log(large);
    }
  }
  return Math.log(sum) + scale;
}
