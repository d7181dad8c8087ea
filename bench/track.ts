import { randomUUID } from "node:crypto";
import type { Stack } from "../scripts/stack.ts";

/** Posts an event as a shop's server does. */
export type Track = (event: string, email: string, properties: Readonly<Record<string, unknown>>) => Promise<void>;

/** A sender with a key of its own. Like any good sender it tries again, with the same message id, while there is no answer. */
export async function openTrack(stack: Stack, publicUrl: () => string): Promise<Track> {
  const made = await stack.staff("admin", "POST", "/v1/api-keys", { body: { name: "bench-shop", scopes: ["track"] } });
  const { secret } = (await made.json()) as { readonly secret: string };
  const headers = {
    authorization: `Basic ${Buffer.from(`${secret}:`).toString("base64")}`,
    "content-type": "application/json",
  };
  return async (event, email, properties) => {
    const call = { type: "track", event, messageId: randomUUID(), context: { traits: { email } }, properties };
    const body = JSON.stringify({ ...call, timestamp: new Date().toISOString() });
    for (;;) {
      const status = await fetch(`${publicUrl()}/v1/track`, { method: "POST", headers, body })
        .then(async (response) => {
          await response.arrayBuffer();
          return response.status;
        })
        .catch(() => 503);
      if (status === 202) return;
      if (status < 500 && status !== 429) throw new Error(`the event ${event} was answered ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
}
