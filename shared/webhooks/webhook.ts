import { createHmac } from "node:crypto";
import * as z from "zod/mini";
import { keyOf } from "./endpoint.ts";

/** What the webhooks' queue carries: one fact for one endpoint. */
export const webhookMessageSchema = z.object({
  endpointId: z.string(),
  /** Names the fact: the same with every try, so that the receiver can drop what it has. */
  id: z.string(),
  type: z.string(),
  /** When the fact happened. */
  timestamp: z.string(),
  data: z.record(z.string(), z.unknown()),
  /** On whose timeline a failure is told, and with what. */
  about: z.optional(z.object({ contactId: z.string(), properties: z.record(z.string(), z.string()) })),
  /** Which repetition of a message that had failed it is; its id is the same. */
  replay: z.optional(z.number()),
  /** Tries so far. */
  tries: z._default(z.number(), 0),
});
export type WebhookMessage = z.output<typeof webhookMessageSchema>;
export type WebhookMessageInput = z.input<typeof webhookMessageSchema>;

const minute = 60_000;
const waits = [1, 5, 30, 120, 480];

/**
 * When a call that failed is made again; undefined when it was the last. On the full minute, so that a message that came
 * twice waits once.
 */
export function nextTry(tries: number, now: Date): Date | undefined {
  const wait = waits[tries];
  return wait === undefined ? undefined : new Date(Math.ceil(now.getTime() / minute + wait) * minute);
}

/** A call as it goes over the wire. */
export interface SignedCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The call of a message by Standard Webhooks: HMAC-SHA256 over `id.seconds.body`, once for each secret that counts.
 *
 * @param secrets `whsec_…`
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signedCall(message: WebhookMessage, secrets: readonly string[], now: Date): SignedCall {
  const { id, type, timestamp, data } = message;
  const body = JSON.stringify({ type, timestamp, data });
  const seconds = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = keyOf(secret);
    if (key === undefined) throw new Error("a secret of a webhook endpoint is not of the form whsec_…");
    return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
  });
  return {
    body,
    headers: { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures.join(" ") },
  };
}
