import type { Connector, Mapped } from "./connector.ts";
import { shopifyApi } from "./shopify-api.ts";
import { mapCart, mapCheckout, mapDeletedCheckout } from "./shopify-baskets.ts";
import { shopifyConsent } from "./shopify-consent.ts";
import { mapConsent, mapCustomer, mapPrivacyRequest, mapShopRedaction } from "./shopify-customers.ts";
import { mapCancelledOrder, mapNewOrder, mapPaidOrder, mapUpdatedOrder } from "./shopify-orders.ts";
import { mapProduct } from "./shopify-products.ts";
import { mapRefund } from "./shopify-refunds.ts";
import { isSigned } from "./signature.ts";

/** What each topic says. A topic that is not here is answered and counted, so that Shopify does not send it again. */
const topics: Readonly<Record<string, (body: unknown) => Mapped | undefined>> = {
  "orders/create": mapNewOrder,
  "orders/paid": mapPaidOrder,
  "orders/updated": mapUpdatedOrder,
  "orders/fulfilled": mapUpdatedOrder,
  "orders/cancelled": mapCancelledOrder,
  "refunds/create": (body) => mapRefund(body),
  "products/create": mapProduct,
  "products/update": mapProduct,
  "checkouts/create": mapCheckout,
  "checkouts/update": mapCheckout,
  "checkouts/delete": mapDeletedCheckout,
  "carts/create": mapCart,
  "carts/update": mapCart,
  "customers/create": mapCustomer,
  "customers/update": mapCustomer,
  "customers_email_marketing_consent/update": mapConsent,
  "customers/data_request": (body) => mapPrivacyRequest(body, "access"),
  "customers/redact": (body) => mapPrivacyRequest(body, "erasure"),
  "shop/redact": mapShopRedaction,
  "app/uninstalled": () => ({ calls: [], disconnected: true }),
};

/** Shopify: https://shopify.dev/docs/apps/build/webhooks. Its signature has no time in it, so replays are told by id. */
export const shopify: Connector = {
  title: "Shopify",
  api: shopifyApi,
  consents: shopifyConsent,
  verify: ({ headers, rawBody }, secrets) => isSigned(secrets, headers["x-shopify-hmac-sha256"], rawBody),
  deliveryId: ({ headers }) => headers["x-shopify-webhook-id"] ?? headers["x-shopify-event-id"],
  topic: ({ headers }) => headers["x-shopify-topic"]?.toLowerCase(),
  map: (body, topic) => (Object.hasOwn(topics, topic) ? topics[topic]?.(body) : undefined),
};
