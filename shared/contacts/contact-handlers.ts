import { predict } from "../customers/prediction-store.ts";
import { DomainError } from "../errors.ts";
import { queryTimeline } from "../events/event-store.ts";
import { stagesIn } from "../funnel/lifecycle.ts";
import type { Handlers } from "../http/router.ts";
import type { contactRoutes } from "../http/routes/contacts.ts";
import type { Table } from "../table/client.ts";
import { otherAddresses } from "./address-rules.ts";
import type { Contact } from "./contact.ts";
import { listContacts } from "./contact-list-store.ts";
import { getContact } from "./contact-store.ts";
import { viewOfContact, viewOfEvent, viewOfStages } from "./contact-view.ts";
import { parseEmailAddress } from "./email-address.ts";
import { findByEmail } from "./identity-store.ts";

/** The staff API's handlers of contacts. */
export function contactHandlers({
  table,
  now,
}: {
  readonly table: Table;
  readonly now: () => Date;
}): Handlers<typeof contactRoutes> {
  return {
    async listContacts({ query: { email, limit, cursor } }) {
      const page =
        email === undefined
          ? await listContacts(table, { limit, cursor })
          : { items: await contactsWithEmail(table, email) };
      return { status: 200, body: { items: page.items.map(viewOfContact), nextCursor: page.nextCursor ?? null } };
    },

    async getContact({ params }) {
      const contact = await requireContact(table, params.id);
      const prediction = await predict(table, contact, now());
      const stage = viewOfStages(stagesIn(contact.lifecycle));
      const otherEmails = [...otherAddresses(contact)];
      return { status: 200, body: { ...viewOfContact(contact), otherEmails, stage, prediction: prediction ?? null } };
    },

    async getTimeline({ params, query }) {
      const page = await queryTimeline(table, params.id, query);
      if (page.items.length === 0) await requireContact(table, params.id);
      return { status: 200, body: { items: page.items.map(viewOfEvent), nextCursor: page.nextCursor ?? null } };
    },
  };
}

async function requireContact(table: Table, contactId: string): Promise<Contact> {
  const contact = await getContact(table, contactId);
  if (contact === undefined) throw new DomainError("not_found", `There is no contact ${contactId}.`);
  return contact;
}

async function contactsWithEmail(table: Table, email: string): Promise<Contact[]> {
  const address = parseEmailAddress(email);
  if (address === undefined) {
    throw new DomainError("invalid_input", "The query's email is not an e-mail address.", {
      errors: [{ pointer: "/query/email", message: "not an e-mail address", code: "invalid_email" }],
    });
  }
  const contactId = await findByEmail(table, address.normalised);
  const contact = contactId === undefined ? undefined : await getContact(table, contactId);
  return contact === undefined ? [] : [contact];
}
