import type { Progress } from "./run.ts";
import type { Shop, ShopEvent } from "./shop.ts";

export interface PostedOrders {
  readonly posted: number;
  readonly accepted: number;
  readonly customers: ReadonlySet<string>;
}

/** Each of these people buys once; the shop tells of every order twice, as shops do. */
export async function postOrders(shop: Shop, people: readonly string[], progress: Progress): Promise<PostedOrders> {
  let accepted = 0;
  for (const [index, email] of people.entries()) {
    for (const _ of ["the event", "and its repetition"]) if (await shop.tell(orderOf(email, index))) accepted++;
    progress("posting orders", index + 1, people.length);
  }
  return { posted: people.length * 2, accepted, customers: new Set(people) };
}

function orderOf(email: string, index: number): ShopEvent {
  return {
    event: "Order Completed",
    email,
    messageId: `demo-order-${String(index).padStart(6, "0")}`,
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
