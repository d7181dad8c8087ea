import * as z from "zod/mini";
import type { Money } from "../intake/money.ts";

/** Nights stand beside the other imports of a shop, after them all. */
export const nightlyPrefix = "nightly-";

const sideSchema = z.object({
  orders: z.number(),
  /** Net revenue by currency, in minor units: without tax and shipping, less what was taken back. */
  revenue: z.record(z.string(), z.number()),
});
type Side = z.infer<typeof sideSchema>;

const daySchema = z.object({ shop: sideSchema, rapport: sideSchema, missing: z.array(z.string()) });
type Day = z.infer<typeof daySchema>;

/** The orders of some days according to the shop and according to us, by UTC date. */
export const comparisonSchema = z.object({
  /** What the first look finds missing is imported, and looked for by a second one. */
  look: z.union([z.literal(1), z.literal(2)]),
  /** Orders of which the first look found something missing: all of it, or what was taken back of it. */
  found: z.number(),
  days: z.record(z.string(), daySchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** Stands for the dates before those that are compared: orders of then that the shop has changed since. */
export const earlier = "earlier";

/** An order of the shop, and what we have of it: nothing, or its revenue less what was taken back. */
export interface OrderPair {
  readonly order: string;
  /** UTC date, or `earlier`. */
  readonly date: string;
  readonly theirs: Money;
  readonly ours: Money | undefined;
  /** Whether all that the shop tells of it is known. */
  readonly isWhole: boolean;
}

/** What is left of an order: of a cancellation and refunds the larger sum is taken back, and no more than the order brought. */
export function netOf(facts: readonly { readonly event: string; readonly revenue: Money }[]): Money {
  const sum = (name: string) =>
    facts.filter(({ event }) => event === name).reduce((total, { revenue }) => total + revenue.amount, 0);
  const ordered = sum("Order Completed");
  const back = Math.max(sum("Order Cancelled"), sum("Order Refunded"));
  const currency = facts.find(({ event }) => event === "Order Completed")?.revenue.currency ?? "";
  return { amount: Math.max(0, ordered - back), currency };
}

export const firstLook: Comparison = { look: 1, found: 0, days: {} };

/** Looks again, from the first order on. */
export function secondLook({ found }: Comparison): Comparison {
  return { look: 2, found, days: {} };
}

const keptMissing = 20;

export function withPairs(comparison: Comparison, pairs: readonly OrderPair[]): Comparison {
  const days = { ...comparison.days };
  for (const { order, date, theirs, ours } of pairs) {
    const { shop, rapport, missing } = days[date] ?? noOrders;
    days[date] = {
      shop: plus(shop, theirs),
      rapport: ours === undefined ? rapport : plus(rapport, ours),
      missing: ours === undefined ? [...missing, order].slice(0, keptMissing) : missing,
    };
  }
  const lacking = comparison.look === 1 ? pairs.filter(({ isWhole }) => !isWhole).length : 0;
  return { ...comparison, found: comparison.found + lacking, days };
}

const nothing: Side = { orders: 0, revenue: {} };
const noOrders: Day = { shop: nothing, rapport: nothing, missing: [] };

function plus({ orders, revenue }: Side, { amount, currency }: Money): Side {
  return { orders: orders + 1, revenue: { ...revenue, [currency]: (revenue[currency] ?? 0) + amount } };
}

/** Whether the two sides of a day, or of any day, are apart. */
export function differs({ days }: Comparison): boolean {
  return Object.values(days).some(dayDiffers);
}

function dayDiffers({ shop, rapport }: Day): boolean {
  const currencies = [...Object.keys(shop.revenue), ...Object.keys(rapport.revenue)];
  return (
    shop.orders !== rapport.orders ||
    currencies.some((currency) => (shop.revenue[currency] ?? 0) !== (rapport.revenue[currency] ?? 0))
  );
}

const comparedDays = 7;
const day = 86_400_000;

/** The whole UTC days before an instant that are compared, and the name of the night. */
export function nightOf(now: Date): { readonly importId: string; readonly from: string; readonly until: string } {
  const today = now.toISOString().slice(0, 10);
  const until = Date.parse(today);
  return {
    importId: `${nightlyPrefix}${today}`,
    from: new Date(until - comparedDays * day).toISOString(),
    until: new Date(until).toISOString(),
  };
}

/** What staff see of a night. */
export const reconciliationViewSchema = z.object({
  checkedAt: z.string(),
  state: z.enum(["running", "done", "failed", "cancelled"]),
  problem: z.optional(z.string()),
  /** Orders that were missing at first, or lacked what was taken back of them, and were imported. */
  imported: z.number(),
  /** Whether a difference remains. */
  differs: z.boolean(),
  days: z.array(z.extend(daySchema, { date: z.string(), differs: z.boolean() })),
});

export function daysOf({ days }: Comparison) {
  const rank = (date: string) => (date === earlier ? "" : date);
  return Object.entries(days)
    .sort(([a], [b]) => (rank(a) < rank(b) ? 1 : -1))
    .map(([date, compared]) => ({ date, ...compared, differs: dayDiffers(compared) }));
}
