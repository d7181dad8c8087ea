import * as z from "zod/mini";
import { subscriptionIdSchema, subscriptionInputSchema, subscriptionSchema } from "../../digests/subscription.ts";
import { defineRoutes } from "../route.ts";

const digests = {
  api: "staff",
  function: "digests",
  tag: "KPIs",
  security: "jwt",
  roles: ["admin", "manager"],
} as const;
const reads = { ...digests, scopes: ["rapport/read"] } as const;
const writes = { ...digests, scopes: ["rapport/write"] } as const;
const params = z.object({ id: subscriptionIdSchema });
const path = "/v1/digests/{id}";
const digest = { description: "The digest; its version is the ETag too.", schema: subscriptionSchema };

/** Apart from the staff function: pictures want a renderer and a font. */
export const digestRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listDigests",
    method: "GET",
    path: "/v1/digests",
    summary: "Who gets a digest of the KPIs, what of, and when",
    responses: {
      200: {
        description: "All, those that their recipients have stopped included.",
        schema: z.object({ items: z.array(subscriptionSchema), nextCursor: z.null() }),
      },
    },
  },
  {
    ...reads,
    operationId: "getDigest",
    method: "GET",
    path,
    summary: "One digest",
    params,
    responses: { 200: digest },
  },
  {
    ...writes,
    operationId: "putDigest",
    method: "PUT",
    path,
    summary: "Subscribe somebody to a digest (`If-Match` with its version to change it)",
    description:
      "On `weekdays` or on the `dayOfMonth`, at a full `hour` by `timeZone`, else the account's. `kpis` names what it tells of, " +
      "`slice` one group alone. A new time counts from the change on. One that was stopped begins again.",
    params,
    body: subscriptionInputSchema,
    responses: { 200: digest, 201: { ...digest, description: "The new digest." } },
  },
  {
    ...writes,
    operationId: "deleteDigest",
    method: "DELETE",
    path,
    summary: "End a digest; one that the configuration made does not come back",
    params,
    responses: { 204: { description: "There is no such digest any more." } },
  },
  {
    ...reads,
    operationId: "previewDigest",
    method: "GET",
    path: `${path}/preview`,
    summary: "The digest as it would be sent now, as a page of its own, or its figures as `text/csv`; sends nothing",
    params,
    responses: { 200: { description: "The digest, its pictures within.", mediaType: "text/html" } },
  },
  {
    ...writes,
    operationId: "sendDigest",
    method: "POST",
    path: `${path}/send`,
    summary: "Send the digest to its recipient now, within a minute",
    description:
      "With an `Idempotency-Key` of at least 16 characters: once for each key. Its own days stay as they are.",
    params,
    headers: z.object({ "idempotency-key": z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/)) }),
    responses: { 202: { description: "It is on its way.", schema: z.object({ status: z.literal("accepted") }) } },
  },
]);
