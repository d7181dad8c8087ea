import { orderSchema, type TakenBackWay, takenBackSchema, takenBackWay } from "../events/commerce.ts";
import { contactOf, type Event } from "../events/event.ts";
import { entryOf, type KpiEntry, personOf } from "./entry.ts";

/** An order's entry; none of a test. Of one order the timeline has one event. */
export function orderEntry(event: Event): KpiEntry | undefined {
  const { revenue, coupon, test } = orderSchema.parse(event.properties);
  if (test) return undefined;
  return entryOf({
    fact: "Order Completed",
    at: event.occurredAt,
    person: personOf(contactOf(event)),
    id: event.eventId,
    properties: { ...revenue, source: event.source, coupon },
  });
}

const takenBackFacts = { "Order Refunded": "Order Refunded", "Order Cancelled": "Order Cancelled" } as const;

/**
 * The entries of an order's refunds and cancellations, each on its own date. Of the ways in which they are told the largest
 * sum counts (`takenBackWay`), and never more than the order brought, so each event counts by what it adds to that.
 *
 * @param events all refunds and cancellations of one order that the timeline holds, oldest first
 */
export function takenBackEntries(events: readonly Event[]): readonly KpiEntry[] {
  const sums = new Map<string, Record<TakenBackWay, number>>();
  const counted = (currency: string) => {
    const most = Math.min(...events.map(({ properties }) => orderRevenueOf(properties, currency)));
    return Math.min(most, Math.max(...Object.values(sums.get(currency) ?? none)));
  };
  return events.flatMap((event) => {
    const fact = event.name === "Order Refunded" ? takenBackFacts[event.name] : "Order Cancelled";
    const told = takenBackSchema.parse(event.properties);
    const { revenue, reason, test } = told;
    if (test || revenue === undefined) return [];
    const before = counted(revenue.currency);
    const way = takenBackWay(event.name, told);
    const sum = sums.get(revenue.currency) ?? none;
    sums.set(revenue.currency, { ...sum, [way]: sum[way] + revenue.amount });
    const amount = counted(revenue.currency) - before;
    return entryOf({
      fact,
      at: event.occurredAt,
      person: personOf(contactOf(event)),
      id: event.eventId,
      properties: { amount, currency: revenue.currency, source: event.source, reason },
      version: events.length,
      withdrawn: amount === 0,
    });
  });
}

const none: Readonly<Record<TakenBackWay, number>> = { cancelled: 0, refunded: 0, refundedInAll: 0 };

/** Minor units that an event says its order brought; without bound when it does not say so. */
function orderRevenueOf(properties: Event["properties"], currency: string): number {
  const { orderRevenue } = takenBackSchema.parse(properties);
  return orderRevenue?.currency === currency ? orderRevenue.amount : Infinity;
}
