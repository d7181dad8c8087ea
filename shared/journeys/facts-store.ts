import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { getContact } from "../contacts/contact-store.ts";
import { viewOfContact } from "../contacts/contact-view.ts";
import { type Event, eventSchema } from "../events/event.ts";
import { contactPk, eventKey, eventPrefix } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import { queryAll } from "../table/query-all.ts";
import { ownTimeZone } from "../time-zone.ts";
import { heardWhileRunning, type Journey } from "./definition.ts";
import { withLinkedKeys } from "./entry-key.ts";
import type { EventFact } from "./event-match.ts";
import type { Facts } from "./facts.ts";
import { entryPaths, startingEvents } from "./trigger.ts";

/** How long before its trigger an event may be that carries the run's entry key. */
const lookBack = 3 * 86_400_000;

export interface RunStart {
  readonly contactId: string;
  readonly eventId: string;
  readonly triggeredAt: string;
}

/**
 * What the engine needs for a run: the contact's events since the trigger by a consistent Query, and the contact itself
 * where a branch asks for it, or an hour by its clock. A journey that listens to nothing costs no read.
 */
export async function readFacts(
  table: Table,
  journey: Journey,
  { contactId, eventId, triggeredAt }: RunStart,
  { timeZone, event }: { readonly timeZone: string; readonly event?: EventFact },
): Promise<Facts> {
  const asks = (prefix: string) =>
    journey.steps.some(
      (step) =>
        (step.type === "waitUntilDate" && step.date.startsWith(prefix)) ||
        (step.type === "branch" &&
          step.branches.some(({ when }) => when.some(({ property }) => property.startsWith(prefix)))),
    );
  const names = new Set([...heardWhileRunning(journey), ...journey.activity.map((match) => match.event)]);
  const [events, found, trigger] = await Promise.all([
    names.size > 0 ? eventsSince(table, contactId, new Date(Date.parse(triggeredAt) - lookBack).toISOString()) : [],
    asks("contact.") || namesHours(journey) ? getContact(table, contactId, { consistent: true }) : undefined,
    event === undefined && asks("event.") ? readTrigger(table, { contactId, eventId, triggeredAt }) : event,
  ]);
  const contact = found === undefined ? {} : viewOfContact(found);
  const unknown: EventFact = {
    eventId,
    name: startingEvents(journey)[0] ?? "",
    occurredAt: triggeredAt,
    properties: {},
  };
  return {
    contactId,
    event: trigger ?? unknown,
    events: withLinkedKeys(
      entryPaths(journey),
      events.filter(({ name }) => names.has(name)),
    ),
    contact: { ...contact },
    timeZone: timeZoneFor(journey, contact, timeZone),
  };
}

function namesHours({ quietHours, steps }: Journey): boolean {
  return quietHours !== undefined || steps.some(({ type }) => type === "waitUntil" || type === "waitUntilDate");
}

/** By whose clock a journey's hours are for a contact, as the API shows it: its own, else the journey's, else the account's. */
export function timeZoneFor(
  journey: Pick<Journey, "timeZone">,
  { traits }: Readonly<Record<string, unknown>>,
  account: string,
): string {
  return ownTimeZone(traits) ?? journey.timeZone ?? account;
}

async function eventsSince(table: Table, contactId: string, since: string): Promise<Event[]> {
  const range = { pk: contactPk(contactId), from: `${eventPrefix}${since}`, to: `${eventPrefix}\uffff` };
  return (await queryAll(table, { ...range, consistent: true })).map((item) => eventSchema.parse(item));
}

/** The event that started a run; undefined when it is gone. */
export async function readTrigger(
  table: Table,
  { contactId, eventId, triggeredAt }: RunStart,
): Promise<Event | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: eventKey(contactId, triggeredAt, eventId), ConsistentRead: true }),
  );
  return Item && eventSchema.parse(Item);
}
