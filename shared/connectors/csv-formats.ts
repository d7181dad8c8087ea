import { decimalOf, minorOf } from "./amounts.ts";
import { shopifyPaid, woocommercePaid } from "./paid.ts";

/** What a file says of an order, once. */
const orderFields = [
  "orderId",
  "orderName",
  "email",
  "userId",
  "occurredAt",
  "currency",
  "status",
  "revenue",
  "total",
  "tax",
  "shipping",
  "discount",
  "coupon",
  "cartId",
  "checkoutId",
  "cancelledAt",
  "refunded",
  "refundedAt",
  "duties",
] as const;
export type OrderField = (typeof orderFields)[number];

/** And of each of its lines. */
export const lineFields = [
  "productId",
  "sku",
  "name",
  "variant",
  "category",
  "quantity",
  "price",
  "lineTotal",
] as const;
export type LineField = (typeof lineFields)[number];
export type Field = OrderField | LineField;

/** Amounts of an order as decimal text. */
export type OrderValues = { readonly [field in OrderField]?: string | undefined };

/** A program's export of orders, or our own plain one: which column is what. */
export interface OrderFormat {
  readonly title: string;
  /** Names of columns as `columnName` writes them; of several the first that a row fills. */
  readonly columns: Readonly<Partial<Record<Field, readonly string[]>>>;
  /** What a file has to have; of a list, one. */
  readonly needs: readonly (readonly Field[])[];
  /** What tells on each line of an order which order it is. */
  readonly groupedBy: "orderId" | "orderName";
  /** How the program numbers its orders. */
  readonly idPattern?: RegExp;
  /** A program wrote the amounts, with a point before decimals. */
  readonly decimalPoint: boolean;
  /** Whether it was ordered in earnest, by its status; without it every order was. */
  readonly isPaid?: (status: string) => boolean;
  /** Lines less discounts, without tax and shipping. Without it, or if it tells none: the total less tax and shipping. */
  readonly revenueOf?: (
    order: OrderValues,
    lineTotals: readonly (string | undefined)[],
    currency: string,
  ) => string | undefined;
}

/** A column's name without what people write differently: `Order ID`, `order-id` and `order_id` are one. */
export function columnName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_|_$/g, "");
}

/** Orders of anywhere: the names that the guide gives. */
const generic: OrderFormat = {
  title: "plain orders",
  columns: {
    orderId: ["order_id"],
    orderName: ["order_name", "order_number"],
    email: ["email", "e_mail"],
    userId: ["user_id", "customer_id"],
    occurredAt: ["occurred_at", "ordered_at", "order_date", "date"],
    currency: ["currency"],
    revenue: ["revenue", "subtotal"],
    total: ["total"],
    tax: ["tax"],
    shipping: ["shipping"],
    discount: ["discount"],
    coupon: ["coupon"],
    cartId: ["cart_id"],
    checkoutId: ["checkout_id"],
    cancelledAt: ["cancelled_at"],
    refunded: ["refunded"],
    refundedAt: ["refunded_at"],
    productId: ["product_id"],
    sku: ["sku"],
    name: ["product_name", "product"],
    variant: ["variant"],
    category: ["category"],
    quantity: ["quantity"],
    price: ["price"],
  },
  needs: [["orderId"], ["occurredAt"], ["email"], ["revenue", "total"]],
  groupedBy: "orderId",
  decimalPoint: false,
};

/**
 * Shopify: Orders → Export → Plain CSV file. https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders
 * What is an order's stands on its first line only; its lines have its name in common.
 */
const shopify: OrderFormat = {
  title: "Shopify's export of orders",
  columns: {
    orderId: ["id"],
    orderName: ["name"],
    email: ["email"],
    occurredAt: ["created_at"],
    currency: ["currency"],
    status: ["financial_status"],
    revenue: ["subtotal"],
    total: ["total"],
    tax: ["taxes"],
    shipping: ["shipping"],
    duties: ["duties"],
    discount: ["discount_amount"],
    coupon: ["discount_code"],
    cancelledAt: ["cancelled_at"],
    refunded: ["refunded_amount"],
    sku: ["lineitem_sku"],
    name: ["lineitem_name"],
    quantity: ["lineitem_quantity"],
    price: ["lineitem_price"],
  },
  needs: [["orderId"], ["orderName"], ["occurredAt"], ["email"], ["currency"], ["revenue"]],
  groupedBy: "orderName",
  idPattern: /^\d{1,20}$/,
  decimalPoint: true,
  isPaid: (status) => shopifyPaid.includes(status.toLowerCase()),
  revenueOf: withoutIncludedTax,
};

/**
 * WooCommerce by its extension Customer/Order/Coupon Export, "default, one row per item"; by its REST API's names as well.
 * Each line says the whole order again.
 */
const woocommerce: OrderFormat = {
  title: "WooCommerce's export of orders",
  columns: {
    orderId: ["order_id", "id"],
    orderName: ["order_number", "number"],
    email: ["billing_email", "customer_email"],
    userId: ["customer_id"],
    occurredAt: ["date_paid_gmt", "paid_date", "date_paid", "date_created_gmt", "order_date", "date", "date_created"],
    currency: ["order_currency", "currency"],
    status: ["status", "order_status"],
    total: ["order_total", "total"],
    tax: ["tax_total", "total_tax"],
    shipping: ["shipping_total"],
    discount: ["discount_total"],
    coupon: ["coupon_code"],
    refunded: ["refunded_total"],
    productId: ["item_product_id", "product_id"],
    sku: ["item_sku", "sku"],
    name: ["item_name"],
    quantity: ["item_quantity", "quantity"],
    price: ["item_price", "price"],
    lineTotal: ["item_total"],
  },
  needs: [["orderId"], ["occurredAt"], ["email"], ["status"], ["currency"], ["total", "lineTotal"]],
  groupedBy: "orderId",
  idPattern: /^\d{1,20}$/,
  decimalPoint: true,
  isPaid: (status) => woocommercePaid.includes(status.toLowerCase().replace(/^wc-/, "")),
  revenueOf: (_, totals, currency) =>
    totals.length > 0 && totals.every((total) => total !== undefined)
      ? decimalOf(
          totals.reduce((sum, total) => sum + minorOf(total, currency), 0),
          currency,
        )
      : undefined,
};

export const orderFormatNames = ["generic", "shopify", "woocommerce"] as const;
export type OrderFormatName = (typeof orderFormatNames)[number];
export const orderFormats: Readonly<Record<OrderFormatName, OrderFormat>> = { generic, shopify, woocommerce };

/**
 * Shopify's subtotal is after discounts, with tax where the shop's prices include it. The file does not say which: the total
 * does, being nearer to subtotal and shipping with the taxes or without them. Of tax on shipping the subtotal has no share.
 */
function withoutIncludedTax({ revenue, total, tax, shipping, duties }: OrderValues, _: unknown, currency: string) {
  const [subtotal, all, taxes, freight, customs] = [revenue, total, tax, shipping, duties].map((amount) =>
    minorOf(amount, currency),
  ) as [number, number, number, number, number];
  if (total === undefined || taxes === 0) return revenue;
  const goods = subtotal + freight + customs;
  const isIncluded = Math.abs(all - goods) < Math.abs(all - goods - taxes);
  if (!isIncluded) return revenue;
  return decimalOf(subtotal - taxes * (subtotal / Math.max(1, subtotal + freight)), currency);
}
