import { contactOf, type Event } from "../events/event.ts";
import { ticketEventSchema } from "../events/sales.ts";
import { entryOf, type KpiEntry, lagBetween, personOf } from "./entry.ts";

/**
 * The entries of a ticket: its opening, its first reply by a person, and its last resolution, as long as it is not opened
 * again after it. Times are from the opening; without one there are none.
 *
 * @param events all that the timeline holds of one ticket, oldest first
 */
export function ticketEntries(events: readonly Event[]): readonly KpiEntry[] {
  const told = events.map((event) => ({ event, ticket: ticketEventSchema.parse(event.properties) }));
  const opened = events.find(({ name }) => name === "Ticket Opened");
  const replied = told.find(({ event, ticket }) => event.name === "Ticket First Reply" && !ticket.automatic)?.event;
  const last = events.findLast(({ name }) => name === "Ticket Resolved");
  const reopened = events.some(
    ({ name, occurredAt }) => name === "Ticket Reopened" && occurredAt > (last?.occurredAt ?? ""),
  );
  const standing = new Set([opened, replied, reopened ? undefined : last]);
  return told.flatMap(({ event, ticket }) => {
    const fact = entryNames.get(event.name);
    if (fact === undefined) return [];
    const { channel, owner, team, priority } = ticket;
    const lag =
      fact === "Ticket Opened" || opened === undefined ? undefined : lagBetween(opened.occurredAt, event.occurredAt);
    return entryOf({
      fact,
      at: event.occurredAt,
      person: personOf(contactOf(event)),
      id: event.eventId,
      properties: { channel, owner, team, priority, source: event.source, lag },
      version: events.length,
      withdrawn: !standing.has(event),
    });
  });
}

const entryNames = new Map(
  (["Ticket Opened", "Ticket First Reply", "Ticket Resolved"] as const).map((name) => [name as string, name] as const),
);
