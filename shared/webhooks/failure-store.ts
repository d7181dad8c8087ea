import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import type { Table } from "../table/client.ts";
import type { WebhookMessage } from "./webhook.ts";

/** Tells on a contact's timeline that a webhook about it did not arrive: once, at the time of what it was to tell. */
export async function putFailure(table: Table, message: WebhookMessage, reason: string, now: Date): Promise<void> {
  const { id, type, endpointId, about, timestamp } = message;
  if (about === undefined) return;
  await putEvent(
    table,
    createEvent({
      contactId: about.contactId,
      origin: ["webhook failed", id],
      name: "Webhook Failed",
      occurredAt: timestamp,
      receivedAt: now.toISOString(),
      source: "webhooks",
      properties: { endpointId, type, webhookId: id, reason, ...about.properties },
    }),
  );
}
