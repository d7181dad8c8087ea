import { isErased } from "../contacts/contact-store.ts";
import type { MailMessageInput } from "../email/mail-message.ts";
import { createEvent, eventSchema } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { changeOfEvent, concernsConsent } from "./change-of-event.ts";
import { actsOf, consentSchema } from "./consent.ts";
import { applyToConsent } from "./consent-store.ts";
import { endingOf } from "./standing.ts";
import { everyTopic } from "./topics.ts";

/** An event that says something of consent changes the consent of its address. */
export function consentStage({ table, now }: { readonly table: Table; readonly now: () => Date }): Stage {
  return {
    name: "consent",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && concernsConsent(item.name),
    async run({ item }) {
      const change = changeOfEvent(eventSchema.parse(item));
      if (change === undefined || (await isErased(table, change.contactId))) return;
      await applyToConsent(table, change, now());
    },
  };
}

/** A new confirmation is asked for by one transactional mail, of the address that it is about. */
export function confirmationMailStage({
  sendMail,
}: {
  readonly sendMail: (message: MailMessageInput) => Promise<void>;
}): Stage {
  return {
    name: "confirmation-mail",
    kind: "consent",
    wants: ({ item, previous }) =>
      item.confirmationId !== undefined && item.confirmationId !== previous?.confirmationId,
    async run({ item }) {
      const { contactId, address, confirmationId, confirmationSentAt } = consentSchema.parse(item);
      if (confirmationId === undefined) return;
      await sendMail({
        owner: { contactId },
        messageKey: `confirm-${confirmationId}`,
        templateId: "confirm-subscription",
        // It is this mailbox that is to say yes, whichever the contact's mail goes to.
        ...(address !== undefined && { to: address }),
        ...(confirmationSentAt !== undefined && { requestedAt: confirmationSentAt }),
        correlationId: confirmationId,
      });
    },
  };
}

/** Who subscribes, to whatever topics, stands on the contact's timeline, where journeys see it. */
export function subscribedStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "subscribed",
    kind: "consent",
    wants: ({ item, previous }) =>
      item.state === "granted" && (previous?.state !== "granted" || previous.grantedAt !== item.grantedAt),
    async run({ item }) {
      const { state, contactId, addressHash, grantedAt, heardAt, standings = {} } = consentSchema.parse(item);
      if (state !== "granted" || grantedAt === undefined) return;
      const granted = Object.entries(standings).filter(([, standing]) => standing.grantedAt !== undefined);
      const first = granted.find(([, standing]) => standing.grantedAt === grantedAt)?.[1];
      const topics = granted.map(([topic]) => topic).filter((topic) => topic !== everyTopic);
      const event = createEvent({
        contactId,
        origin: ["subscribed", addressHash, grantedAt],
        name: "Subscribed",
        occurredAt: grantedAt,
        // A shop's old subscribers are told of late: they are not welcomed.
        receivedAt: heardAt ?? grantedAt,
        source: "consent",
        properties: {
          addressHash,
          basis: first?.basis,
          formId: first?.source,
          textVersion: first?.textVersion,
          ...(topics.length > 0 && { topics }),
        },
      });
      await putEvent(table, event);
    },
  };
}

/** Whose marketing ends, whichever way, stands on the contact's timeline once, where journeys and results see it. */
export function unsubscribedStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "unsubscribed",
    kind: "consent",
    wants: ({ item, previous }) => item.withdrawnAt !== undefined && item.withdrawnAt !== previous?.withdrawnAt,
    async run({ item }) {
      const consent = consentSchema.parse(item);
      const ending = endingOf(actsOf(consent));
      // Without a source it comes back from before an erasure: it was told then.
      if (ending?.source === undefined) return;
      const { contactId, addressHash } = consent;
      const { at, by, reference, heardAt } = ending;
      const event = createEvent({
        contactId,
        // Of all addresses of a contact alike: one act ends them all.
        origin: ["unsubscribed", contactId, at],
        name: "Unsubscribed",
        occurredAt: at,
        receivedAt: heardAt ?? at,
        source: "consent",
        properties: { addressHash, by, ...(reference !== undefined && { reference }) },
      });
      await putEvent(table, event);
    },
  };
}
