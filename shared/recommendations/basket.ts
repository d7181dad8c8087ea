import * as z from "zod/mini";
import { orderSchema, type Product, productSchema } from "../events/commerce.ts";
import type { Event } from "../events/event.ts";
import { digestOf, shardOf } from "../table/hash.ts";

/** Partitions per month; at 1,000 writes a second each they take 10 billion orders a month. */
export const basketShards = 4;
/** Of a larger order the first so many products count: pairs grow with their square. */
export const mostProducts = 30;

/** What a recommendation shows of a product. */
export const basketProductSchema = z.pick(productSchema, {
  productId: true,
  sku: true,
  name: true,
  url: true,
  imageUrl: true,
  price: true,
});
export type BasketProduct = z.infer<typeof basketProductSchema>;

/** The products of one order, and nothing of who ordered: erasing a person leaves what was bought together right. */
export const basketSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal("basket"),
  products: z.array(basketProductSchema),
});
export type Basket = z.infer<typeof basketSchema>;

/** What tells products apart: the shop's id of it, else its stock-keeping unit; undefined for a line without either. */
export function productKeyOf({ productId, sku }: Pick<Product, "productId" | "sku">): string | undefined {
  return productId ?? sku;
}

/** The basket of an order's event; undefined when it is none, a test, or names no product. The same event, the same item. */
export function basketOf({ name, eventId, occurredAt, properties }: Event): Basket | undefined {
  if (name !== "Order Completed") return undefined;
  const { success, data: order } = orderSchema.safeParse(properties);
  if (!success || order.test === true) return undefined;
  const products = new Map<string, BasketProduct>();
  for (const product of order.products) {
    const key = productKeyOf(product);
    if (key !== undefined && products.size < mostProducts) products.set(key, basketProductSchema.parse(product));
  }
  if (products.size === 0) return undefined;
  // one-way, so that a basket does not lead back to its order
  const id = digestOf(["basket", eventId]);
  const month = occurredAt.slice(0, 7);
  return {
    pk: basketPartition(month, shardOf(id, basketShards)),
    sk: `${occurredAt}#${id}`,
    kind: "basket",
    products: [...products.values()],
  };
}

/** The partition of one UTC month, `2026-03`, and shard. */
export function basketPartition(month: string, shard: number): string {
  return `BASKET#${month}#${shard}`;
}
