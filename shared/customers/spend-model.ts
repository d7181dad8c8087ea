import * as z from "zod/mini";
import { minimise } from "./nelder-mead.ts";
import { logGamma } from "./special-functions.ts";

/**
 * Gamma-Gamma (Fader, Hardie & Lee 2005; Fader & Hardie 2013): what a customer spends on a purchase is Gamma(p, ν), with ν
 * of Gamma(q, v) over the customers, and has nothing to do with how often one buys. `v` is in the unit of the amounts.
 */
export const spendParametersSchema = z.object({ p: z.number(), q: z.number(), v: z.number() });
export type SpendParameters = z.infer<typeof spendParametersSchema>;

/** What a customer spent: on so many purchases, the first one left out, so much each in the mean. */
export interface Spend {
  readonly purchases: number;
  readonly mean: number;
}

/**
 * The mean amount to expect of a customer's purchases: equation 5 of Fader & Hardie (2013),
 * p (v + x m) ⁄ (p x + q − 1). Without purchases it is the mean of all customers.
 *
 * @returns `Infinity` for no purchases when q is 1 or below: the mean of all customers does not exist then.
 */
export function expectedSpend({ p, q, v }: SpendParameters, { purchases, mean }: Spend): number {
  const below = p * purchases + q - 1;
  return below > 0 ? (p * (v + purchases * mean)) / below : Number.POSITIVE_INFINITY;
}

/** The log-likelihood of some customers' mean spends: equation 1a of Fader & Hardie (2013). */
export function spendLogLikelihood({ p, q, v }: SpendParameters, spends: readonly Spend[]): number {
  // what hangs on the number of purchases alone, once for each
  const constants = new Map<number, number>();
  const constantOf = (x: number) => {
    const known = constants.get(x);
    if (known !== undefined) return known;
    const px = p * x;
    const constant = logGamma(px + q) - logGamma(px) - logGamma(q) + q * Math.log(v) + px * Math.log(x);
    constants.set(x, constant);
    return constant;
  };
  let sum = 0;
  for (const { purchases, mean } of spends) {
    const px = p * purchases;
    sum += constantOf(purchases) + (px - 1) * Math.log(mean) - (px + q) * Math.log(v + purchases * mean);
  }
  return sum;
}

/** Parameters are searched between e^−8 and e^8, as of activity. */
const widest = 8;

export interface FittedSpend extends SpendParameters {
  readonly logLikelihood: number;
}

/**
 * Fits a model by maximum likelihood, over the logarithms of its parameters, with the mean of all as the unit.
 *
 * @param spends of repeat buyers, at least one; each mean above 0
 */
export function fitSpend(spends: readonly Spend[]): FittedSpend {
  const unit = spends.reduce((sum, { mean }) => sum + mean, 0) / spends.length;
  const scaled = spends.map(({ purchases, mean }) => ({ purchases, mean: mean / unit }));
  const parametersAt = (point: readonly number[]): SpendParameters => {
    const [p = 1, q = 1, v = 1] = point.map(Math.exp);
    return { p, q, v };
  };
  const objective = (point: readonly number[]) =>
    point.some((value) => Math.abs(value) > widest)
      ? Number.POSITIVE_INFINITY
      : -spendLogLikelihood(parametersAt(point), scaled) / spends.length;
  const starts = [
    [3, 3, 1],
    [1, 10, 5],
  ].map((start) => start.map(Math.log));
  const { point, value } = minimise(objective, starts);
  const { p, q, v } = parametersAt(point);
  return { p, q, v: v * unit, logLikelihood: -value * spends.length - spends.length * Math.log(unit) };
}
