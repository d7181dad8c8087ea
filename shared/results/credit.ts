import * as z from "zod/mini";
import { campaignSchema } from "../email/campaign.ts";
import { humanClicks } from "../email/machine.ts";
import { orderSchema, type TakenBackWay, takenBackSchema, takenBackWay } from "../events/commerce.ts";
import type { Event } from "../events/event.ts";
import { keySchema } from "../table/item.ts";
import { mailOf, mailSchema } from "./mail-fact.ts";

/** A mail's part in an order. */
export const shareSchema = z.extend(mailSchema, {
  campaign: campaignSchema,
  /** The order followed the last click of a person: it counts for this mail and for no other. */
  credited: z.optional(z.literal(true)),
  /** It had a part once, and has none any more. */
  gone: z.optional(z.literal(true)),
});
export type Share = z.infer<typeof shareSchema>;

/** What mails had to do with an order, as far as its contact's timeline tells. */
export const creditSchema = z.extend(keySchema, {
  kind: z.literal("credit"),
  orderId: z.string(),
  orderedAt: z.string(),
  currency: z.string(),
  /** Net revenue of the order, in minor units, and what was taken back of it since. */
  amount: z.number(),
  takenBack: z.number(),
  shares: z.array(shareSchema),
  version: z.number(),
});
export type CreditItem = z.infer<typeof creditSchema>;
export type Credit = Omit<CreditItem, "pk" | "sk" | "kind" | "version">;

/** Names of the events that can change the credit of an order. */
export const orderNames: ReadonlySet<string> = new Set(["Order Completed", "Order Refunded", "Order Cancelled"]);

/** Mails of these are compared: whoever was meant to get one with whoever was held out, whatever became of it. */
const askedNames: ReadonlySet<string> = new Set(["Email Sent", "Email Skipped", "Email Unconfirmed", "Email Held Out"]);

/** Whether a mail event may bear on an order that follows it. */
export function bearsOnOrders(event: Event): boolean {
  if (event.name === "Email Link Clicked") return mailOf(event) !== undefined;
  return askedNames.has(event.name) && mailOf(event)?.trial === true;
}

/**
 * The credit of an order by its contact's events, whatever order they came in: the last click of a person within the
 * window before it, and every mail of a trial that was asked for within the window. It depends on the events alone, so
 * that whoever computes it, and whenever, comes to the same.
 *
 * @param order the order's own event
 * @param events those from a window before the order until now
 * @returns undefined for an order that is not paid, or a test
 */
export function creditOf(order: Event, events: readonly Event[], windowMilliseconds: number): Credit | undefined {
  const { orderId, revenue, test } = orderSchema.parse(order.properties);
  if (test || revenue.amount <= 0) return undefined;
  const from = new Date(Date.parse(order.occurredAt) - windowMilliseconds).toISOString();
  const within = (at: string) => at >= from && at <= order.occurredAt;
  const clicked = lastClick(events, within);
  const shares = new Map<string, Share>();
  for (const event of events) {
    const mail = askedNames.has(event.name) ? mailOf(event) : undefined;
    if (mail?.trial && within(mail.askedAt)) shares.set(mail.mail, mail);
  }
  if (clicked !== undefined) shares.set(clicked.mail, { ...shares.get(clicked.mail), ...clicked, credited: true });
  return {
    orderId: order.eventId,
    orderedAt: order.occurredAt,
    currency: revenue.currency,
    amount: revenue.amount,
    takenBack: Math.min(revenue.amount, takenBackOf(events, { source: order.source, orderId, ...revenue })),
    shares: [...shares.values()].sort((a, b) => (a.mail < b.mail ? -1 : 1)),
  };
}

function lastClick(events: readonly Event[], within: (at: string) => boolean): Share | undefined {
  const clicks = events.flatMap((event) => {
    const mail = event.name === "Email Link Clicked" ? mailOf(event) : undefined;
    if (mail === undefined) return [];
    const { link, machine } = event.properties;
    return [{ mail: mail.mail, at: event.occurredAt, link: String(link), machine: machine === true, of: mail, event }];
  });
  const human = humanClicks(clicks).filter(({ at }) => within(at));
  const rank = ({ event }: (typeof clicks)[number]) => `${event.occurredAt}${event.eventId}`;
  return human.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).at(-1)?.of;
}

interface OrderMoney {
  readonly source: string;
  readonly orderId: string;
  readonly currency: string;
}

/** Of an order that was cancelled and refunded the largest sum counts, as on the contact's profile. */
function takenBackOf(events: readonly Event[], { source, orderId, currency }: OrderMoney): number {
  const sums: Record<TakenBackWay, number> = { cancelled: 0, refunded: 0, refundedInAll: 0 };
  for (const { name, source: told, properties } of events) {
    if ((name !== "Order Refunded" && name !== "Order Cancelled") || told !== source) continue;
    const back = takenBackSchema.parse(properties);
    const { orderId: of, revenue, test } = back;
    if (of === orderId && !test && revenue?.currency === currency) sums[takenBackWay(name, back)] += revenue.amount;
  }
  return Math.max(...Object.values(sums));
}

/** A credit together with the shares that it once had, so that each of them can be taken back. */
export function withFormerShares(credit: Credit, held: Credit | undefined): Credit {
  const kept = new Set(credit.shares.map(({ mail }) => mail));
  const gone = (held?.shares ?? []).filter(({ mail }) => !kept.has(mail)).map(withdrawn);
  return { ...credit, shares: [...credit.shares, ...gone].sort((a, b) => (a.mail < b.mail ? -1 : 1)) };
}

function withdrawn({ credited: _credited, ...share }: Share): Share {
  return { ...share, gone: true };
}

/** What of a share stands among its campaign's results. */
export const orderResultSchema = z.extend(keySchema, {
  ...mailSchema.shape,
  kind: z.literal("orderResult"),
  order: z.string(),
  currency: z.string(),
  amount: z.number(),
  takenBack: z.number(),
  credited: z.optional(z.literal(true)),
  gone: z.optional(z.literal(true)),
  version: z.number(),
});
export type OrderResult = z.infer<typeof orderResultSchema>;
