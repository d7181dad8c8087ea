import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const formParams = z.object({ formId: z.string() });
const accepted = z.object({ status: z.literal("accepted"), submissionId: z.string() });

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
      "JSON or a plain HTML form post. The answer means that the submission is stored; everything else follows from it.",
    scopes: [],
    roles: [],
    security: "none",
    params: formParams,
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
    description: "`messageId` is the idempotency key. Understood today: `Order Completed`.",
    scopes: [],
    roles: [],
    security: "apiKey",
    mediaTypes: ["application/json"],
    responses: {
      202: { description: "Stored.", schema: z.object({ status: z.literal("accepted"), messageId: z.string() }) },
    },
  },
]);
