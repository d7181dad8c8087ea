import * as z from "zod/mini";
import { moneySchema } from "../intake/money.ts";

/** A line of a cart or an order, or the product that an event is about. */
export const productSchema = z.object({
  productId: z.optional(z.string()),
  sku: z.optional(z.string()),
  name: z.optional(z.string()),
  category: z.optional(z.string()),
  /** All that the shop's catalogue files it under, tags included. */
  categories: z.optional(z.array(z.string())),
  variant: z.optional(z.string()),
  brand: z.optional(z.string()),
  url: z.optional(z.string()),
  imageUrl: z.optional(z.string()),
  quantity: z.number(),
  price: z.optional(moneySchema),
});
export type Product = z.infer<typeof productSchema>;

/** The tokens by which a shop knows a cart and the checkout it became. */
const tokens = { cartId: z.optional(z.string()), checkoutId: z.optional(z.string()) };

const cartNames: ReadonlySet<string> = new Set(["Product Added", "Product Removed", "Cart Viewed", "Checkout Started"]);

/** Whether events of such a name change a cart. */
export function isCartEvent(name: string): boolean {
  return cartNames.has(name);
}

/** Product Viewed, Product Added, Product Removed. */
export const productEventSchema = z.object({ ...tokens, product: productSchema });
export type ProductEvent = z.infer<typeof productEventSchema>;

/** Cart Viewed, Checkout Started: all that is in the cart. */
export const cartEventSchema = z.object({
  ...tokens,
  value: z.optional(moneySchema),
  coupon: z.optional(z.string()),
  /** Where the person can go on with it. */
  url: z.optional(z.string()),
  products: z.array(productSchema),
  /** There is nothing in it. */
  empty: z.optional(z.literal(true)),
});
export type CartEvent = z.infer<typeof cartEventSchema>;

/** What says that somebody has ordered: without having paid yet, and once the order is paid. */
const orderingNames: ReadonlySet<string> = new Set(["Order Placed", "Order Completed"]);

/** Whether an event says that somebody has ordered, paid or not: it ends carts, and only what is paid is revenue. */
export function isOrdering(eventName: string): boolean {
  return orderingNames.has(eventName);
}

/** Order Placed, Order Completed, Order Updated: an order as we keep it, whatever wrote it. */
export const orderSchema = z.object({
  ...tokens,
  orderId: z.string(),
  /** When it was placed, ISO 8601 UTC, of an order that was paid later. */
  placedAt: z.optional(z.string()),
  /** Lines less discounts, without tax and shipping. */
  revenue: moneySchema,
  total: z.optional(moneySchema),
  tax: z.optional(moneySchema),
  shipping: z.optional(moneySchema),
  discount: z.optional(moneySchema),
  coupon: z.optional(z.string()),
  products: z.array(productSchema),
  /** A test order never counts. */
  test: z.optional(z.literal(true)),
});
export type Order = z.infer<typeof orderSchema>;

/** Order Refunded, Order Cancelled: what is taken back of an order, on its own date. */
export const takenBackSchema = z.object({
  orderId: z.string(),
  /** One order may be refunded in parts: each has its own id. */
  refundId: z.optional(z.string()),
  /** Without tax and shipping, as the order's own revenue. A cancellation may leave it to the refunds. */
  revenue: z.optional(moneySchema),
  /** Of a refund that says no more: all that was given back. */
  total: z.optional(moneySchema),
  /** Of a cancellation: the order was never paid, so that there is nothing to take back unless it was counted. */
  unpaid: z.optional(z.literal(true)),
  /** What was counted as the order's revenue, once the order is known: no more of it can be taken back. */
  orderRevenue: z.optional(moneySchema),
  reason: z.optional(z.string()),
  products: z.array(productSchema),
  test: z.optional(z.literal(true)),
});
export type TakenBack = z.infer<typeof takenBackSchema>;

/** Payment Received: a payment, and the order that it paid. What is told of the payment is the order's. */
export const paymentSchema = z.object({
  orderId: z.string(),
  paymentId: z.string(),
  value: z.optional(moneySchema),
  test: z.optional(z.literal(true)),
});
export type Payment = z.infer<typeof paymentSchema>;

/** The id of a refund that is the sum of all that was given back of an order: a file tells no more of them. */
export const refundSum = "sum";

/** The three ways in which shops tell that something of an order was taken back. */
export type TakenBackWay = "cancelled" | "refunded" | "refundedInAll";

/**
 * How an event tells it. A shop that cancels a paid order tells of its refund as well, and a file sums up refunds that are
 * told one by one elsewhere: amounts of one way add up, and of the three sums the largest counts.
 */
export function takenBackWay(eventName: string, { refundId }: Pick<TakenBack, "refundId">): TakenBackWay {
  if (eventName !== "Order Refunded") return "cancelled";
  return refundId === refundSum ? "refundedInAll" : "refunded";
}
