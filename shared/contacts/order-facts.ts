import * as z from "zod/mini";
import { takenBackSchema } from "../events/commerce.ts";
import type { TrackPayload } from "../intake/intake.ts";
import { type Money, moneySchema } from "../intake/money.ts";

/** What is kept of an order under its number, and under the number of a payment that paid it. */
export const heldOrderSchema = z.object({
  contactId: z.optional(z.string()),
  /** The order that a payment paid; absent of an order itself. */
  orderId: z.optional(z.string()),
  /** Lines less discounts, without tax and shipping; absent of what was kept before it was noted. */
  revenue: z.optional(moneySchema),
  /** All that was paid. */
  total: z.optional(moneySchema),
});
export type HeldOrder = z.infer<typeof heldOrderSchema>;

const takenBackNames: ReadonlySet<string> = new Set(["Order Refunded", "Order Cancelled"]);

/** Whether what a fact says depends on the order that it names. */
export function dependsOnOrder({ event }: Pick<TrackPayload, "event">): boolean {
  return takenBackNames.has(event) || event === "Payment Received";
}

/**
 * What a fact of an order says once the order is known: its own number in place of a payment's; of what is taken back the
 * part that was counted as revenue, and never more than that.
 *
 * @param order undefined while nobody has told of the order: what is taken back is believed then
 */
export function inItsOrder(payload: TrackPayload, order: HeldOrder | undefined): TrackPayload {
  const { event, properties } = payload;
  const orderId = order?.orderId ?? properties.orderId;
  if (!takenBackNames.has(event)) return { ...payload, properties: { ...properties, orderId } };
  const { revenue, total, unpaid } = takenBackSchema.parse(properties);
  const isOfNothing = unpaid === true && order?.revenue === undefined;
  const counted = isOfNothing ? undefined : (revenue ?? (total && shareOf(total, order)));
  return {
    ...payload,
    properties: { ...properties, orderId, revenue: counted && atMost(counted, order), orderRevenue: order?.revenue },
  };
}

/** Of a sum with tax and shipping in it, revenue has the same share as of all that was paid. */
function shareOf(given: Money, order: HeldOrder | undefined): Money {
  const { revenue, total } = order ?? {};
  const isKnown = revenue !== undefined && total !== undefined && total.currency === given.currency && total.amount > 0;
  return isKnown ? { ...given, amount: Math.round((given.amount * revenue.amount) / total.amount) } : given;
}

function atMost(counted: Money, order: HeldOrder | undefined): Money {
  const most = order?.revenue?.currency === counted.currency ? order.revenue.amount : counted.amount;
  return { ...counted, amount: Math.min(counted.amount, most) };
}

/** What to keep of an order, or of a payment, by what was told of it. */
export function heldOf({ event, properties }: TrackPayload, order: HeldOrder | undefined): HeldOrder {
  if (event === "Payment Received") return { ...order, orderId: String(properties.orderId) };
  return moneyOfOrderSchema.parse(properties);
}

const moneyOfOrderSchema = z.pick(heldOrderSchema, { revenue: true, total: true });
