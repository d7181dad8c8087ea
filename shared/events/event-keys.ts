import type { Key } from "../table/item.ts";

const contactPrefix = "CONTACT#";

/** First part of every event's sort key: the timeline is the range that begins with it. */
export const eventPrefix = "EVENT#";

/** The partition of all that belongs to a contact. */
export function contactPk(contactId: string): string {
  return `${contactPrefix}${contactId}`;
}

/** Whose partition it is. */
export function contactIdOf(pk: string): string {
  return pk.slice(contactPrefix.length);
}

/**
 * What of a contact stands outside its partition names it in the index: export and erasure find it there. Stored beside
 * the item's own attributes.
 */
export function ownedBy(contactId: string, { pk, sk }: Key): { readonly gsi1pk: string; readonly gsi1sk: string } {
  return { gsi1pk: contactPk(contactId), gsi1sk: `${pk} ${sk}` };
}

/** Where an event stands: by the time it happened, then by id. */
export function eventKey(contactId: string, occurredAt: string, eventId: string): Key {
  return { pk: contactPk(contactId), sk: `${eventPrefix}${occurredAt}#${eventId}` };
}
