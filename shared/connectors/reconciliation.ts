import * as z from "zod/mini";
import type { Money } from "../intake/money.ts";

/** Nights stand beside the other imports of a shop, after them all. */
export const nightlyPrefix = "nightly-";

const sideSchema = z.object({
  orders: z.number(),
  /** Revenue by currency, in minor units: without tax and shipping. */
  revenue: z.record(z.string(), z.number()),
});
type Side = z.infer<typeof sideSchema>;

const daySchema = z.object({ shop: sideSchema, rapport: sideSchema, missing: z.array(z.string()) });
type Day = z.infer<typeof daySchema>;

/** The orders of some days according to the shop and according to us, by UTC date. */
export const comparisonSchema = z.object({
  /** What the first look finds missing is imported, and looked for by a second one. */
  look: z.union([z.literal(1), z.literal(2)]),
  /** Orders that the first look found missing. */
  found: z.number(),
  days: z.record(z.string(), daySchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** An order of the shop, and what we have of it: nothing, or its revenue. */
export interface OrderPair {
  readonly order: string;
  /** UTC date. */
  readonly date: string;
  readonly theirs: Money;
  readonly ours: Money | undefined;
}

export const firstLook: Comparison = { look: 1, found: 0, days: {} };

/** Looks again, from the first order on. */
export function secondLook({ days }: Comparison): Comparison {
  const found = Object.values(days).reduce((sum, { shop, rapport }) => sum + shop.orders - rapport.orders, 0);
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
  return { ...comparison, days };
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
  /** Orders that were missing at first, and were imported. */
  imported: z.number(),
  /** Whether a difference remains. */
  differs: z.boolean(),
  days: z.array(z.extend(daySchema, { date: z.string(), differs: z.boolean() })),
});

export function daysOf({ days }: Comparison) {
  return Object.entries(days)
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([date, compared]) => ({ date, ...compared, differs: dayDiffers(compared) }));
}
