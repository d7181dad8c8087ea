import * as z from "zod/mini";
import { orderSchema, takenBackSchema, takenBackWay } from "../events/commerce.ts";
import type { Event } from "../events/event.ts";
import type { Money } from "../intake/money.ts";
import { digestOf } from "../table/hash.ts";
import { withAddress } from "./address-rules.ts";
import { cartsAfterOrder } from "./cart-rules.ts";
import type { Profile } from "./profile-schema.ts";
import { activityOf, earlier, later } from "./profile-values.ts";
import { withPurchase } from "./purchase-rules.ts";

/** An order's event says whose it is beside what was bought. */
const orderedSchema = z.extend(orderSchema, { email: z.optional(z.string()) });

type Amounts = Readonly<Record<string, number>>;

export function afterOrder(profile: Profile, event: Event): Partial<Profile> {
  const { email, revenue, test } = orderedSchema.parse(event.properties);
  if (test) return {};
  const at = event.occurredAt;
  const paid = revenue.amount > 0;
  const ordered = paid ? plus(profile.ordered, revenue) : profile.ordered;
  return {
    ...withAddress(profile, email === undefined ? undefined : { value: email, at }),
    orders: profile.orders + 1,
    ordered,
    revenue: netOf(ordered, profile.refunded),
    customerAt: paid ? earlier(profile.customerAt, at) : profile.customerAt,
    lastOrderAt: later(profile.lastOrderAt, at),
    purchases: paid ? withPurchase(profile.purchases, event, revenue) : profile.purchases,
    lastActivityAt: activityOf(profile, event),
    ...cartsAfterOrder(profile, event),
  };
}

/** An order that was cancelled in full: its revenue stands against what was taken back, and nothing else comes of it. */
export function afterCancelledOrder(profile: Profile, event: Event): Partial<Profile> {
  const { revenue } = orderedSchema.parse(event.properties);
  const ordered = plus(profile.ordered, revenue);
  return { ...afterOrderPlaced(profile, event), ordered, revenue: netOf(ordered, profile.refunded) };
}

/** Whether an event may make an order one that never was, or be the order of a cancellation that came first: the whole history tells. */
export function concernsCancelledOrder({ takenBack, takenBackRest }: Profile, event: Event): boolean {
  if (event.name === "Order Cancelled") return true;
  if (event.name !== "Order Completed") return false;
  const { orderId, revenue } = orderedSchema.parse(event.properties);
  const held = takenBack[takenBackKey(event, orderId, revenue)];
  return (held?.cancelled ?? 0) > 0 || Object.keys(takenBackRest).length > 0;
}

function takenBackKey({ source }: Event, orderId: string, { currency }: Money): string {
  return digestOf([source, orderId, currency], 12);
}

/** An order that is not paid yet ends carts, and counts for nothing else. */
export function afterOrderPlaced(profile: Profile, event: Event): Partial<Profile> {
  const { email, test } = orderedSchema.parse(event.properties);
  if (test) return {};
  return {
    ...withAddress(profile, email === undefined ? undefined : { value: email, at: event.occurredAt }),
    lastActivityAt: activityOf(profile, event),
    ...cartsAfterOrder(profile, event),
  };
}

/** Orders of which something was taken back that a profile tells apart; beyond them, amounts are only added up. */
const mostTakenBack = 20;

/** A refund or a cancellation. Of an order that was both, the larger counts (`takenBackWay`). */
export function afterTakingBack(profile: Profile, event: Event): Partial<Profile> {
  const told = takenBackSchema.parse(event.properties);
  const { orderId, revenue, orderRevenue, test } = told;
  if (test || revenue === undefined || revenue.amount === 0) return {};
  const key = takenBackKey(event, orderId, revenue);
  const none: TakenBackEntry = { cancelled: 0, refunded: 0, currency: revenue.currency };
  const { [key]: held = none, ...others } = profile.takenBack;
  const way = takenBackWay(event.name, told);
  const entry = {
    ...held,
    [way]: (held[way] ?? 0) + revenue.amount,
    ...(orderRevenue?.currency === revenue.currency && { ordered: orderRevenue.amount }),
  };
  const { kept, rest } = bounded({ ...others, [key]: entry }, profile.takenBackRest);
  const total = Object.values(kept).reduce<Amounts>((sum, each) => plus(sum, largestOf(each)), rest);
  return { takenBack: kept, takenBackRest: rest, refunded: total, revenue: netOf(profile.ordered, total) };
}

type TakenBackEntry = Profile["takenBack"][string];

function largestOf({ cancelled, refunded, refundedInAll = 0, ordered = Infinity, currency }: TakenBackEntry): Money {
  return { amount: Math.min(Math.max(cancelled, refunded, refundedInAll), ordered), currency };
}

/** Which orders are told apart depends on their keys alone, so that it is the same in any order of events. */
function bounded(all: Profile["takenBack"], rest: Amounts): { kept: Profile["takenBack"]; rest: Amounts } {
  const entries = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kept: Object.fromEntries(entries.slice(0, mostTakenBack)),
    rest: entries
      .slice(mostTakenBack)
      .reduce(
        (sum, [, { cancelled, refunded, refundedInAll = 0, currency }]) =>
          plus(sum, { amount: cancelled + refunded + refundedInAll, currency }),
        rest,
      ),
  };
}

/** Beyond what a number holds exactly the table takes none; stopping there keeps the rules commutative. */
function plus(sum: Amounts, { amount, currency }: Money): Amounts {
  return { ...sum, [currency]: Math.min((sum[currency] ?? 0) + amount, Number.MAX_SAFE_INTEGER) };
}

/** What a refund takes back before its order is heard of makes no negative revenue. */
function netOf(ordered: Amounts, refunded: Amounts): Record<string, number> {
  return Object.fromEntries(
    Object.entries(ordered).map(([currency, amount]) => [currency, Math.max(0, amount - (refunded[currency] ?? 0))]),
  );
}
