import * as z from "zod/mini";
import { broadcastIdSchema, broadcastInputSchema, shownStates } from "../../broadcasts/broadcast.ts";
import { reportSchema } from "../../broadcasts/progress.ts";
import { lateSchema, localClockSchema, localDateSchema } from "../../email/local-time.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "Broadcasts" } as const;
const writes = { ...marketerWrites, tag: "Broadcasts" } as const;
const id = z.object({ id: broadcastIdSchema });
const instant = z.iso.datetime();
const count = z.number();

const { shape } = broadcastInputSchema;
const broadcast = z.object({
  ...shape,
  id: z.string(),
  state: z.enum(shownStates),
  version: z.number(),
  mailsPerHour: z.nullable(z.number()),
  createdAt: instant,
  updatedAt: instant,
  updatedBy: z.string(),
  startsAt: z.nullable(instant),
  local: z.nullable(z.object({ date: z.string(), time: z.string(), late: lateSchema })),
  endedAt: z.nullable(instant),
  /** How far the walk over the segment's members has come. */
  walk: z.nullable(z.object({ shards: count, shardsDone: count, queued: count, heldOut: count })),
});
const progress = z.extend(reportSchema, { members: count, queued: count, heldOut: count, waiting: count });

const change = <const Id extends string>(operationId: Id, path: string, summary: string, description: string) =>
  ({
    ...writes,
    operationId,
    method: "POST",
    path: `/v1/broadcasts/{id}/${path}`,
    summary,
    description,
    params: id,
    responses: { 200: { description: "The broadcast as it is now.", schema: broadcast } },
  }) as const;

export const broadcastRoutes = defineRoutes([
  {
    ...writes,
    operationId: "createBroadcast",
    method: "POST",
    path: "/v1/broadcasts",
    summary: "Make a broadcast: marketing mail to a segment, once",
    description:
      "It is a draft and sends nothing. `variants` split the members between templates by `percent`; with `holdoutPercent` they " +
      "add up to 100. The same `Idempotency-Key` with the same body answers with the broadcast it made before.",
    headers: z.object({ "idempotency-key": z.optional(z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/))) }),
    body: broadcastInputSchema,
    responses: { 201: { description: "The draft; its version is the ETag too.", schema: broadcast } },
  },
  {
    ...reads,
    operationId: "listBroadcasts",
    method: "GET",
    path: "/v1/broadcasts",
    summary: "Broadcasts, the newest first",
    query: z.strictObject({
      limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
    responses: {
      200: {
        description: "A page of broadcasts.",
        schema: z.object({ items: z.array(broadcast), nextCursor: z.nullable(z.string()) }),
      },
    },
  },
  {
    ...reads,
    operationId: "getBroadcast",
    method: "GET",
    path: "/v1/broadcasts/{id}",
    summary: "A broadcast, and what became of its mails so far, by variant and reason",
    params: id,
    responses: {
      200: {
        description: "The broadcast; `progress` is null before it is sent or scheduled.",
        schema: z.extend(broadcast, { progress: z.nullable(progress) }),
      },
    },
  },
  {
    ...writes,
    operationId: "patchBroadcast",
    method: "PATCH",
    path: "/v1/broadcasts/{id}",
    summary: "Change a draft (`If-Match` with its version)",
    params: id,
    body: z.strictObject({
      name: z.optional(shape.name),
      segmentId: z.optional(shape.segmentId),
      variants: z.optional(shape.variants),
      holdoutPercent: z.optional(z.number().check(z.gte(0), z.lte(90))),
      /** Null lifts the limit. */
      mailsPerHour: z.optional(z.nullable(z.number())),
      data: z.optional(z.record(z.string(), z.unknown())),
    }),
    responses: { 200: { description: "The draft as it is now.", schema: broadcast } },
  },
  {
    ...reads,
    operationId: "estimateBroadcast",
    method: "GET",
    path: "/v1/broadcasts/{id}/estimate",
    summary: "How many members there are, and of 100 of them how many marketing mail may reach",
    description: "The sample are the longest known members. Quiet hours and the frequency cap are not looked at.",
    params: id,
    responses: {
      200: {
        description: "`members.exact` is false where counting ended at its bound.",
        schema: z.object({
          members: z.object({ count, exact: z.boolean() }),
          sample: z.object({ size: count, reachable: count, skipped: z.record(z.string(), count) }),
        }),
      },
    },
  },
  change(
    "sendBroadcast",
    "send",
    "Send a draft now",
    "Who is a member when the walk over the segment passes gets one mail; who enters after it passed gets none.",
  ),
  {
    ...change(
      "scheduleBroadcast",
      "schedule",
      "Send a draft at an instant, or at a local time of each contact",
      "`at` is an instant. `date` and `time` are by the clock of each contact's time zone, else of the account's; whose time has " +
        "passed by more than an hour when the walk begins gets it at that time a day later, or with `late: atOnce` at once. " +
        "A scheduled one takes a new start until it begins.",
    ),
    body: z.union([
      z.strictObject({ at: instant }),
      z.strictObject({ date: localDateSchema, time: localClockSchema, late: z._default(lateSchema, "nextDay") }),
    ]),
  },
  change(
    "pauseBroadcast",
    "pause",
    "Stop a broadcast's mail at once",
    "What is asked for already waits too. The mail's maximum age of 72 hours goes on counting for it.",
  ),
  change(
    "resumeBroadcast",
    "resume",
    "Go on after a pause",
    "The walk goes on where it stood, at its pace; what waited goes out within a quarter of an hour, spread over it.",
  ),
  change(
    "cancelBroadcast",
    "cancel",
    "End a broadcast",
    "What is not sent yet never will be; each such mail says `cancelled`.",
  ),
]);

/** Test mails are rendered, which is the templates function's work. */
export const broadcastTestRoutes = defineRoutes([
  {
    ...writes,
    function: "templates",
    operationId: "testBroadcast",
    method: "POST",
    path: "/v1/broadcasts/{id}/test-sends",
    summary: "Send each variant to a colleague or oneself, within a minute",
    description: "`to` is an address of the account's owners in the configuration; others get no test mail.",
    params: id,
    body: z.strictObject({
      to: z.email(),
      /** Whose values to fill in; without it, those of an example. */
      contactId: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact"))),
    }),
    responses: { 202: { description: "They are on their way.", schema: z.object({ status: z.literal("accepted") }) } },
  },
]);
