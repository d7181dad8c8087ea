import * as z from "zod/mini";
import { parseEmailAddress } from "../contacts/email-address.ts";
import type { Violation } from "../errors.ts";
import { identifier, line } from "./input-values.ts";

const instant = z.nullish(z.iso.datetime({ offset: true }));
const traits = z.nullish(z.looseObject({ email: z.nullish(z.string()) }));
const page = z.nullish(z.looseObject({}));

/** The calls of the Segment spec that we take. */
export const callTypes = ["track", "identify", "alias", "page", "screen"] as const;
export type CallType = (typeof callTypes)[number];

/** The envelope of a call of the Segment spec: strict on what we use, loose on the rest. */
export const envelopeSchema = z.looseObject({
  type: z.optional(z.enum(callTypes)),
  event: z.optional(z.string()),
  /** Of a page or a screen. */
  name: z.nullish(z.string()),
  messageId: line(255),
  userId: z.nullish(identifier),
  anonymousId: z.nullish(identifier),
  previousId: z.nullish(identifier),
  timestamp: instant,
  originalTimestamp: instant,
  sentAt: instant,
  properties: z.nullish(z.looseObject({ email: z.nullish(z.string()) })),
  context: z.nullish(z.looseObject({ traits, page, campaign: page })),
  traits,
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** The address in the first place that has one: where sources put it differs. */
export function emailIn(envelope: Envelope): { readonly email?: string } | readonly Violation[] {
  const places: readonly (readonly [string, string | null | undefined])[] = [
    ["/properties/email", envelope.properties?.email],
    ["/context/traits/email", envelope.context?.traits?.email],
    ["/traits/email", envelope.traits?.email],
  ];
  const [pointer, email] = places.find(([, value]) => typeof value === "string" && value.trim() !== "") ?? [];
  if (pointer === undefined || typeof email !== "string") return {};
  const parsed = parseEmailAddress(email);
  return parsed ? { email: parsed.address } : [{ pointer, code: "invalid_email", message: "is not an e-mail address" }];
}

const dayMilliseconds = 86_400_000;
/** Clocks that were never set say 1970; an instant before the year 0 would not even be readable again. */
const earliest = new Date(0);

/**
 * When it happened. With `sentAt`, the sender's clock is corrected as the spec says: what was said to be a minute before
 * it was sent happened a minute before it arrived.
 */
export function instantOf(envelope: Envelope, now: Date): Date | Violation {
  const { timestamp, originalTimestamp, sentAt } = envelope;
  const said = originalTimestamp ?? timestamp;
  if (said === undefined || said === null) return now;
  const corrected = sentAt ? now.getTime() - (Date.parse(sentAt) - Date.parse(said)) : Date.parse(said);
  const pointer = originalTimestamp ? "/originalTimestamp" : "/timestamp";
  if (corrected < earliest.getTime() || new Date(said) < earliest) {
    return { pointer, code: "too_early", message: "is before 1970" };
  }
  if (corrected <= now.getTime() + dayMilliseconds) return new Date(corrected);
  return { pointer, code: "in_the_future", message: "is more than a day ahead of our clock" };
}

/** Browsers' clocks are anybody's: never ahead of ours, and as old as a retry queue may be at most. */
export function browserInstant(instant: Date | Violation, now: Date): Date {
  if (!(instant instanceof Date)) return now;
  const oldest = now.getTime() - 7 * dayMilliseconds;
  return new Date(Math.min(Math.max(instant.getTime(), oldest), now.getTime()));
}
