import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";
import { eventRoutes } from "./events.ts";

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
  ...eventRoutes,
]);
