import { digestOf } from "../table/hash.ts";
import type { Connector, Mapped } from "./connector.ts";
import { utcOf } from "./instant.ts";
import { isSigned } from "./signature.ts";
import { woocommerceApi } from "./woocommerce-api.ts";
import { mapOrder } from "./woocommerce-orders.ts";
import { customerSchema, traitsOf } from "./woocommerce-people.ts";
import { mapProduct } from "./woocommerce-products.ts";

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
  "product.created": mapProduct,
  "product.updated": mapProduct,
  "product.restored": mapProduct,
  "customer.created": mapCustomer,
  "customer.updated": mapCustomer,
};

/** WooCommerce: https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks */
export const woocommerce: Connector = {
  title: "WooCommerce",
  api: woocommerceApi,
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
