import { createEvent, type Event } from "../../../shared/events/event.ts";

/** An event of a contact's timeline. */
export function told(
  name: string,
  at: string,
  properties: Record<string, unknown>,
  { contactId = "c1", id = `${name} ${at}`, source = "shop" } = {},
): Event {
  const occurredAt = new Date(at).toISOString();
  return createEvent({ contactId, origin: [id], name, occurredAt, receivedAt: occurredAt, source, properties });
}

export const eur = (amount: number) => ({ amount, currency: "EUR" });

export function order(at: string, amount: number, more: { contactId?: string; currency?: string; test?: true } = {}) {
  const { contactId = "c1", currency = "EUR", test } = more;
  const revenue = { amount, currency };
  return told("Order Completed", at, { orderId: at, revenue, products: [], test }, { contactId, id: `o ${at}` });
}

export function takenBack(name: "Order Refunded" | "Order Cancelled", at: string, amount: number, orderId = "1") {
  return told(name, at, { orderId, revenue: eur(amount), products: [] });
}

export function deal(name: string, at: string, properties: Record<string, unknown> = {}) {
  return told(name, at, { dealId: "d1", ...properties });
}

export function ticket(name: string, at: string, properties: Record<string, unknown> = {}) {
  return told(name, at, { ticketId: "t1", ...properties });
}
