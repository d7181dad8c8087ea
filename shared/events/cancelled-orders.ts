import * as z from "zod/mini";
import { moneySchema } from "../intake/money.ts";
import type { Event } from "./event.ts";

const orderFactSchema = z.object({
  orderId: z.string(),
  revenue: moneySchema,
  test: z.optional(z.literal(true)),
});

type OrderFact = Pick<Event, "properties"> & { readonly name: string; readonly source?: string | undefined };

/**
 * Tells of some events which are orders that were cancelled in full: they brought something, and at least as much was
 * cancelled. Such an order makes nobody a customer and counts nowhere as one. A refunded order is an order.
 *
 * @param events a contact's, its cancellations among them
 */
export function cancelledInFull(events: Iterable<OrderFact>): (event: OrderFact) => boolean {
  const cancelled = new Map<string, number>();
  for (const event of events) {
    const fact = event.name === "Order Cancelled" ? factOf(event) : undefined;
    if (fact !== undefined) cancelled.set(fact.key, (cancelled.get(fact.key) ?? 0) + fact.amount);
  }
  return (event) => {
    const fact = event.name === "Order Completed" && cancelled.size > 0 ? factOf(event) : undefined;
    return fact !== undefined && fact.amount > 0 && (cancelled.get(fact.key) ?? 0) >= fact.amount;
  };
}

function factOf({ source = "", properties }: OrderFact) {
  const { data } = orderFactSchema.safeParse(properties);
  if (data === undefined || data.test) return undefined;
  const { orderId, revenue } = data;
  return { key: JSON.stringify([source, orderId, revenue.currency]), amount: revenue.amount };
}
