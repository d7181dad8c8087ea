import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import type { Table } from "../table/client.ts";
import type { WebhookMessage } from "./webhook.ts";

/** Tells on a contact's timeline that a webhook about it did not arrive: once, at the time of what it was to tell. */
export function putFailure(table: Table, message: WebhookMessage, reason: string, now: Date): Promise<void> {
  return tell(table, message, { name: "Webhook Failed", origin: "webhook failed", told: { reason } }, now);
}

/** Tells the same way that one that had failed before has arrived. */
export function putDelivered(table: Table, message: WebhookMessage, now: Date): Promise<void> {
  return tell(table, message, { name: "Webhook Delivered", origin: "webhook delivered", told: {} }, now);
}

async function tell(
  table: Table,
  { id, type, endpointId, about, timestamp, replay }: WebhookMessage,
  { name, origin, told }: { readonly name: string; readonly origin: string; readonly told: object },
  now: Date,
): Promise<void> {
  if (about === undefined) return;
  await putEvent(
    table,
    createEvent({
      contactId: about.contactId,
      origin: [origin, id, ...(replay === undefined ? [] : [String(replay)])],
      name,
      occurredAt: timestamp,
      receivedAt: now.toISOString(),
      source: "webhooks",
      properties: { endpointId, type, webhookId: id, ...told, ...about.properties },
    }),
  );
}
