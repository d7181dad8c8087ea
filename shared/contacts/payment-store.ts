import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import type { Intake } from "../intake/intake.ts";
import type { Table } from "../table/client.ts";
import { isErased } from "./contact-store.ts";
import type { HeldOrder } from "./order-facts.ts";
import { orderKey, orderOrigin } from "./order-keys.ts";
import { putPayment, readOrder } from "./order-store.ts";

/**
 * Puts right that a payment was taken for an order of its own before it was known to pay another one: its order is
 * cancelled, and what is told of the payment from now on is the other order's. Doing it again changes nothing.
 */
export async function correctPayment(
  table: Table,
  { payload, occurredAt, receivedAt, intakeId, imported }: Extract<Intake, { type: "track" }>,
  held: HeldOrder,
): Promise<void> {
  const { event, source, properties } = payload;
  const origin = orderOrigin(payload);
  if (event !== "Payment Received" || origin === undefined) return;
  const key = orderKey(origin);
  const taken = await readOrder(table, key);
  if (taken?.contactId === undefined || taken.orderId !== undefined) return;
  const { contactId, revenue } = taken;
  if (revenue !== undefined && !(await isErased(table, contactId))) {
    const orderId = String(properties.paymentId);
    const cancelled = { orderId, revenue, orderRevenue: revenue, reason: `paid ${held.orderId}`, products: [] };
    const told = { name: "Order Cancelled", source, properties: cancelled, ...(imported && { imported }) };
    const when = { occurredAt, receivedAt, intakeId };
    await putEvent(table, createEvent({ contactId, origin: ["payment corrected", ...origin], ...when, ...told }));
  }
  await putPayment(table, key, held);
}
