import type { Stack } from "../stack.ts";

/** A shop that tells of what its visitors do, under the host's time. */
export interface Shop {
  /** Tells of one event; answers whether it was accepted. The same `messageId` again is the same event. */
  tell(event: ShopEvent): Promise<boolean>;
}

export interface ShopEvent {
  readonly event: string;
  readonly email: string;
  readonly messageId: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Connects a shop by an API key of its own. */
export async function openShop(stack: Stack): Promise<Shop> {
  const made = await stack.staff("admin", "POST", "/v1/api-keys", { body: { name: "demo-shop", scopes: ["track"] } });
  const { secret } = (await made.json()) as { readonly secret: string };
  const headers = {
    authorization: `Basic ${Buffer.from(`${secret}:`).toString("base64")}`,
    "content-type": "application/json",
  };
  return {
    async tell({ event, email, messageId, properties }) {
      const timestamp = (await stack.host.state()).clock.now;
      const body = { type: "track", event, messageId, timestamp, context: { traits: { email } }, properties };
      const response = await fetch(`${stack.publicUrl}/v1/track`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      await response.arrayBuffer();
      return response.status === 202;
    },
  };
}
