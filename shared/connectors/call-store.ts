import { parseEmailAddress } from "../contacts/email-address.ts";
import { DomainError } from "../errors.ts";
import { isOrdering } from "../events/commerce.ts";
import { intakeIdOf } from "../intake/intake-keys.ts";
import { putIntake } from "../intake/intake-store.ts";
import { takeCall } from "../intake/track.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { Call, Mapped, TrackCall } from "./connector.ts";
import type { Source } from "./source.ts";

export interface Origin {
  readonly source: string;
  readonly deliveryId: string;
  /** History: it starts nothing. */
  readonly imported?: true;
}

/** Facts that only a shop's signature vouches for: no API key can tell them. */
const vouched: ReadonlySet<string> = new Set(["Consent Changed"]);

/**
 * Keeps what a delivery says, each fact by one durable write. The same delivery again changes nothing.
 *
 * @returns how many facts are kept, now or before. A fact of nobody is none.
 * @throws DomainError invalid_input for what is not as it should be.
 */
export async function storeCalls(
  table: Table,
  { source, deliveryId, imported }: Origin,
  calls: readonly Call[],
  now: Date,
): Promise<number> {
  let stored = 0;
  for (const [at, given] of calls.entries()) {
    const call = withUsableEmail(given);
    if (!isSomebodys(call)) continue;
    const fact = factOf(call);
    // Named by the delivery and the place in it: the parts that a crash cut off are written when it comes again.
    const messageId = fact ?? `${deliveryId}-${at}`;
    try {
      if (call.type === "track" && vouched.has(call.event)) await putVouched(table, source, messageId, call, now);
      else {
        const occasion = { source: { name: source, browser: false }, now, imported };
        await takeCall(table, { ...call, messageId }, call.type, occasion);
      }
    } catch (error) {
      const toldBefore = fact !== undefined && error instanceof DomainError && error.code === "idempotency_key_reused";
      if (!toldBefore) throw error;
    }
    stored++;
  }
  return stored;
}

/**
 * What happens to an order once, or to each refund once: senders tell it in several deliveries, with other words around
 * it, and whoever copies a signed body may send it again under a new name. The first one counts. An order of nobody
 * is another fact, since a later delivery may say whose it is.
 */
function factOf(call: Call): string | undefined {
  if (call.type !== "track") return undefined;
  const { order_id, refund_id } = call.properties;
  if (call.event === "Order Refunded") return digestOf([call.event, String(order_id), String(refund_id)]);
  if (!isOrdering(call.event) && call.event !== "Order Cancelled") return undefined;
  const whose = traitsOf(call).email === undefined ? "nobody's" : "somebody's";
  return digestOf([call.event, String(order_id), whose]);
}

function traitsOf(call: Call) {
  return call.type === "track" ? call.context.traits : call.traits;
}

/** What a shop took for an address and is none must not cost its order. */
function withUsableEmail(call: Call): Call {
  const { email, ...others } = traitsOf(call);
  const traits = { ...others, email: email === undefined ? undefined : parseEmailAddress(email)?.address };
  return call.type === "track" ? { ...call, context: { traits } } : { ...call, traits };
}

/** A refund and a payment are their order's; anything else needs an address, an account or a token. */
function isSomebodys(call: Call): boolean {
  const { email } = traitsOf(call);
  if (call.type === "identify") return email !== undefined;
  if (vouched.has(call.event)) return email !== undefined;
  const { cart_id, checkout_id, refund_id, payment_id } = call.properties;
  return (email ?? call.userId ?? cart_id ?? checkout_id ?? refund_id ?? payment_id) !== undefined;
}

async function putVouched(table: Table, source: string, messageId: string, call: TrackCall, now: Date): Promise<void> {
  const { event, properties, userId } = call;
  const told = { event, properties: { ...properties }, email: call.context.traits.email, ...(userId && { userId }) };
  const occurredAt = call.timestamp === undefined ? now : new Date(call.timestamp);
  await putIntake(table, {
    type: "track",
    intakeId: intakeIdOf(["track", source], messageId),
    bodyHash: digestOf([JSON.stringify({ ...told, at: call.timestamp })]),
    payload: { ...told, messageId, source, timestamp: occurredAt.toISOString() },
    receivedAt: now,
    occurredAt,
  });
}

/**
 * Keeps what a shop passes on of the law. What it says is its name, however often and under whatever delivery it comes; the
 * erasure of a shop is one for each time that it was connected.
 */
export async function storePrivacyRequest(
  table: Table,
  { source, connectedAt }: Pick<Source, "source" | "connectedAt">,
  told: NonNullable<Mapped["privacy"]>,
  now: Date,
): Promise<void> {
  const email = told.email === undefined ? undefined : parseEmailAddress(told.email)?.address;
  const payload = { ...told, source, email };
  const bodyHash = digestOf([JSON.stringify(payload), told.request === "shop" ? connectedAt : ""]);
  await putIntake(table, {
    type: "privacy",
    intakeId: intakeIdOf(["privacy", source], bodyHash),
    bodyHash,
    payload,
    receivedAt: now,
  });
}
