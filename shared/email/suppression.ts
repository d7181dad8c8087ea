import * as z from "zod/mini";
import type { Key } from "../table/item.ts";

/** An address that gets no mail at all, whoever it belongs to: it does not exist, or its owner called us spam. */
export const suppressionSchema = z.object({
  reason: z.enum(["bounce", "complaint", "soft bounces"]),
  /** When SES reported it. */
  at: z.string(),
  /** The event it follows from. */
  eventId: z.string(),
  /** Whose address it was; absent on an older item. */
  contactId: z.optional(z.string()),
});
export type Suppression = z.output<typeof suppressionSchema>;

/** Temporary bounces of an address, newest last. */
export const softBouncesSchema = z.object({
  version: z.number(),
  bounces: z.array(z.object({ eventId: z.string(), at: z.string() })),
});
export type SoftBounces = z.output<typeof softBouncesSchema>;

/** The event by which a colleague lets an address get mail again. */
export const suppressionRemoved = "Suppression Removed";

export function softBouncesKey(addressHash: string): Key {
  return { pk: `ADDRESS#${addressHash}`, sk: "SOFT-BOUNCES" };
}

const most = 5;
const periodMilliseconds = 30 * 86_400_000;

/** Counts a temporary bounce once; undefined when it is counted. `full`: five within 30 days, nobody lives there. */
export function countSoftBounce(
  before: SoftBounces | undefined,
  event: { readonly eventId: string; readonly at: string },
): { readonly next: SoftBounces | undefined; readonly full: boolean } {
  const known = before?.bounces ?? [];
  const isFull = (list: SoftBounces["bounces"]) => {
    const times = list.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
    return times.some(
      (time, index) => (times[index + most - 1] ?? Number.POSITIVE_INFINITY) - time <= periodMilliseconds,
    );
  };
  if (known.some(({ eventId }) => eventId === event.eventId)) return { next: undefined, full: isFull(known) };
  const bounces = [...known, { eventId: event.eventId, at: event.at }].slice(-2 * most);
  return { next: { version: (before?.version ?? 0) + 1, bounces }, full: isFull(bounces) };
}

/** Where the list of suppressions stands in the index, and what its sort keys look like: time and address's hash. */
export const suppressionListPk = "SUPPRESSIONS";
export const suppressionListSk = /^[\dT:.Z-]{20,30}#[0-9a-f]{32}$/;

/** Where the suppression of an address stands. */
export function suppressionKey(addressHash: string): Key {
  return { pk: `ADDRESS#${addressHash}`, sk: "SUPPRESSION" };
}
