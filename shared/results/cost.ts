import * as z from "zod/mini";
import { currencyDigits, isCurrency, type Money } from "../intake/money.ts";
import type { Counts } from "./counts.ts";

const money = z.strictObject({
  amount: z.number().check(z.int(), z.gte(0), z.lte(1e15)),
  currency: z.string().check(z.refine(isCurrency, "not an ISO 4217 currency, such as EUR")),
});

/** What a campaign cost, as staff enter it. All amounts are of one currency. */
export const costInputSchema = z.strictObject({
  costs: z
    .array(
      z.strictObject({
        /** The day that it counts on. */
        date: z.iso.date(),
        cost: money,
        note: z.optional(z.string().check(z.maxLength(200))),
      }),
    )
    .check(
      z.maxLength(100),
      z.refine((costs) => new Set(costs.map(({ cost }) => cost.currency)).size <= 1, "must all be of one currency"),
    ),
});

export const campaignCostSchema = z.object({
  ...costInputSchema.shape,
  version: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});
export type CampaignCost = z.infer<typeof campaignCostSchema>;

export interface Cost extends Money {
  readonly source: "entered" | "mail counts";
}

/** What mail costs when nothing was entered: a thousand mails in the account's currency, not in minor units. */
export interface MailPrice {
  readonly perThousand: number;
  readonly currency: string;
}

/** What was entered for days from `from` to `to`, both included; without any, the price of the mails sent. */
export function costOf(
  entered: CampaignCost | undefined,
  { from, to }: { readonly from: string; readonly to: string },
  { sent }: Pick<Counts, "sent">,
  { perThousand, currency }: MailPrice,
): Cost {
  const costs = (entered?.costs ?? []).filter(({ date }) => date >= from && date <= to).map(({ cost }) => cost);
  const [first] = costs;
  if (first !== undefined) {
    return { amount: costs.reduce((sum, { amount }) => sum + amount, 0), currency: first.currency, source: "entered" };
  }
  return {
    amount: Math.round((sent / 1000) * perThousand * 10 ** currencyDigits(currency)),
    currency,
    source: "mail counts",
  };
}

/**
 * (Attributed revenue less what was taken back − cost) ÷ cost, in the cost's currency.
 *
 * @returns null without a cost, or when there is revenue in another currency: amounts of two are never added.
 */
export function roiOf(
  { amount, currency }: Money,
  { revenue, refunded }: Pick<Counts, "revenue" | "refunded">,
): number | null {
  const others = Object.keys(revenue).filter((other) => other !== currency);
  if (amount === 0 || others.length > 0) return null;
  const net = (revenue[currency] ?? 0) - (refunded[currency] ?? 0);
  return (net - amount) / amount;
}
