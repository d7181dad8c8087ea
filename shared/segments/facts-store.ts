import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { readConsent } from "../consent/consent-store.ts";
import { getContact } from "../contacts/contact-store.ts";
import { addressHash } from "../contacts/email-address.ts";
import { readSuppression } from "../email/suppression-store.ts";
import { eventSchema } from "../events/event.ts";
import { contactPk, eventPrefix } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import type { Dependencies } from "./dependencies.ts";
import { dayMilliseconds } from "./evaluate.ts";
import { type FactEvent, type Facts, type SegmentContact, segmentContactSchema } from "./facts.ts";

type Needs = Pick<Dependencies, "events" | "eventDays" | "consent" | "suppression">;

/** What several rules need together. */
export function needsOf(all: readonly Dependencies[]): Needs {
  const withEvents = all.filter(({ events }) => events.size > 0);
  const days = withEvents.map(({ eventDays }) => eventDays ?? Number.POSITIVE_INFINITY);
  const most = Math.max(0, ...days);
  return {
    events: new Set(withEvents.flatMap(({ events }) => [...events])),
    eventDays: most === Number.POSITIVE_INFINITY ? undefined : most,
    consent: all.some(({ consent }) => consent),
    suppression: all.some(({ suppression }) => suppression),
  };
}

/** The contact as segments see it, by a consistent read. */
export async function readSegmentContact(table: Table, contactId: string): Promise<SegmentContact | undefined> {
  const contact = await getContact(table, contactId, { consistent: true });
  return contact && segmentContactSchema.parse(contact);
}

/** The facts that some rules need of a contact, by consistent reads, and nothing else. */
export async function readFacts(
  table: Table,
  contact: SegmentContact,
  needs: Needs,
  memberOf: ReadonlySet<string>,
  now: Date,
): Promise<Facts> {
  const hash = contact.email && addressHash(contact.email.value);
  const [consent, suppression, events] = await Promise.all([
    needs.consent && hash !== undefined ? readConsent(table, hash) : undefined,
    needs.suppression && hash !== undefined ? readSuppression(table, hash) : undefined,
    needs.events.size > 0 ? readNamedEvents(table, contact.contactId, needs, now) : [],
  ]);
  return { contact, consent, suppressed: suppression !== undefined, events, memberOf };
}

async function readNamedEvents(table: Table, contactId: string, needs: Needs, now: Date): Promise<FactEvent[]> {
  const since = needs.eventDays === undefined ? 0 : Math.max(0, now.getTime() - needs.eventDays * dayMilliseconds);
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": contactPk(contactId),
        ":from": `${eventPrefix}${new Date(since).toISOString()}`,
        ":to": `${eventPrefix}~`,
      },
      ConsistentRead: true,
    },
  );
  const events: FactEvent[] = [];
  for await (const { Items = [] } of pages) {
    events.push(...Items.filter(({ name }) => needs.events.has(String(name))).map((item) => eventSchema.parse(item)));
  }
  return events;
}
