import * as z from "zod/mini";
import { putDue } from "../due/due-store.ts";
import { contactOf, createEvent, type Event, eventSchema } from "../events/event.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { putEvent } from "../events/event-store.ts";
import { bouncesRise, complaintsRise } from "../runtime/metric-names.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { aboutMail, erasedReason, type LedgerEntry, ledgerEntrySchema, settlingMilliseconds } from "./ledger.ts";
import { contactOfOwner, type MailMessage } from "./mail-message.ts";
import { countFeedback } from "./rate-store.ts";
import type { Suppression } from "./suppression.ts";
import { addSoftBounce, putSuppression } from "./suppression-store.ts";

const told = new Set<unknown>(["SENT", "SKIPPED", "FAILED", "UNKNOWN", "UNCONFIRMED"]);

/**
 * What follows from a mail's ledger: its contact's timeline says that it was sent, or why not, or that nobody knows; a
 * mail of unknown fate comes back to the mail function after 24 hours to be closed.
 */
export function messageStage(deps: { table: Table; now: () => Date }): Stage {
  return {
    name: "message",
    kind: "message",
    wants: ({ item, previous }) => told.has(item.state) && item.state !== previous?.state,
    run: async ({ item }) => {
      const entry = ledgerEntrySchema.parse(item);
      if (entry.reason === erasedReason) return;
      if (entry.state === "UNKNOWN") await closeLater(deps.table, entry, deps.now());
      if (!entry.pk.startsWith("CONTACT#")) return;
      for (const event of eventsOf(entry, deps.now())) await putEvent(deps.table, event);
    },
  };
}

/** The address of a hard bounce or a complaint gets no more mail, of whatever kind. */
export function suppressStage(deps: { table: Table }): Stage {
  return {
    name: "suppress",
    kind: "event",
    wants: ({ item }) => item.name === "Email Bounced" || item.name === "Email Marked as Spam",
    run: async ({ item }) => {
      const event = eventSchema.parse(item);
      const { addressHash, bounceType } = bouncePropertiesSchema.parse(event.properties);
      if (addressHash === undefined) return;
      const about = { eventId: event.eventId, at: event.occurredAt };
      const reason = await reasonOf(deps.table, event, bounceType, addressHash);
      if (reason !== undefined)
        await putSuppression(deps.table, addressHash, { reason, ...about, contactId: contactOf(event) });
    },
  };
}

/** Why an address gets no more mail after an event; undefined for a temporary bounce that is not one too many. */
async function reasonOf(
  table: Table,
  event: Event,
  bounceType: string | undefined,
  addressHash: string,
): Promise<Suppression["reason"] | undefined> {
  if (event.name !== "Email Bounced") return "complaint";
  if (bounceType === "Permanent") return "bounce";
  const about = { eventId: event.eventId, at: event.occurredAt };
  return (await addSoftBounce(table, addressHash, about, contactOf(event))) ? "soft bounces" : undefined;
}

const warningMetrics = { bounces: bouncesRise, complaints: complaintsRise } as const;

/** Hard bounces and complaints count against the account: at a threshold marketing stops itself, and alarms warn before. */
export function guardStage(deps: { table: Table; now: () => Date; count: (metric: string) => void }): Stage {
  return {
    name: "guard",
    kind: "event",
    wants: ({ item, previous }) =>
      previous === undefined && (item.name === "Email Bounced" || item.name === "Email Marked as Spam"),
    run: async ({ item }) => {
      const event = eventSchema.parse(item);
      const { bounceType } = bouncePropertiesSchema.parse(event.properties);
      const isBounce = event.name === "Email Bounced";
      if (isBounce && bounceType !== "Permanent") return;
      const kind = isBounce ? "bounces" : "complaints";
      const about = { eventId: event.eventId, kind, at: event.occurredAt } as const;
      for (const warning of await countFeedback(deps.table, about, deps.now())) deps.count(warningMetrics[warning]);
    },
  };
}

const bouncePropertiesSchema = z.object({ addressHash: z.optional(z.string()), bounceType: z.optional(z.string()) });

/** A failed mail may have been sent before: its entry remembers, so that an event is told even when its stage runs late. */
function eventsOf(entry: LedgerEntry, now: Date): Event[] {
  const base = { contactId: contactIdOf(entry.pk), receivedAt: now.toISOString(), source: "mail" };
  const about = aboutMail(entry);
  const events: Event[] = [];
  if (entry.sentAt !== undefined) {
    const origin = ["message", entry.pk, entry.sk, "sent"];
    events.push(createEvent({ ...base, origin, name: "Email Sent", occurredAt: entry.sentAt, properties: about }));
  }
  if ((entry.state === "SKIPPED" || entry.state === "FAILED") && entry.endedAt !== undefined) {
    const origin = ["message", entry.pk, entry.sk, "skipped"];
    const properties = { ...about, reason: entry.reason ?? "" };
    events.push(createEvent({ ...base, origin, name: "Email Skipped", occurredAt: entry.endedAt, properties }));
  }
  const unknownSince = entry.unknownAt ?? entry.endedAt;
  if ((entry.state === "UNKNOWN" || entry.state === "UNCONFIRMED") && unknownSince !== undefined) {
    const origin = ["message", entry.pk, entry.sk, "unconfirmed", unknownSince];
    const properties = { ...about, reason: entry.reason ?? "" };
    events.push(createEvent({ ...base, origin, name: "Email Unconfirmed", occurredAt: unknownSince, properties }));
  }
  return events;
}

async function closeLater(table: Table, entry: LedgerEntry, now: Date): Promise<void> {
  if (entry.unknownAt === undefined) return;
  const message: MailMessage = {
    owner: entry.staff === undefined ? { contactId: contactIdOf(entry.pk) } : { staff: entry.staff },
    messageKey: entry.messageKey,
    ...entry.again,
    requestedAt: entry.requestedAt,
    close: true,
    correlationId: entry.correlationId,
  };
  // Never in the past: a stage that is redriven days later must not file it under a day that is swept no more.
  const at = new Date(Math.max(Date.parse(entry.unknownAt) + settlingMilliseconds, now.getTime()));
  const id = digestOf([entry.pk, entry.sk]);
  await putDue(table, { at, id, queue: "mail", body: message, ...contactOfOwner(message.owner) });
}
