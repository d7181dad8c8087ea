import * as z from "zod/mini";
import { minimise } from "./nelder-mead.ts";
import type { GroupedHistory, PurchaseHistory } from "./purchase-history.ts";
import { logHypergeometric } from "./special-functions.ts";

/**
 * `BG/NBD` (Fader, Hardie & Lee 2005): after each repeat purchase a customer may leave for good. `MBG/NBD` (Batislam,
 * Denizel & Filiztekin 2007; Hoppe & Wagner 2007): after the first purchase as well, so that who bought once may be gone.
 */
export type ActivityVariant = "BG/NBD" | "MBG/NBD";

/**
 * While active a customer buys as a Poisson process, at rates of Gamma(r, α) over the customers, a week; after a purchase
 * one leaves with a probability of Beta(a, b) over the customers.
 */
export const activityParametersSchema = z.object({ r: z.number(), alpha: z.number(), a: z.number(), b: z.number() });
export type ActivityParameters = z.infer<typeof activityParametersSchema>;

export interface ActivityModel extends ActivityParameters {
  readonly variant: ActivityVariant;
}

/** Chances to leave by now: the purchases after which one could. */
function chances(variant: ActivityVariant, { frequency }: PurchaseHistory): number {
  return variant === "MBG/NBD" ? frequency + 1 : frequency;
}

/**
 * The odds that a customer has left: P(left) ⁄ P(active), by the posterior of the models' papers,
 * a ⁄ (b + n − 1) · ((α + T) ⁄ (α + t_x))^(r + x), with n chances to leave; 0 without any.
 */
function logOddsOfLeaving({ variant, r, alpha, a, b }: ActivityModel, history: PurchaseHistory): number {
  const n = chances(variant, history);
  if (n === 0) return Number.NEGATIVE_INFINITY;
  const { frequency, recency, age } = history;
  return Math.log(a / (b + n - 1)) + (r + frequency) * Math.log((alpha + age) / (alpha + recency));
}

/** The probability that a customer is still active: Fader, Hardie & Lee (2008) for BG/NBD, Batislam et al. for MBG/NBD. */
export function activeProbability(model: ActivityModel, history: PurchaseHistory): number {
  return 1 / (1 + Math.exp(logOddsOfLeaving(model, history)));
}

/**
 * For how many weeks after the first purchase the probability to be active stays at least so great, without another
 * purchase: the formula of the odds solved for T. Infinite where nothing makes it fall.
 */
export function weeksUntilBelow(model: ActivityModel, history: Omit<PurchaseHistory, "age">, below: number): number {
  const { variant, r, alpha, a, b } = model;
  const n = chances(variant, { ...history, age: 0 });
  if (n === 0) return Number.POSITIVE_INFINITY;
  const growth = Math.log((1 - below) / below) - Math.log(a / (b + n - 1));
  return (alpha + history.recency) * Math.exp(growth / (r + history.frequency)) - alpha;
}

/** So near to a = 1 the formula below loses its digits, and a straight line through it does not. */
const hole = 1e-4;

/**
 * The purchases to expect of a customer in the weeks to come: equation 10 of Fader, Hardie & Lee (2005), and its like for
 * MBG/NBD,
 *
 * P(active) · c ⁄ (a − 1) · [1 − (1 − z)^(r + x) ₂F₁(r + x, b + n; c; z)], c = a + b + n − 1, z = t ⁄ (α + T + t),
 *
 * with n chances to leave. It is continuous at a = 1.
 */
export function expectedPurchases(model: ActivityModel, history: PurchaseHistory, weeks: number): number {
  const { a } = model;
  const [below, above] = [1 - hole, 1 + hole];
  const share = (a - below) / (above - below);
  const ifActive =
    share > 0 && share < 1
      ? (1 - share) * purchasesIfActive({ ...model, a: below }, history, weeks) +
        share * purchasesIfActive({ ...model, a: above }, history, weeks)
      : purchasesIfActive(model, history, weeks);
  return activeProbability(model, history) * Math.max(0, ifActive);
}

function purchasesIfActive(
  { variant, r, alpha, a, b }: ActivityModel,
  history: PurchaseHistory,
  weeks: number,
): number {
  const { frequency, age } = history;
  const n = chances(variant, history);
  const c = a + b + n - 1;
  const z = weeks / (alpha + age + weeks);
  const log = (r + frequency) * Math.log1p(-z) + logHypergeometric(r + frequency, b + n, c, z);
  return (c / (a - 1)) * -Math.expm1(log);
}

/** The log-likelihood of some histories: equation 6 of Fader, Hardie & Lee (2005), and its like for MBG/NBD. */
export function activityLogLikelihood(model: ActivityModel, histories: readonly GroupedHistory[]): number {
  const { variant, r, alpha, a, b } = model;
  const most = histories.reduce((max, { frequency }) => Math.max(max, frequency), 0);
  // ln Γ(r + x) − ln Γ(r), and ln B(a, b + n) − ln B(a, b), of every x and n up to the largest
  const rising = cumulative(most, (k) => Math.log(r + k));
  const staying = cumulative(most + 1, (k) => Math.log((b + k) / (a + b + k)));
  let sum = 0;
  for (const history of histories) {
    const { frequency, age, customers } = history;
    const n = chances(variant, history);
    const ifActive = (staying[n] ?? 0) + (rising[frequency] ?? 0) + r * Math.log(alpha);
    const log = ifActive - (r + frequency) * Math.log(alpha + age) + softplus(logOddsOfLeaving(model, history));
    sum += customers * log;
  }
  return sum;
}

function cumulative(most: number, of: (k: number) => number): Float64Array {
  const sums = new Float64Array(most + 1);
  let sum = 0;
  for (let k = 0; k < most; k++) {
    sum += of(k);
    sums[k + 1] = sum;
  }
  return sums;
}

/** ln(1 + eˣ) without overflow. */
function softplus(x: number): number {
  return x > 40 ? x : Math.log1p(Math.exp(x));
}

/** Parameters are searched between e^−8 and e^8: beyond, they change no answer and only run away. */
const widest = 8;

/** A fitted model, and how well it explains what it was fitted on. */
export interface FittedActivity extends ActivityModel {
  readonly logLikelihood: number;
}

/** Fits a model by maximum likelihood, over the logarithms of its parameters. At least one history. */
export function fitActivity(variant: ActivityVariant, histories: readonly GroupedHistory[]): FittedActivity {
  const customers = histories.reduce((sum, group) => sum + group.customers, 0);
  const age = histories.reduce((sum, group) => sum + group.customers * group.age, 0) / customers;
  const modelAt = (point: readonly number[]): ActivityModel => {
    const [r = 1, alpha = 1, a = 1, b = 1] = point.map(Math.exp);
    return { variant, r, alpha, a, b };
  };
  const objective = (point: readonly number[]) =>
    point.some((value) => Math.abs(value) > widest)
      ? Number.POSITIVE_INFINITY
      : -activityLogLikelihood(modelAt(point), histories) / customers;
  const starts = [
    [0.5, Math.max(age, 1) / 4, 1, 2],
    [2, Math.max(age, 1), 0.3, 3],
  ].map((start) => start.map(Math.log));
  const { point, value } = minimise(objective, starts);
  return { ...modelAt(point), logLikelihood: -value * customers };
}
