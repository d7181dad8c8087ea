import * as z from "zod/mini";
import { isCurrency } from "../intake/money.ts";
import { digestOf } from "../table/hash.ts";
import { addDays, instantsOf } from "./calendar.ts";
import { entryOf, type KpiEntry } from "./entry.ts";

/** `ads` is what is paid for media; people and tools of marketing and sales are theirs. */
export const costKinds = ["ads", "marketing", "sales", "support", "other"] as const;

const mostDays = 366;

/** What something cost over some days, as staff enter it. */
export const costInputSchema = z
  .strictObject({
    kind: z.enum(costKinds),
    amount: z.strictObject({
      amount: z.int().check(z.gte(0), z.lte(1e15)),
      currency: z.string().check(z.refine(isCurrency, "not an ISO 4217 currency, such as EUR")),
    }),
    /** Local dates, both included. */
    from: z.iso.date(),
    to: z.iso.date(),
    campaign: z.optional(z.string().check(z.trim(), z.minLength(1), z.maxLength(100))),
    note: z.optional(z.string().check(z.maxLength(200))),
  })
  .check(
    z.refine(({ from, to }) => from <= to, { path: ["to"], error: "must not be before from" }),
    z.refine(({ from, to }) => to < addDays(from, mostDays), {
      path: ["to"],
      error: `at most ${mostDays} days at once`,
    }),
  );
export type CostInput = z.infer<typeof costInputSchema>;

const kept = { id: z.string(), version: z.number(), updatedAt: z.iso.datetime(), updatedBy: z.string() };

export const costSchema = z.object({
  ...costInputSchema.shape,
  ...kept,
  /** Taken back: it stays, and counts no more. */
  deletedAt: z.optional(z.iso.datetime()),
  /** Hash of the request that made it: the same Idempotency-Key with another request is a mistake. */
  requestHash: z.string(),
});
export type Cost = z.infer<typeof costSchema>;

/**
 * A cost's entries, one for each day: the days' shares are even, add up to the amount, and differ by one minor unit at
 * most. Each lies in the middle of its local day.
 */
export function costEntries(cost: Cost, timeZone: string): readonly KpiEntry[] {
  const { id, kind, amount, from, to, campaign, version, deletedAt } = cost;
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  const share = (index: number) =>
    Math.floor(amount.amount / days.length) + (index < amount.amount % days.length ? 1 : 0);
  return days.map((day, index) => {
    const midday = instantsOf({ start: day, end: addDays(day, 1) }, timeZone);
    return entryOf({
      fact: "Cost",
      at: new Date((midday.from.getTime() + midday.to.getTime()) / 2).toISOString(),
      person: digestOf(["cost", id], 16),
      id: digestOf(["cost", id], 20),
      properties: { amount: share(index), currency: amount.currency, kind, campaign },
      version,
      withdrawn: deletedAt !== undefined,
    });
  });
}
