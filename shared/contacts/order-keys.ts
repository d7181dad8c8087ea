import { eventIdOf } from "../events/event.ts";
import type { TrackPayload } from "../intake/intake.ts";
import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";

/**
 * What makes an order one order, a refund one refund: the shop and its number there. A shop's tests take no real
 * order's place. Undefined for whatever is told apart by its message alone.
 */
export function orderOrigin({ event, source, properties }: TrackPayload): readonly string[] | undefined {
  const { orderId, refundId, paymentId, test } = properties;
  if (typeof orderId !== "string") return undefined;
  const trial = test === true ? "test " : "";
  if (event === "Order Completed") return [`${trial}order`, source, orderId];
  if (event === "Order Placed") return [`${trial}order placed`, source, orderId];
  // A payment takes the place that an order of its own would have.
  if (event === "Payment Received" && typeof paymentId === "string") return [`${trial}order`, source, paymentId];
  if (event === "Order Cancelled") return [`${trial}order cancelled`, source, orderId];
  return event === "Order Refunded" && typeof refundId === "string"
    ? [`${trial}order refunded`, source, orderId, refundId]
    : undefined;
}

/** The id of the event of an order that a shop told of. */
export function orderEventId(source: string, orderId: string): string {
  return eventIdOf(["order", source, orderId]);
}

/** The order that a fact tells of, if any: what was bought, or what became of it. */
export function orderOf({ source, properties: { orderId, test } }: TrackPayload): Key | undefined {
  return typeof orderId === "string" ? orderKey([test === true ? "test order" : "order", source, orderId]) : undefined;
}

/** The key under which an order is taken, once and for ever. */
export function orderKey(origin: readonly string[]): Key {
  return { pk: `ORDER#${digestOf(origin)}`, sk: "ORDER" };
}
