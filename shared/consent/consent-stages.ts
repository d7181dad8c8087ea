import * as z from "zod/mini";
import { addressHash } from "../contacts/email-address.ts";
import type { MailMessageInput } from "../email/mail-message.ts";
import { contactOf, createEvent, type Event, eventSchema, mayStart } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { formPayloadSchema, linkPayloadSchema, preferencesPayloadSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type ConsentRequest, consentSchema } from "./consent.ts";
import { applyToConsent } from "./consent-store.ts";

const concerned: readonly unknown[] = [
  "Form Submitted",
  "Consent Confirmed",
  "Unsubscribed",
  "Consent Changed",
  "Preferences Changed",
] satisfies Event["name"][];

/** An event that says something of consent changes the consent of its address. */
export function consentStage({ table, now }: { readonly table: Table; readonly now: () => Date }): Stage {
  return {
    name: "consent",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && concerned.includes(item.name),
    async run({ item }) {
      const request = requestOf(eventSchema.parse(item));
      if (request !== undefined) await applyToConsent(table, request, now());
    },
  };
}

function requestOf(event: Event): ConsentRequest | undefined {
  const contactId = contactOf(event);
  const at = event.occurredAt;
  if (event.name === "Consent Changed") return reportOf(event);
  if (event.name === "Preferences Changed") {
    const { addressHash: hash, choice } = preferencesPayloadSchema.parse(event.properties);
    const type = ({ all: "resume", none: "withdraw", pause: "pause" } as const)[choice];
    return { type, at, contactId, addressHash: hash };
  }
  if (event.name !== "Form Submitted") {
    const type = event.name === "Unsubscribed" ? "withdraw" : "confirm";
    return { type, at, contactId, addressHash: linkPayloadSchema.parse(event.properties).addressHash };
  }
  const { formId, fields, marketing, consent } = formPayloadSchema.parse(event.properties);
  if (!marketing || consent === undefined || !mayStart(event)) return undefined;
  return {
    type: "tick",
    at,
    eventId: event.eventId,
    addressHash: addressHash(fields.email),
    address: fields.email,
    contactId,
    text: consent.text,
    textVersion: consent.version,
    source: formId,
    doubleOptIn: consent.doubleOptIn,
  };
}

/** What a shop's webhook says of a consent. */
const reportSchema = z.object({
  email: z.string(),
  channel: z.string(),
  state: z.enum(["subscribed", "unsubscribed"]),
  dated: z.boolean(),
  confirmed: z.boolean(),
});

function reportOf(event: Event): ConsentRequest | undefined {
  const { email, channel, state, dated, confirmed } = reportSchema.parse(event.properties);
  if (channel !== "email") return undefined;
  return {
    type: "report",
    decision: state,
    dated,
    confirmed,
    at: event.occurredAt,
    heardAt: event.receivedAt,
    addressHash: addressHash(email),
    address: email,
    contactId: contactOf(event),
    source: event.source,
  };
}

/** A new confirmation is asked for by one transactional mail. */
export function confirmationMailStage({
  sendMail,
}: {
  readonly sendMail: (message: MailMessageInput) => Promise<void>;
}): Stage {
  return {
    name: "confirmation-mail",
    kind: "consent",
    wants: ({ item, previous }) =>
      item.state === "pending" && item.confirmationId !== undefined && item.confirmationId !== previous?.confirmationId,
    async run({ item }) {
      const { contactId, confirmationId, confirmationSentAt } = consentSchema.parse(item);
      if (confirmationId === undefined) return;
      await sendMail({
        owner: { contactId },
        messageKey: `confirm-${confirmationId}`,
        templateId: "confirm-subscription",
        ...(confirmationSentAt !== undefined && { requestedAt: confirmationSentAt }),
        correlationId: confirmationId,
      });
    },
  };
}

/** A consent that was granted stands on the contact's timeline, where journeys see it. */
export function subscribedStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "subscribed",
    kind: "consent",
    wants: ({ item, previous }) =>
      item.state === "granted" && (previous?.state !== "granted" || previous.grantedAt !== item.grantedAt),
    async run({ item }) {
      const consent = consentSchema.parse(item);
      const { contactId, grantedAt, heardAt, method, source, textVersion } = consent;
      if (consent.state !== "granted" || grantedAt === undefined) return;
      const event = createEvent({
        contactId,
        origin: ["subscribed", consent.addressHash, grantedAt],
        name: "Subscribed",
        occurredAt: grantedAt,
        // A shop's old subscribers are told of late: they are not welcomed.
        receivedAt: heardAt ?? grantedAt,
        source: "consent",
        properties: { addressHash: consent.addressHash, method, formId: source, textVersion },
      });
      await putEvent(table, event);
    },
  };
}
