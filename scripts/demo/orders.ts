import type { Stack } from "../stack.ts";
import type { Progress } from "./run.ts";

export interface PostedOrders {
  readonly posted: number;
  readonly accepted: number;
  readonly customers: ReadonlySet<string>;
}

/** Each of these people buys once; the shop tells of every order twice, as shops do. */
export async function postOrders(stack: Stack, people: readonly string[], progress: Progress): Promise<PostedOrders> {
  const made = await stack.staff("admin", "POST", "/v1/api-keys", { body: { name: "demo-shop", scopes: ["track"] } });
  const { secret } = (await made.json()) as { secret: string };
  const authorization = `Basic ${Buffer.from(`${secret}:`).toString("base64")}`;
  const now = Date.parse((await stack.host.state()).clock.now);
  let accepted = 0;
  for (const [index, email] of people.entries()) {
    const body = JSON.stringify(orderOf(email, index, new Date(now)));
    for (const _ of ["the event", "and its repetition"]) {
      const response = await fetch(`${stack.publicUrl}/v1/track`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body,
      });
      if (response.status === 202) accepted++;
      await response.text();
    }
    progress("posting orders", index + 1, people.length);
  }
  return { posted: people.length * 2, accepted, customers: new Set(people) };
}

function orderOf(email: string, index: number, at: Date) {
  return {
    type: "track",
    event: "Order Completed",
    messageId: `demo-order-${String(index).padStart(6, "0")}`,
    timestamp: at.toISOString(),
    context: { traits: { email } },
    properties: {
      order_id: `1000${index}`,
      currency: "USD",
      revenue: 40 + index,
      tax: 3.2,
      shipping: 5,
      products: [{ product_id: "p-1", sku: "MUG-1", name: "Mug", price: 20, quantity: 2 }],
    },
  };
}
