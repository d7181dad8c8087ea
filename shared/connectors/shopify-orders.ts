import { decimalOf, minorOf, sumOf } from "./amounts.ts";
import type { Mapped, TrackCall } from "./connector.ts";
import { instantOf } from "./instant.ts";
import { paidLaterAt, shopifyPaid } from "./paid.ts";
import { traitsOf } from "./shopify-customers.ts";
import { netOf, productsOf } from "./shopify-lines.ts";
import { mapRefund } from "./shopify-refunds.ts";
import { type Order, orderSchema } from "./shopify-schemas.ts";

/** An order that was placed, and paid with it if it was. */
export function mapNewOrder(body: unknown): Mapped | undefined {
  const order = orderSchema.parse(body);
  return orderCall(order, isPaid(order) ? "Order Completed" : "Order Placed", placedAtOf(order));
}

/** An order that is paid: at once, which its placing says too, or later. */
export function mapPaidOrder(body: unknown): Mapped | undefined {
  const order = orderSchema.parse(body);
  return orderCall(order, "Order Completed", paidLaterAt(placedAtOf(order), order.updated_at) ?? placedAtOf(order));
}

/** A later state of the order: its amounts as they are now. */
export function mapUpdatedOrder(body: unknown): Mapped | undefined {
  const order = orderSchema.parse(body);
  return orderCall(order, "Order Updated", order.updated_at);
}

export function mapCancelledOrder(body: unknown): Mapped | undefined {
  const order = orderSchema.parse(body);
  return orderCall(order, "Order Cancelled", order.cancelled_at ?? order.updated_at);
}

/** An order as the API tells it, with its refunds and its end: the same facts as its webhooks told one by one. */
export function mapOrderHistory(body: unknown): Mapped | undefined {
  const { cancelled_at, refunds, taxes_included } = orderSchema.parse(body);
  const parts = [
    mapNewOrder(body),
    ...refunds.map((refund) => mapRefund(refund, taxes_included === true)),
    cancelled_at === undefined ? undefined : mapCancelledOrder(body),
  ];
  const calls = parts.flatMap((part) => part?.calls ?? []);
  return calls.length > 0 ? { calls } : undefined;
}

function placedAtOf({ processed_at, created_at }: Order): string | undefined {
  return processed_at ?? created_at;
}

/** A transfer that is awaited, cash on delivery and a card that is charged later are no payment yet. */
function isPaid({ financial_status: status }: Order): boolean {
  return status === undefined || shopifyPaid.includes(status);
}

function orderCall(order: Order, event: string, at: string | undefined): Mapped | undefined {
  const { currency, id } = order;
  if (id === undefined || currency === undefined) return undefined;
  const placedAt = placedAtOf(order);
  const call: TrackCall = {
    type: "track",
    event,
    timestamp: instantOf(at),
    userId: order.customer?.id,
    properties: {
      order_id: id,
      order_name: order.name,
      ...(event === "Order Completed" && at !== placedAt && { placed_at: instantOf(placedAt) }),
      currency,
      revenue: decimalOf(revenueOf(order, currency), currency),
      total: order.total_price ?? undefined,
      tax: order.total_tax ?? undefined,
      shipping: order.total_shipping_price_set?.shop_money?.amount ?? undefined,
      discount: order.total_discounts ?? undefined,
      coupon: order.discount_codes.find(({ code }) => code !== undefined)?.code,
      cart_id: order.cart_token,
      checkout_id: order.checkout_token,
      products: productsOf(order.line_items),
      financial_status: order.financial_status,
      fulfillment_status: order.fulfillment_status,
      ...(event === "Order Cancelled" && { reason: order.cancel_reason, unpaid: !isPaid(order) }),
      ...(order.test === true && { test: true }),
    },
    // The address of the order comes first: the account's may be somebody else's, or an old one.
    context: { traits: traitsOf(order.customer, order.email ?? order.contact_email, order.billing_address) },
  };
  return { calls: [call] };
}

/** Shopify's subtotal is after all discounts; tax is in it where the shop's prices include tax, gift cards always. */
function revenueOf(order: Order, currency: string): number {
  if (order.subtotal_price === null || order.subtotal_price === undefined) {
    return netOf(order.line_items, currency, order.taxes_included === true);
  }
  const giftCards = order.line_items
    .filter(({ gift_card }) => gift_card === true)
    .reduce((sum, line) => sum + Math.round(minorOf(line.price, currency) * (line.quantity ?? 1)), 0);
  const lineTaxes = order.line_items.flatMap(({ tax_lines }) => tax_lines.map(({ price }) => price));
  const tax = order.taxes_included === true ? sumOf(lineTaxes, currency) : 0;
  return Math.max(0, minorOf(order.subtotal_price, currency) - giftCards - tax);
}
