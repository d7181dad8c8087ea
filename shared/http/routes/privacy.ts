import * as z from "zod/mini";
import { erasureReasons, erasureViewSchema } from "../../privacy/erasure.ts";
import { exportSchema } from "../../privacy/export.ts";
import {
  privacyRequestIdSchema,
  privacyRequestStates,
  privacyRequestViewSchema,
} from "../../privacy/privacy-request.ts";
import { defineRoutes } from "../route.ts";

const privacy = {
  api: "staff",
  function: "privacy",
  tag: "Privacy",
  security: "jwt",
  scopes: ["rapport/admin"],
  roles: ["admin"],
} as const;
const id = z.object({ id: z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact")) });
const cursor = z.optional(z.string().check(z.maxLength(1_000)));
const page = { limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 25), cursor };

/** What the law lets people ask for: to be forgotten, and to know what is held on them. */
export const privacyRoutes = defineRoutes([
  {
    ...privacy,
    operationId: "eraseContact",
    method: "DELETE",
    path: "/v1/contacts/{id}",
    summary: "Erase a contact and all that is held on them, for good",
    description:
      "Send the version that you read as `If-Match`. From the answer on nobody sees the contact and nothing is sent to them; what is held is deleted in the background. Asked again, it answers with the erasure that has begun.",
    params: id,
    query: z.strictObject({ reason: z._default(z.enum(erasureReasons), "request") }),
    responses: { 202: { description: "The erasure has begun.", schema: erasureViewSchema } },
  },
  {
    ...privacy,
    operationId: "exportContact",
    method: "GET",
    path: "/v1/contacts/{id}/export",
    summary: "All that is held on a contact",
    description:
      "One JSON document in pages of some 4 MB: read on with `nextCursor` until it is null, and append each list to the one before. What is anonymous (KPIs, baskets) is not in it.",
    params: id,
    query: z.strictObject({ cursor }),
    responses: { 200: { description: "A page of the document.", schema: exportSchema } },
  },
  {
    ...privacy,
    operationId: "listErasures",
    method: "GET",
    path: "/v1/erasures",
    summary: "Erasures and how far they have come, the newest first",
    query: z.strictObject(page),
    responses: {
      200: {
        description: "A page of erasures.",
        schema: z.object({ items: z.array(erasureViewSchema), nextCursor: z.nullable(z.string()) }),
      },
    },
  },
  {
    ...privacy,
    operationId: "getErasure",
    method: "GET",
    path: "/v1/erasures/{id}",
    summary: "One erasure, with what arrived for the contact since and was refused",
    params: id,
    responses: {
      200: {
        description: "The erasure. Late facts are listed for 90 days, the newest 100 of them, without what they said.",
        schema: z.extend(erasureViewSchema, {
          late: z.array(z.object({ receivedAt: z.iso.datetime(), submissionId: z.string() })),
        }),
      },
    },
  },
  {
    ...privacy,
    operationId: "listPrivacyRequests",
    method: "GET",
    path: "/v1/privacy-requests",
    summary: "What shops passed on of their customers' rights, the newest first",
    description:
      "`access` stays open until somebody has answered it with the export; `erasure` has begun when it is listed; `shop` is open until all contacts were looked at. No entry names a person.",
    query: z.strictObject(page),
    responses: {
      200: {
        description: "A page of requests.",
        schema: z.object({ items: z.array(privacyRequestViewSchema), nextCursor: z.nullable(z.string()) }),
      },
    },
  },
  {
    ...privacy,
    operationId: "patchPrivacyRequest",
    method: "PATCH",
    path: "/v1/privacy-requests/{id}",
    summary: "Mark a request for access as answered, or open it again",
    params: z.object({ id: privacyRequestIdSchema }),
    body: z.strictObject({ state: z.enum(privacyRequestStates) }),
    responses: { 200: { description: "The request.", schema: privacyRequestViewSchema } },
  },
]);
