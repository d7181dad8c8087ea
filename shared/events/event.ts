import * as z from "zod/mini";
import { digestOf } from "../table/hash.ts";
import { contactIdOf, eventKey } from "./event-keys.ts";

/** The name of an event: one of the vocabulary (`vocabulary.ts`), or any custom one. */
export const eventNameSchema = z.string().check(
  z.minLength(1),
  z.maxLength(100),
  z.refine((name) => name.isWellFormed() && !/\p{Cc}/u.test(name) && name === name.trim(), "one line of text"),
);
export type EventName = z.infer<typeof eventNameSchema>;

const instant = z.iso.datetime({ precision: 3 });

/** One immutable fact about a contact, as it stands in the table. */
export const eventSchema = z.object({
  pk: z.string().check(z.startsWith("CONTACT#")),
  sk: z.string().check(z.startsWith("EVENT#")),
  kind: z.literal("event"),
  eventId: z.string(),
  name: eventNameSchema,
  /** When it happened, ISO 8601 UTC with milliseconds. */
  occurredAt: instant,
  /** When we heard of it. */
  receivedAt: instant,
  /** Who told: `form`, `page`, `mail`, or the name of an API key. */
  source: z.string(),
  /** The intake item it came from, so that erasure finds both. */
  intakeId: z.optional(z.string()),
  /** Told by an import: history, however young. */
  imported: z.optional(z.literal(true)),
  /** Somebody's by nothing but a browser's word, which anybody may give. */
  claimed: z.optional(z.literal(true)),
  properties: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof eventSchema>;

/** What makes an event. `origin` names the write it follows from: the same origin gives the same event id. */
export interface EventFacts {
  readonly contactId: string;
  readonly origin: readonly string[];
  readonly name: EventName;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly source: string;
  readonly intakeId?: string;
  readonly imported?: true;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The event item of some facts; the same facts give the same item, so that writing it again changes nothing. */
export function createEvent({ contactId, origin, properties, ...facts }: EventFacts): Event {
  const eventId = eventIdOf(origin);
  return {
    ...eventKey(contactId, facts.occurredAt, eventId),
    kind: "event",
    eventId,
    ...facts,
    properties: { ...properties },
  };
}

/** The id of the event that follows from a write. */
export function eventIdOf(origin: readonly string[]): string {
  return digestOf(["event", ...origin], 20);
}

/** Whose event it is. */
export function contactOf(event: Pick<Event, "pk">): string {
  return contactIdOf(event.pk);
}

const staleAfterMilliseconds = 72 * 3_600_000;

/**
 * False for what is imported, heard of more than 72 hours late, or somebody's only as a browser claims: it updates records
 * but starts nothing.
 */
export function mayStart(event: Pick<Event, "occurredAt" | "receivedAt" | "imported" | "claimed">): boolean {
  if (event.imported || event.claimed) return false;
  return Date.parse(event.receivedAt) - Date.parse(event.occurredAt) <= staleAfterMilliseconds;
}
