import { contactOf, type Event } from "../events/event.ts";
import { entryOf, type KpiEntry, personOf } from "./entry.ts";
import { eventFact } from "./fact.ts";

/**
 * The entry of an event that is no fact of the product's own: it keeps the properties that KPIs ask for, and no other,
 * since an entry stays when the person is erased. What is no number, text or yes and no is left out.
 *
 * @param version of the catalogue that asks: an entry written for a later one stays
 */
export function otherEntry(event: Event, asked: ReadonlySet<string>, version: number): KpiEntry {
  const told = [...asked].flatMap((name) => {
    const value = name === "source" ? event.source : event.properties[name];
    return ["string", "boolean"].includes(typeof value) || Number.isFinite(value) ? [[name, value] as const] : [];
  });
  return entryOf({
    fact: eventFact(event.name),
    at: event.occurredAt,
    person: personOf(contactOf(event)),
    id: event.eventId,
    properties: Object.fromEntries(told) as Record<string, string | number | boolean>,
    version,
  });
}
