import * as z from "zod/mini";
import { amountSchema, decimalOf, minorOf, sumOf } from "./amounts.ts";
import { type Call, idSchema, listOf, type Mapped, textSchema } from "./connector.ts";
import { utcOf } from "./instant.ts";
import { paidLaterAt, woocommercePaid } from "./paid.ts";
import { billingSchema, nameSchema, traitsOf } from "./woocommerce-people.ts";

/** Dates come twice: in the shop's zone without saying which, and in UTC. Only the second kind is a time. */
const orderSchema = z.looseObject({
  id: idSchema,
  number: textSchema,
  status: textSchema,
  currency: textSchema,
  date_created_gmt: textSchema,
  date_modified_gmt: textSchema,
  date_paid_gmt: textSchema,
  discount_total: amountSchema,
  shipping_total: amountSchema,
  total: amountSchema,
  total_tax: amountSchema,
  customer_id: idSchema,
  billing: billingSchema,
  line_items: listOf(
    z.looseObject({
      name: nameSchema,
      product_id: idSchema,
      variation_id: idSchema,
      quantity: z._default(z.nullish(z.number()), 1),
      total: amountSchema,
      price: amountSchema,
      sku: textSchema,
    }),
  ),
  coupon_lines: listOf(z.looseObject({ code: textSchema })),
  refunds: listOf(z.looseObject({ id: idSchema, total: amountSchema })),
});
type Order = z.infer<typeof orderSchema>;

/** One body tells the whole order: what it is, and what was done to it since. Each part is known by its own id. */
export function mapOrder(body: unknown): Mapped | undefined {
  const order = orderSchema.parse(body);
  const { id, currency } = order;
  if (id === undefined || currency === undefined) return undefined;
  const known = { ...order, id, currency };
  const wasPaid = order.date_paid_gmt !== undefined || woocommercePaid.includes(order.status ?? "");
  const calls = [
    ...(wasPaid ? [orderCall(known, "Order Completed", order.date_paid_gmt ?? order.date_created_gmt)] : []),
    // A transfer or a cheque is awaited. While a payment has only been begun, nobody has ordered.
    ...(!wasPaid && order.status === "on-hold" ? [orderCall(known, "Order Placed", order.date_created_gmt)] : []),
    ...(wasPaid ? refundCalls(known) : []),
    ...(order.status === "cancelled" && wasPaid ? [orderCall(known, "Order Cancelled", order.date_modified_gmt)] : []),
  ];
  return calls.length > 0 ? { calls } : undefined;
}

type KnownOrder = Order & { readonly id: string; readonly currency: string };

function orderCall(order: KnownOrder, event: string, at: string | undefined): Call {
  const { id, currency } = order;
  const paidLater = paidLaterAt(utcOf(order.date_created_gmt), utcOf(order.date_paid_gmt));
  return {
    type: "track",
    event,
    timestamp: utcOf(at),
    userId: order.customer_id,
    properties: {
      order_id: id,
      order_name: order.number,
      ...(event === "Order Completed" && paidLater !== undefined && { placed_at: utcOf(order.date_created_gmt) }),
      currency,
      revenue: decimalOf(revenueOf(order), currency),
      total: order.total ?? undefined,
      tax: order.total_tax ?? undefined,
      shipping: order.shipping_total ?? undefined,
      discount: order.discount_total ?? undefined,
      coupon: order.coupon_lines.find(({ code }) => code !== undefined)?.code,
      products: order.line_items.map((line) => ({
        product_id: line.product_id,
        variant_id: line.variation_id,
        sku: line.sku,
        name: line.name,
        quantity: line.quantity ?? 1,
        price: line.price ?? undefined,
      })),
    },
    context: { traits: traitsOf(order.billing, undefined) },
  };
}

/** A line's total is after discounts and without tax, whatever the shop's prices include. */
function revenueOf({ line_items, currency }: KnownOrder): number {
  return sumOf(
    line_items.map(({ total }) => total),
    currency,
  );
}

/** A refund says only what was paid back in all: the part of it that was revenue is the order's own share. */
function refundCalls(order: KnownOrder): Call[] {
  const { id, currency } = order;
  const total = minorOf(order.total, currency);
  const share = total > 0 ? revenueOf(order) / total : 1;
  return order.refunds.flatMap((refund): Call[] => {
    const given = minorOf(refund.total, currency);
    if (refund.id === undefined || given === 0) return [];
    return [
      {
        type: "track",
        event: "Order Refunded",
        timestamp: utcOf(order.date_modified_gmt),
        userId: order.customer_id,
        properties: {
          order_id: id,
          refund_id: refund.id,
          currency,
          revenue: decimalOf(given * share, currency),
          total: decimalOf(given, currency),
        },
        context: { traits: traitsOf(order.billing, undefined) },
      },
    ];
  });
}
