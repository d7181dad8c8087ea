import type { ApiKey } from "../access/api-key.ts";
import { DomainError, type Violation } from "../errors.ts";
import { parseJson, parsePart } from "../http/request.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { TrackPayload } from "./intake.ts";
import { intakeIdOf } from "./intake-keys.ts";
import { putIntake } from "./intake-store.ts";
import {
  emailIn,
  orderCompletedSchema,
  orderFrom,
  type TrackEnvelope,
  trackEnvelopeSchema,
} from "./order-completed.ts";
import { mediaTypeOf, requireSize } from "./submission-body.ts";

const understood = ["Order Completed"];
const aheadMilliseconds = 24 * 3_600_000;
/** Clocks that were never set say 1970; an instant before the year 0 would not even be readable again. */
const earliest = new Date(0);

/**
 * Takes an event of the Segment spec and keeps it by one durable write. The same `messageId` from the same source is
 * the same event.
 *
 * @returns the event's message id.
 * @throws DomainError for every event that is refused; nothing is stored then.
 */
export async function takeEvent(
  table: Table,
  key: ApiKey,
  post: { readonly headers: Readonly<Record<string, string | undefined>>; readonly rawBody: Buffer },
  now: Date,
): Promise<string> {
  requireSize(post.rawBody);
  if (mediaTypeOf(post.headers["content-type"]) !== "application/json") {
    throw new DomainError("unsupported_media_type", "Send the event as application/json.");
  }
  const envelope = parsePart(trackEnvelopeSchema, parseJson(post.rawBody), "");
  const occurredAt = instantOf(envelope, now);
  const told = orderOf(envelope);
  const { messageId } = envelope;
  const payload: TrackPayload = { ...told, messageId, source: key.name, timestamp: occurredAt.toISOString() };
  await putIntake(table, {
    type: "track",
    intakeId: intakeIdOf(["track", key.name], messageId),
    // Without a timestamp of its own, an event that comes again would differ by ours.
    bodyHash: digestOf([JSON.stringify({ ...told, timestamp: envelope.timestamp ?? null })]),
    payload,
    receivedAt: now,
    occurredAt,
  });
  return messageId;
}

function orderOf(envelope: TrackEnvelope): Pick<TrackPayload, "event" | "email" | "properties"> {
  if (envelope.event !== "Order Completed") {
    throw refusal([
      { pointer: "/event", code: "unknown_event", message: `is none of those understood: ${understood.join(", ")}` },
    ]);
  }
  const properties = parsePart(orderCompletedSchema, envelope.properties, "/properties");
  const buyer = emailIn(envelope);
  const order = orderFrom(properties);
  const violations = [...("email" in buyer ? [] : buyer), ...("orderId" in order ? [] : order)];
  if (!("email" in buyer) || !("orderId" in order)) throw refusal(violations);
  return { event: envelope.event, email: buyer.email, properties: order };
}

function instantOf({ timestamp }: TrackEnvelope, now: Date): Date {
  if (timestamp === undefined || timestamp === null) return now;
  const instant = new Date(timestamp);
  if (instant < earliest) {
    throw refusal([{ pointer: "/timestamp", code: "too_early", message: "is before 1970" }]);
  }
  if (instant.getTime() <= now.getTime() + aheadMilliseconds) return instant;
  throw refusal([{ pointer: "/timestamp", code: "in_the_future", message: "is more than a day ahead of our clock" }]);
}

function refusal(violations: readonly Violation[]): DomainError {
  const [first] = violations;
  return new DomainError("invalid_input", `Nothing was stored: ${first?.pointer} ${first?.message}.`, {
    errors: violations,
  });
}
