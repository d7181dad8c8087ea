import * as z from "zod/mini";
import { contactViewSchema } from "../../contacts/contact-view.ts";
import { ruleSchema, segmentIdSchema } from "../../segments/rule.ts";
import { segmentInputSchema, segmentViewSchema } from "../../segments/segment.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reading = { ...staffReads, tag: "Segments" } as const;
const writing = { ...marketerWrites, tag: "Segments" } as const;
const id = z.object({ id: segmentIdSchema });
const listOf = <Item extends z.ZodMiniType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.nullable(z.string()) });

export const segmentRoutes = defineRoutes([
  {
    ...reading,
    operationId: "listSegments",
    method: "GET",
    path: "/v1/segments",
    summary: "Every live segment, with its rule in plain words",
    responses: { 200: { description: "The segments.", schema: listOf(segmentViewSchema) } },
  },
  {
    ...reading,
    operationId: "getSegment",
    method: "GET",
    path: "/v1/segments/{id}",
    summary: "A segment, how many are in it, and how far its rebuild has come",
    params: id,
    responses: {
      200: {
        description: "The segment. `members.exact` is false where counting ended at its bound.",
        schema: z.extend(segmentViewSchema, { members: z.object({ count: z.number(), exact: z.boolean() }) }),
      },
    },
  },
  {
    ...writing,
    operationId: "putSegment",
    method: "PUT",
    path: "/v1/segments/{id}",
    summary: "Make a segment, or change one (`If-Match` with its version)",
    description:
      "Its members are found in the background, from one minute on: `rebuild` tells how far that has come. Who enters by it starts no journey.",
    params: id,
    body: segmentInputSchema,
    responses: {
      200: { description: "The segment as it is now.", schema: segmentViewSchema },
      201: { description: "The new segment.", schema: segmentViewSchema },
    },
  },
  {
    ...writing,
    operationId: "deleteSegment",
    method: "DELETE",
    path: "/v1/segments/{id}",
    summary: "Archive a segment: nobody is in it any more",
    description:
      "A 409 names the journeys, segments and broadcasts that ask for it. Its members leave in the background, without an event: `rebuild` tells how far that has come. It is listed no more; a PUT of its id brings it back.",
    params: id,
    responses: { 202: { description: "The archived segment.", schema: segmentViewSchema } },
  },
  {
    ...reading,
    operationId: "previewSegment",
    method: "POST",
    path: "/v1/segments/preview",
    summary: "Who would be in a segment, before it is saved",
    description:
      "Looks at all contacts, or at a sample of `bound`, taken at even distances from the least to the most active; `complete` tells which. `estimate` is the same share of all `contacts`, from `low` to `high` with 95 % as of a random sample.",
    body: z.strictObject({ rule: ruleSchema }),
    responses: {
      200: {
        description: "The count among the contacts looked at, what that makes of all, and 20 members at most.",
        schema: z.object({
          words: z.string(),
          bound: z.number(),
          scanned: z.number(),
          complete: z.boolean(),
          count: z.number(),
          contacts: z.number(),
          estimate: z.object({ members: z.number(), low: z.number(), high: z.number() }),
          members: z.array(contactViewSchema),
        }),
      },
    },
  },
  {
    ...reading,
    operationId: "listSegmentMembers",
    method: "GET",
    path: "/v1/segments/{id}/members",
    summary: "A segment's members",
    params: id,
    query: z.strictObject({
      limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
    responses: { 200: { description: "A page of contacts, by id.", schema: listOf(contactViewSchema) } },
  },
  {
    ...reading,
    operationId: "listContactSegments",
    method: "GET",
    path: "/v1/contacts/{id}/segments",
    summary: "The segments that a contact is in, or was in",
    params: z.object({ id: z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact")) }),
    responses: {
      200: {
        description: "The memberships, by segment.",
        schema: listOf(
          z.object({
            segmentId: z.string(),
            state: z.enum(["in", "out"]),
            since: z.iso.datetime(),
            segmentVersion: z.number(),
          }),
        ),
      },
    },
  },
]);
