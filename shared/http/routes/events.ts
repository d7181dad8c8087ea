import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const event = { api: "public", function: "intake", tag: "Events", scopes: [], roles: [] } as const;
const id = z.optional(z.string());
const instant = z.optional(z.iso.datetime({ offset: true }));
const amount = z.optional(z.number());

/** Documents the bodies: what we use of the Segment spec's calls. */
const common = {
  messageId: z.string(),
  userId: id,
  anonymousId: id,
  timestamp: instant,
  originalTimestamp: instant,
  sentAt: instant,
  context: z.optional(z.looseObject({ traits: z.optional(z.looseObject({ email: id })) })),
};
const properties = z.looseObject({
  email: id,
  order_id: id,
  refund_id: id,
  cart_id: id,
  checkout_id: id,
  currency: id,
  revenue: amount,
  subtotal: amount,
  total: amount,
  tax: amount,
  shipping: amount,
  discount: amount,
  coupon: id,
  products: z.optional(
    z.array(
      z.looseObject({
        product_id: id,
        sku: id,
        name: id,
        category: id,
        quantity: amount,
        price: amount,
        url: id,
        image_url: id,
      }),
    ),
  ),
  test: z.optional(z.boolean()),
});
const traits = z.optional(z.looseObject({ email: id }));
const track = z.looseObject({ ...common, event: z.string(), properties: z.optional(properties) });
const visit = z.looseObject({ ...common, name: id, properties: z.optional(z.looseObject({})) });
const anyCall = z.looseObject({ ...common, type: z.enum(["track", "identify", "alias", "page", "screen"]) });

const mediaTypes = ["application/json", "text/plain"] as const;
const stored = {
  202: { description: "Stored.", schema: z.object({ status: z.literal("accepted"), messageId: z.string() }) },
} as const;
const result = z.object({
  status: z.number(),
  messageId: z.nullable(z.string()),
  error: z.optional(
    z.object({
      code: z.string(),
      detail: z.string(),
      errors: z.optional(z.array(z.object({ pointer: z.string(), message: z.string(), code: z.string() }))),
    }),
  ),
});

const keys =
  "An API key of scope `track` as `Authorization`, or a public key of scope `write` as `writeKey` in the body: that one " +
  "may post page, track and identify with an `anonymousId`, never orders.";

/** Events of the Segment spec. Each is one durable write; `messageId` is the idempotency key within its source. */
export const eventRoutes = defineRoutes([
  {
    ...event,
    operationId: "track",
    method: "POST",
    path: "/v1/track",
    summary: "Post one event of the Segment spec",
    description:
      "`messageId` is the idempotency key within the source, which is the name of the API key. The e-commerce vocabulary " +
      "is understood (Product Viewed, Product Added, Product Removed, Cart Viewed, Checkout Started, Order Placed, " +
      "Order Completed, Order Updated, Order Refunded, Order Cancelled, Payment Received); any other event is kept with its properties, flat, up to 8 KB. " +
      `At most 24 hours ahead of our clock. ${keys}`,
    security: "apiKey",
    body: track,
    mediaTypes,
    responses: stored,
  },
  {
    ...event,
    operationId: "identify",
    method: "POST",
    path: "/v1/identify",
    summary: "Say who somebody is, and what there is to know",
    description:
      "With an e-mail address in `traits.email`, what waited under the `anonymousId` or `userId` joins that person, once. " +
      `Other traits become fields and attributes of the contact. ${keys}`,
    security: "apiKey",
    body: z.looseObject({ ...common, traits }),
    mediaTypes,
    responses: stored,
  },
  {
    ...event,
    operationId: "alias",
    method: "POST",
    path: "/v1/alias",
    summary: "Say that `previousId` and `userId` are one person",
    security: "apiKey",
    body: z.looseObject({ ...common, previousId: z.string() }),
    mediaTypes,
    responses: stored,
  },
  {
    ...event,
    operationId: "page",
    method: "POST",
    path: "/v1/page",
    summary: "Post one page view",
    security: "apiKey",
    body: visit,
    mediaTypes,
    responses: stored,
  },
  {
    ...event,
    operationId: "screen",
    method: "POST",
    path: "/v1/screen",
    summary: "Post one view of an app's screen",
    security: "apiKey",
    body: visit,
    mediaTypes,
    responses: stored,
  },
  {
    ...event,
    operationId: "batch",
    method: "POST",
    path: "/v1/batch",
    summary: "Post up to 100 calls at once (500 KB)",
    description:
      "Each with its own `type`. The answer has a result for each, in their order: what was refused does not stop the " +
      "others. After an error 500 send the whole batch again: what was stored is not stored twice.",
    security: "apiKey",
    body: z.looseObject({ batch: z.array(anyCall), sentAt: instant }),
    mediaTypes,
    responses: {
      207: { description: "A result for each call.", schema: z.object({ results: z.array(result) }) },
    },
  },
  {
    ...event,
    operationId: "browserScript",
    method: "GET",
    path: "/b.js",
    summary: "The script for a site's pages",
    description:
      "Starts after `rapport.consent(true)`; sends page, track and identify with the public key in `data-key`.",
    security: "none",
    responses: { 200: { description: "JavaScript without dependencies.", mediaType: "text/javascript" } },
  },
  {
    ...event,
    operationId: "preflightEvents",
    method: "OPTIONS",
    path: "/v1/{call}",
    summary: "CORS preflight of events",
    security: "none",
    params: z.object({ call: z.string() }),
    responses: { 204: { description: "Any origin may post; the key says what." } },
  },
]);
