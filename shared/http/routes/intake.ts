import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const formParams = z.object({ formId: z.string() });
const accepted = z.object({ status: z.literal("accepted"), submissionId: z.string() });
const idempotencyKey = z.optional(z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/)));

/** Documents the body; the form's own definition decides. The names are those of an HTML form's controls. */
const submission = z.catchall(
  z.object({
    email: z.string(),
    marketing: z.optional(z.boolean()),
    page: z.optional(
      z.object({
        url: z.optional(z.string()),
        referrer: z.optional(z.string()),
        utm_source: z.optional(z.string()),
        utm_medium: z.optional(z.string()),
        utm_campaign: z.optional(z.string()),
        utm_term: z.optional(z.string()),
        utm_content: z.optional(z.string()),
      }),
    ),
    _nonce: z.optional(z.string()),
    _at: z.optional(z.string()),
  }),
  z.union([z.string(), z.number(), z.boolean()]),
);

/** Documents the body: what we use of a Segment `track` call. */
const orderCompleted = z.looseObject({
  event: z.literal("Order Completed"),
  messageId: z.string(),
  timestamp: z.optional(z.iso.datetime({ offset: true })),
  context: z.optional(z.looseObject({ traits: z.optional(z.looseObject({ email: z.optional(z.string()) })) })),
  properties: z.looseObject({
    order_id: z.string(),
    currency: z.string(),
    email: z.optional(z.string()),
    revenue: z.optional(z.number()),
    subtotal: z.optional(z.number()),
    total: z.optional(z.number()),
    tax: z.optional(z.number()),
    shipping: z.optional(z.number()),
    discount: z.optional(z.number()),
    coupon: z.optional(z.string()),
    products: z.optional(
      z.array(
        z.looseObject({
          product_id: z.optional(z.string()),
          sku: z.optional(z.string()),
          name: z.optional(z.string()),
          category: z.optional(z.string()),
          quantity: z.optional(z.number()),
          price: z.optional(z.number()),
        }),
      ),
    ),
    test: z.optional(z.boolean()),
  }),
});

/** Routes of the door: each is one durable write. Their handlers read the raw body themselves. */
export const intakeRoutes = defineRoutes([
  {
    operationId: "submitForm",
    method: "POST",
    path: "/v1/forms/{formId}/submissions",
    api: "public",
    function: "intake",
    tag: "Forms",
    summary: "Post a lead to a form",
    description:
      "JSON or a plain HTML form post, with the names of the form's fields, up to 64 KB. The answer means that the " +
      "submission is stored; everything else follows from it. The same `Idempotency-Key` with the same content is the " +
      "same submission; without a key, the same content within ten minutes is. A post with `Accept: text/html`, or an " +
      "HTML form post that does not accept JSON, is answered by a redirect or a page. CORS by the form's own origins.",
    scopes: [],
    roles: [],
    security: "none",
    params: formParams,
    headers: z.object({ "idempotency-key": idempotencyKey }),
    body: submission,
    mediaTypes: ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    responses: {
      202: { description: "Stored. The same submission posted again gets the same answer.", schema: accepted },
      303: { description: "Stored; an HTML form is sent on to its thank-you page." },
    },
  },
  {
    operationId: "preflightForm",
    method: "OPTIONS",
    path: "/v1/forms/{formId}/submissions",
    api: "public",
    function: "intake",
    tag: "Forms",
    summary: "CORS preflight, by the form's own list of origins",
    scopes: [],
    roles: [],
    security: "none",
    params: formParams,
    responses: { 204: { description: "The origin may post." } },
  },
  {
    operationId: "track",
    method: "POST",
    path: "/v1/track",
    api: "public",
    function: "intake",
    tag: "Events",
    summary: "Post one event of the Segment spec",
    description:
      "`messageId` is the idempotency key within the source, which is the name of the API key. Understood today: " +
      "`Order Completed`, with the buyer's address in `properties.email` or `context.traits.email` and one of `revenue`, " +
      "`subtotal` and `total`. Other members are taken and not kept. At most 24 hours ahead of our clock.",
    scopes: [],
    roles: [],
    security: "apiKey",
    body: orderCompleted,
    mediaTypes: ["application/json"],
    responses: {
      202: { description: "Stored.", schema: z.object({ status: z.literal("accepted"), messageId: z.string() }) },
    },
  },
]);
