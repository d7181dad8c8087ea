import { DomainError, type Violation } from "../errors.ts";
import { isOrdering } from "../events/commerce.ts";
import { parsePart } from "../http/request.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { refusal, type Told, toldBy } from "./call.ts";
import { browserInstant, type CallType, type Envelope, emailIn, envelopeSchema, instantOf } from "./envelope.ts";
import type { TrackPayload } from "./intake.ts";
import { intakeIdOf } from "./intake-keys.ts";
import { type Arrival, putIntake } from "./intake-store.ts";
import { withOwnLinks } from "./own-links.ts";

/** Who sends: the name of its key, and whether that is a public one. */
export interface Source {
  readonly name: string;
  readonly browser: boolean;
  /** The sites of a public key. */
  readonly origins?: readonly string[] | undefined;
}

export interface Occasion {
  readonly source: Source;
  readonly now: Date;
  /** History: it starts nothing. */
  readonly imported?: true | undefined;
}

/**
 * Takes a call of the Segment spec and keeps it by one durable write. The same `messageId` from the same source is the
 * same event.
 *
 * @param call the type of the route; undefined for what says it itself, in a batch.
 * @returns the event's message id.
 * @throws DomainError for every event that is refused; nothing is stored then.
 */
export async function takeCall(
  table: Table,
  body: unknown,
  call: CallType | undefined,
  occasion: Occasion,
): Promise<string> {
  const arrival = readCall(body, call, occasion);
  await putIntake(table, arrival);
  return arrival.payload.messageId;
}

/**
 * What a call of the Segment spec would be kept as.
 *
 * @throws DomainError for every event that is refused.
 */
export function readCall(
  body: unknown,
  call: CallType | undefined,
  { source, now, imported }: Occasion,
): Extract<Arrival, { type: "track" }> {
  const envelope = parsePart(envelopeSchema, body, "");
  const type = typeOf(envelope, call);
  const all = toldBy(type, envelope);
  if (source.browser) requireBrowserCall(type, all);
  const told = source.browser ? withOwnLinks(all, source.origins ?? []) : all;
  const person = personOf(type, envelope, told, source);
  const said = instantOf(envelope, now);
  const occurredAt = source.browser ? browserInstant(said, now) : said;
  if (!(occurredAt instanceof Date)) throw refusal([occurredAt]);
  const { messageId } = envelope;
  const payload: TrackPayload = {
    ...told,
    ...person,
    properties: { ...told.properties },
    messageId,
    source: source.name,
    timestamp: occurredAt.toISOString(),
    ...(source.browser && { browser: true }),
  };
  return {
    type: "track",
    intakeId: intakeIdOf(["track", source.name], messageId),
    // Our own clock is left out: an event that comes again would differ by it.
    bodyHash: digestOf([JSON.stringify({ ...told, ...person, at: envelope.originalTimestamp ?? envelope.timestamp })]),
    payload,
    receivedAt: now,
    occurredAt,
    imported,
  };
}

function typeOf({ type }: Envelope, call: CallType | undefined): CallType {
  if (call !== undefined && (type === undefined || type === call)) return call;
  if (call === undefined && type !== undefined) return type;
  const message = call === undefined ? "says which call it is" : `is not ${call}, the call of this address`;
  throw refusal([{ pointer: "/type", code: "invalid_type", message }]);
}

/** A browser's key is public: whoever finds it may add to a timeline, and may not tell of money, deals and tickets. */
function requireBrowserCall(type: CallType, { event }: Told): void {
  if (type === "alias") throw new DomainError("forbidden", "A write key may not post alias.");
  if (/^(Order|Payment|Deal|Ticket) /.test(event))
    throw new DomainError("forbidden", `A write key may not post "${event}".`);
}

type Person = Pick<TrackPayload, "email" | "userId" | "anonymousId">;

/** Who it is. Of a browser we believe its own id, and an address only where somebody gives it. */
function personOf(type: CallType, envelope: Envelope, { event, properties }: Told, { browser }: Source): Person {
  const anonymousId = envelope.anonymousId ?? (type === "alias" ? (envelope.previousId ?? undefined) : undefined);
  const email = browser && type !== "identify" ? {} : emailIn(envelope);
  if (isViolations(email)) throw refusal(email);
  const userId = browser ? undefined : (envelope.userId ?? undefined);
  if (browser && anonymousId === undefined) {
    throw refusal([{ pointer: "/anonymousId", code: "missing", message: "is what a browser's events are known by" }]);
  }
  // What is taken back of an order is its buyer's.
  const ofOrder = isOrdering(event) ? undefined : properties.orderId;
  const known = email.email ?? userId ?? anonymousId ?? properties.cartId ?? properties.checkoutId ?? ofOrder;
  if (known !== undefined) return { ...email, ...(userId && { userId }), ...(anonymousId && { anonymousId }) };
  const pointer = event.startsWith("Order ") ? "/properties/email" : "/anonymousId";
  const message = "is missing: say whose event it is by an e-mail address, userId, anonymousId or cart_id";
  throw refusal([{ pointer, code: "missing", message }]);
}

function isViolations(given: object): given is readonly Violation[] {
  return Array.isArray(given);
}
