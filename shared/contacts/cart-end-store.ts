import { isOrdering } from "../events/commerce.ts";
import { createEvent, type Event } from "../events/event.ts";
import { putEvent, readEvents } from "../events/event-store.ts";
import { isTestOrder } from "../events/test-order.ts";
import type { Table } from "../table/client.ts";
import { isErased } from "./contact-store.ts";

/** How long before a cart is told of its order may have been. */
const lookBack = 3 * 86_400_000;

interface Tokens {
  readonly cartId?: unknown;
  readonly checkoutId?: unknown;
}

/** Tells a contact that somebody else's order was of their cart: one who pays by another address than they typed. Once. */
export async function endCart(table: Table, contactId: string, order: Event): Promise<void> {
  if (isTestOrder(order) || (await isErased(table, contactId))) return;
  const { eventId, occurredAt, receivedAt, source, imported, properties } = order;
  const { cartId, checkoutId, orderId } = properties;
  await putEvent(
    table,
    createEvent({
      contactId,
      origin: ["cart ended", contactId, eventId],
      name: "Cart Ended",
      occurredAt,
      receivedAt,
      source,
      ...(imported && { imported }),
      properties: { cartId, checkoutId, orderId },
    }),
  );
}

/** Ends a contact's cart whose token another contact holds, if that one has ordered it: told of late, an order comes first. */
export async function endOrderedCart(
  table: Table,
  contactId: string,
  cart: { readonly occurredAt: string; readonly properties: Tokens },
  holder: string,
): Promise<void> {
  const from = new Date(Date.parse(cart.occurredAt) - lookBack).toISOString();
  for await (const event of readEvents(table, holder, { from })) {
    if (isOrdering(event.name) && shareToken(event.properties, cart.properties)) {
      await endCart(table, contactId, event);
    }
  }
}

function shareToken(a: Tokens, b: Tokens): boolean {
  const same = (one: unknown, other: unknown) => typeof one === "string" && one === other;
  return same(a.cartId, b.cartId) || same(a.checkoutId, b.checkoutId);
}
