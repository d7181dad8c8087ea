import * as z from "zod/mini";
import { digestOf } from "../table/hash.ts";
import { amountSchema, decimalOf, minorOf, sumOf } from "./amounts.ts";
import { type Call, type Connector, idSchema, listOf, type Mapped, type Traits, textSchema } from "./connector.ts";
import { withoutEntities } from "./html-entities.ts";
import { utcOf } from "./instant.ts";
import { isSigned } from "./signature.ts";

/** WordPress writes entities into names. */
const nameSchema = z.pipe(textSchema, z.transform(withoutEntities));

const billing = z.nullish(
  z.looseObject({
    first_name: nameSchema,
    last_name: nameSchema,
    company: nameSchema,
    city: nameSchema,
    country: textSchema,
    email: textSchema,
    phone: textSchema,
  }),
);

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
  billing,
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

const customerSchema = z.looseObject({
  id: idSchema,
  email: textSchema,
  first_name: nameSchema,
  last_name: nameSchema,
  date_created_gmt: textSchema,
  date_modified_gmt: textSchema,
  billing,
});

const paid: readonly unknown[] = ["processing", "completed", "refunded"];

/** One body tells the whole order: what it is, and what was done to it since. Each part is known by its own id. */
function mapOrder(body: unknown): Mapped | undefined {
  const order = orderSchema.parse(body);
  const { id, currency } = order;
  if (id === undefined || currency === undefined) return undefined;
  const known = { ...order, id, currency };
  const wasPaid = order.date_paid_gmt !== undefined || paid.includes(order.status);
  const calls = [
    ...(wasPaid ? [orderCall(known, "Order Completed", order.date_paid_gmt ?? order.date_created_gmt)] : []),
    ...(wasPaid ? refundCalls(known) : []),
    ...(order.status === "cancelled" && wasPaid ? [orderCall(known, "Order Cancelled", order.date_modified_gmt)] : []),
  ];
  return calls.length > 0 ? { calls } : undefined;
}

type KnownOrder = Order & { readonly id: string; readonly currency: string };

function orderCall(order: KnownOrder, event: string, at: string | undefined): Call {
  const { id, currency } = order;
  return {
    type: "track",
    event,
    timestamp: utcOf(at),
    userId: order.customer_id,
    properties: {
      order_id: id,
      order_name: order.number,
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

function traitsOf(address: Order["billing"], account: z.infer<typeof customerSchema> | undefined): Traits {
  return {
    email: account?.email ?? address?.email,
    firstName: account?.first_name ?? address?.first_name,
    lastName: account?.last_name ?? address?.last_name,
    phone: address?.phone,
    company: address?.company,
    city: address?.city,
    country: address?.country,
  };
}

function mapCustomer(body: unknown): Mapped | undefined {
  const customer = customerSchema.parse(body);
  if (customer.email === undefined) return undefined;
  const timestamp = utcOf(customer.date_modified_gmt ?? customer.date_created_gmt);
  return {
    calls: [{ type: "identify", userId: customer.id, timestamp, traits: traitsOf(customer.billing, customer) }],
  };
}

const topics: Readonly<Record<string, (body: unknown) => Mapped | undefined>> = {
  "order.created": mapOrder,
  "order.updated": mapOrder,
  "order.restored": mapOrder,
  "customer.created": mapCustomer,
  "customer.updated": mapCustomer,
};

/** WooCommerce: https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks */
export const woocommerce: Connector = {
  title: "WooCommerce",
  verify: ({ headers, rawBody }, secrets) => isSigned(secrets, headers["x-wc-webhook-signature"], rawBody),
  // When a webhook is saved, WooCommerce posts its number, unsigned.
  isPing: ({ rawBody }) => rawBody.length < 64 && /^webhook_id=\d+$/.test(rawBody.toString("latin1")),
  // Two deliveries of one second share WooCommerce's own id.
  deliveryId: ({ headers, rawBody }) => {
    const id = headers["x-wc-webhook-delivery-id"];
    return id === undefined ? undefined : `${id}-${digestOf([rawBody.toString("latin1")])}`;
  },
  topic: ({ headers }) => headers["x-wc-webhook-topic"]?.toLowerCase(),
  map: (body, topic) => (Object.hasOwn(topics, topic) ? topics[topic]?.(body) : undefined),
};
