import { liveInstantOf } from "../contacts/folded-events.ts";

const historicAfter = 72 * 3_600_000;

/** A contact's item: the marks in `ring` say which events it holds. */
type HeldEvents = Readonly<Record<string, unknown>>;

/**
 * Whether a contact changed by old facts alone: by events that were imported, or of more than 72 hours ago. What it then enters starts
 * nothing.
 *
 * @param before the contact before the change; undefined when that is not known, or it is new
 */
export function isHistoric(before: HeldEvents | undefined, after: HeldEvents, now: Date): boolean {
  const known = new Set(marksIn(before));
  const told = marksIn(after).filter((mark) => !known.has(mark));
  // An event that left no mark lies below the floor, which is older than all that the ring holds.
  const decisive = told.length > 0 ? told : [after.floor].filter((mark) => typeof mark === "string");
  const since = now.getTime() - historicAfter;
  return decisive.length > 0 && decisive.every((mark) => (liveInstantOf(mark) ?? 0) < since);
}

function marksIn(held: HeldEvents | undefined): readonly string[] {
  return Array.isArray(held?.ring) ? held.ring.filter((mark) => typeof mark === "string") : [];
}
