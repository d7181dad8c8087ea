import type { Event } from "../events/event.ts";

/** How many of the newest folded events a profile remembers one by one. */
export const ringSize = 32;

/** Which events a profile holds: the newest one by one in `ring`, all others at or below `floor`. */
export interface FoldedEvents {
  /** Marks of events, ascending. */
  readonly ring: readonly string[];
  /** The newest mark that was dropped from the ring. */
  readonly floor?: string | undefined;
}

/** Ends the mark of an event that was imported or claimed, and starts nothing; no id has such a digit. */
const startsNothing = "i";

/**
 * An event's place in the total order of events: its time in base 36, then ten digits of its id (40 bits, which need
 * only differ among the events of one millisecond of one contact).
 */
export function markOf(event: Pick<Event, "occurredAt" | "eventId"> & Partial<Event>): string {
  const milliseconds = Math.max(0, Date.parse(event.occurredAt));
  const place = milliseconds.toString(36).padStart(9, "0") + event.eventId.slice(0, 10);
  return event.imported || event.claimed ? place + startsNothing : place;
}

/** When the event of a mark happened, in milliseconds since the epoch; undefined when it starts nothing. */
export function liveInstantOf(mark: string): number | undefined {
  return mark.endsWith(startsNothing) ? undefined : instantOf(mark);
}

/** When the event of a mark happened, in milliseconds since the epoch, whoever told of it. */
export function instantOf(mark: string): number {
  return Number.parseInt(mark.slice(0, 9), 36);
}

/** Whether an event was folded already, is new, or is so old that only the whole partition can tell. */
export function placeOf(folded: FoldedEvents | undefined, mark: string): "folded" | "below floor" | "new" {
  if (folded === undefined) return "new";
  if (folded.ring.includes(mark)) return "folded";
  return folded.floor !== undefined && mark <= folded.floor ? "below floor" : "new";
}

/** Remembers a new event's mark; the oldest mark of a full ring becomes the floor. */
export function remember(
  folded: FoldedEvents | undefined,
  mark: string,
): { ring: string[]; floor?: string | undefined } {
  const ring = [...(folded?.ring ?? []), mark].sort();
  if (ring.length <= ringSize) return { ring, floor: folded?.floor };
  return { ring: ring.slice(1), floor: ring[0] };
}
