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
 * sum counts (`takenBackWay`), so each event counts by what it adds to that.
 *
 * @param events all refunds and cancellations of one order that the timeline holds, oldest first
 */
export function takenBackEntries(events: readonly Event[]): readonly KpiEntry[] {
  const sums = new Map<string, Record<TakenBackWay, number>>();
  return events.flatMap((event) => {
    const fact = event.name === "Order Refunded" ? takenBackFacts[event.name] : "Order Cancelled";
    const told = takenBackSchema.parse(event.properties);
    const { revenue, reason, test } = told;
    if (test || revenue === undefined) return [];
    const sum = sums.get(revenue.currency) ?? { cancelled: 0, refunded: 0, refundedInAll: 0 };
    const before = Math.max(...Object.values(sum));
    sum[takenBackWay(event.name, told)] += revenue.amount;
    sums.set(revenue.currency, sum);
    const amount = Math.max(...Object.values(sum)) - before;
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
