import type { SendDigests } from "../../../shared/digests/send-digests.ts";
import type { Subscription } from "../../../shared/digests/subscription.ts";
import type { MailMessageInput } from "../../../shared/email/mail-message.ts";
import { ensureTokenKeys } from "../../../shared/email/token-key-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { kpiNamed } from "../kpis/support.ts";

export const managers = [
  { name: "Morgan", email: "morgan@example.com" },
  { name: "Mia", email: "mia@example.com" },
];

export const kpis = [kpiNamed("new-leads"), kpiNamed("net-revenue")];

/** A subscription that staff made. */
export function subscriptionOf(changes: Partial<Subscription> = {}): Subscription {
  return {
    id: "weekly",
    recipient: { name: "Tom", email: "tom@example.com" },
    weekdays: ["friday"],
    hour: 9,
    since: "2026-11-01T00:00:00.000Z",
    version: 1,
    updatedAt: "2026-11-01T00:00:00.000Z",
    updatedBy: "mia",
    ...changes,
  };
}

/** The hourly run, whose mails end in `sent`. */
export function runOf(
  table: Table,
  now: string,
  sent: MailMessageInput[],
  changes: Partial<SendDigests> = {},
): SendDigests {
  return {
    table,
    kpis: async () => kpis,
    timeZone: "UTC",
    now: new Date(now),
    accountName: "Shop",
    managers,
    hour: 8,
    publicUrl: "https://shop.example",
    tokenKeys: () => ensureTokenKeys(table),
    draw: async () => new Uint8Array([1]),
    sendMail: async (message) => void sent.push(message),
    correlationId: "c",
    ...changes,
  };
}
