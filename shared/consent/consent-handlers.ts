import { getContact } from "../contacts/contact-store.ts";
import { addressHash } from "../contacts/email-address.ts";
import { DomainError } from "../errors.ts";
import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import type { Handlers } from "../http/router.ts";
import type { consentRoutes } from "../http/routes/consent.ts";
import type { Table } from "../table/client.ts";
import { changeOfEvent } from "./change-of-event.ts";
import { type Consent, decide, standingsFor } from "./consent.ts";
import { readConsent } from "./consent-store.ts";
import { viewOfConsent } from "./consent-view.ts";
import { everyTopic, requireTopics, type Topic } from "./topics.ts";

/** The staff API's handlers of consent. What is recorded is an event; the stage of consents does the rest. */
export function consentHandlers({
  table,
  topics,
  now,
}: {
  readonly table: Table;
  readonly topics: readonly Topic[];
  readonly now: () => Date;
}): Handlers<typeof consentRoutes> {
  async function requireAddress(contactId: string): Promise<string> {
    const contact = await getContact(table, contactId);
    if (contact === undefined) throw new DomainError("not_found", `There is no contact ${contactId}.`);
    if (contact.email !== undefined) return contact.email.value;
    throw new DomainError("not_found", "The contact has no e-mail address, and so no consent to marketing mail.");
  }

  return {
    async getConsent({ params }) {
      const email = await requireAddress(params.id);
      return { status: 200, body: viewOfConsent(email, await readConsent(table, addressHash(email)), now()) };
    },

    async recordConsent({ params, body, caller, correlationId }) {
      requireTopics(topics, body.topics ?? [], "/topics");
      const email = await requireAddress(params.id);
      const current = await readConsent(table, addressHash(email));
      const at = now().toISOString();
      const event = createEvent({
        contactId: params.id,
        origin: ["consent", params.id, correlationId],
        name: "Consent Recorded",
        occurredAt: at,
        receivedAt: at,
        source: "staff",
        properties: { email, ...body, by: caller?.username ?? "" },
      });
      const change = changeOfEvent(event);
      const next = change && (decide(current, change, now()) ?? current);
      if (body.state === "subscribed") requireGranted(next, body.topics ?? [everyTopic]);
      await putEvent(table, event);
      return { status: 202, body: viewOfConsent(email, next, now()) };
    },
  };
}

/** @throws DomainError consent_withdrawn where a withdrawal stands against what was to be recorded. */
function requireGranted(consent: Consent | undefined, topics: readonly string[]): void {
  for (const topic of topics) {
    const [standing] = standingsFor(consent, topic);
    if (standing?.state === "granted") continue;
    const about = topic === everyTopic ? "marketing mail" : `the topic ${topic}`;
    throw new DomainError(
      "consent_withdrawn",
      `Nothing was recorded: ${about} was ended on ${standing?.withdrawnAt}. Only the person can undo that: by the preference centre, or by a form and its confirmation.`,
    );
  }
}
