import { takenBackSchema } from "../events/commerce.ts";
import type { Event } from "../events/event.ts";
import { dealEventSchema, ticketEventSchema } from "../events/sales.ts";
import { dealNames, ticketNames } from "../events/vocabulary.ts";
import { dealEntries } from "./deal-facts.ts";
import type { KpiEntry } from "./entry.ts";
import { takenBackEntries } from "./order-facts.ts";
import { ticketEntries } from "./ticket-facts.ts";

/**
 * Events whose entries are worked out together, since one changes what another stands for: of one order what is taken
 * back, of one deal, of one ticket. They are of one contact and one source.
 */
interface Matter {
  readonly names: readonly string[];
  /** Undefined for an event that was kept before its name meant something. */
  readonly idOf: (properties: Event["properties"]) => string | undefined;
  readonly entries: (events: readonly Event[]) => readonly KpiEntry[];
}

const matters: readonly Matter[] = [
  {
    names: ["Order Refunded", "Order Cancelled"],
    idOf: (properties) => takenBackSchema.safeParse(properties).data?.orderId,
    entries: takenBackEntries,
  },
  {
    names: dealNames,
    idOf: (properties) => dealEventSchema.safeParse(properties).data?.dealId,
    entries: dealEntries,
  },
  {
    names: ticketNames,
    idOf: (properties) => ticketEventSchema.safeParse(properties).data?.ticketId,
    entries: ticketEntries,
  },
];

/** Names of events whose entries hang together with those of others. */
export const matterNames: ReadonlySet<string> = new Set(matters.flatMap(({ names }) => names));

/**
 * The entries of all events that hang together with one. They depend on the events alone, so that whoever works them out
 * with the same events comes to the same; their version is how many events that were.
 *
 * @param timeline the contact's events, in any order
 */
export function matterEntries(event: Event, timeline: readonly Event[]): readonly KpiEntry[] {
  const matter = matters.find(({ names }) => names.includes(event.name));
  return matter?.entries(relatedEvents(event, timeline)) ?? [];
}

/** The events of a timeline that hang together with one, itself included, oldest first; none of an event that tells no id. */
export function relatedEvents(event: Event, timeline: readonly Event[]): readonly Event[] {
  const matter = matters.find(({ names }) => names.includes(event.name));
  const id = matter?.idOf(event.properties);
  if (matter === undefined || id === undefined) return [];
  const known = new Map([...timeline, event].map((each) => [each.eventId, each] as const));
  const related = [...known.values()].filter(
    (each) => each.source === event.source && matter.names.includes(each.name) && matter.idOf(each.properties) === id,
  );
  return related.sort((a, b) => (a.sk < b.sk ? -1 : 1));
}
