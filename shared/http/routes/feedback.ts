import * as z from "zod/mini";
import { feedbackInputSchema, feedbackKinds } from "../../feedback/feedback-input.ts";
import { moods } from "../../feedback/mood.ts";
import { themeIdSchema, themesInputSchema, themesSchema } from "../../feedback/theme.ts";
import { periodKinds } from "../../kpis/period.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

/** What servers tell, by the public API. */
export const feedbackDoorRoutes = defineRoutes([
  {
    operationId: "postFeedback",
    method: "POST",
    path: "/v1/feedback",
    api: "public",
    function: "intake",
    tag: "Feedback",
    summary: "Tell what somebody said: a review, a mention, a suggestion",
    description:
      "With a secret API key of the scope `track` and an `Idempotency-Key` of at least 16 characters: the same key with the " +
      "same body gets the same answer, with another body a 422. The answer means that it is stored.",
    scopes: [],
    roles: [],
    security: "apiKey",
    headers: z.object({ "idempotency-key": z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/)) }),
    body: feedbackInputSchema,
    mediaTypes: ["application/json"],
    responses: {
      202: { description: "Stored.", schema: z.object({ status: z.literal("accepted"), id: z.string() }) },
    },
  },
]);

const reads = { ...staffReads, tag: "Feedback", method: "GET" } as const;
const count = z.number();
const share = z.nullable(z.number());

export const feedbackRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listFeedback",
    path: "/v1/feedback",
    summary: "What people said, the comments of surveys included, newest first",
    description:
      "Of 90 days, unless `from` and `to` (local dates, both included, 366 days at most) say otherwise. A call looks at 1,000 " +
      "at most: a short page with a cursor goes on.",
    query: z.strictObject({
      from: z.optional(z.iso.date()),
      to: z.optional(z.iso.date()),
      kind: z.optional(z.enum(feedbackKinds)),
      source: z.optional(z.string()),
      theme: z.optional(themeIdSchema),
      sentiment: z.optional(z.enum(moods)),
      limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string()),
    }),
    responses: {
      200: {
        description: "A page.",
        schema: z.object({
          items: z.array(
            z.object({
              id: z.string(),
              kind: z.enum(feedbackKinds),
              source: z.string(),
              text: z.string(),
              rating: z.nullable(z.number()),
              language: z.nullable(z.string()),
              url: z.nullable(z.string()),
              author: z.nullable(z.string()),
              contactId: z.nullable(z.string()),
              /** −1 to 1; null where it cannot be told. */
              sentiment: z.nullable(z.number()),
              themes: z.array(z.string()),
              occurredAt: z.string(),
            }),
          ),
          nextCursor: z.nullable(z.string()),
        }),
      },
    },
  },
  {
    ...reads,
    operationId: "getThemes",
    path: "/v1/themes",
    summary: "The themes that comments are searched for, and their keywords",
    responses: { 200: { description: "Those that come along have version 0.", schema: themesSchema } },
  },
  {
    ...marketerWrites,
    tag: "Feedback",
    roles: ["admin", "manager", "marketer"],
    operationId: "putThemes",
    method: "PUT",
    path: "/v1/themes",
    summary: "Replace the themes (`If-Match` with their version)",
    description: "Reports search with the new keywords at once, in old comments as well.",
    body: themesInputSchema,
    responses: { 200: { description: "The themes as they are now.", schema: themesSchema } },
  },
  {
    ...reads,
    operationId: "getThemeReport",
    path: "/v1/themes/report",
    summary: "What comments are about, against the period before",
    description:
      "Of the latest complete period, unless `date` says otherwise. The change of a theme's share is tested two-sided, by " +
      "Fisher's exact test where a count of fewer than five is expected, else by that of two proportions; significant is a p " +
      "below 0.05. With many themes some are so by chance. At most 5,000 comments of each period are read, the newest.",
    query: z.strictObject({
      period: z._default(z.enum(periodKinds), "month"),
      date: z.optional(z.iso.date()),
    }),
    responses: {
      200: {
        description: "The themes, the most frequent first.",
        schema: z.object({
          period: z.enum(periodKinds),
          start: z.string(),
          complete: z.boolean(),
          truncated: z.boolean(),
          comments: count,
          previousComments: count,
          items: z.array(
            z.object({
              theme: z.string(),
              title: z.string(),
              count,
              share,
              previousCount: count,
              previousShare: share,
              p: z.nullable(z.number()),
              test: z.nullable(z.enum(["two-proportion z", "Fisher"])),
              significant: z.boolean(),
              meanSentiment: z.nullable(z.number()),
              withSentiment: count,
              /** Ids of the newest 20; `link` lists all. */
              comments: z.array(z.string()),
              link: z.string(),
            }),
          ),
          nextCursor: z.null(),
        }),
      },
    },
  },
]);
