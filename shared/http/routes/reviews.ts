import * as z from "zod/mini";
import { actionSchema, reviewIdSchema } from "../../actions/action.ts";
import { closingSchema, gatheredSchema, reviewInputSchema, reviewSchema } from "../../reviews/review.ts";
import { scheduleInputSchema, scheduleSchema } from "../../reviews/schedule.ts";
import { defineRoutes } from "../route.ts";
import { staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "Reviews" } as const;
const writes = { ...reads, scopes: ["rapport/write"], roles: ["admin", "manager"] } as const;

const { requestHash: _, ...action } = actionSchema.shape;
const params = z.object({ id: reviewIdSchema });
const one = { description: "The review; its version is the ETag too.", schema: reviewSchema };
const schedule = { description: "The schedule; its version is the ETag too.", schema: scheduleSchema };

export const reviewRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listReviews",
    method: "GET",
    path: "/v1/reviews",
    summary: "The reviews, the latest period first",
    query: z.strictObject({
      limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(25)), 10),
      cursor: z.optional(z.string()),
    }),
    responses: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(reviewSchema), nextCursor: z.nullable(z.string()) }),
      },
    },
  },
  {
    ...reads,
    operationId: "getReview",
    method: "GET",
    path: "/v1/reviews/{id}",
    summary: "A review: how the period went, what was learnt, decided and promised",
    description:
      "`gathered` is as it was at `gathered.asOf` and stays so. `lateFigures` are the KPIs of the period whose value is another by now, " +
      "since facts came late or were corrected. `actions` were promised in this review, `gathered.promises` in the one before.",
    params,
    responses: {
      200: {
        description: "The review; its version is the ETag too.",
        schema: z.object({
          ...reviewSchema.shape,
          gathered: gatheredSchema,
          lateFigures: z.array(
            z.object({ kpi: z.string(), value: z.nullable(z.number()), asOf: z.nullable(z.string()) }),
          ),
          actions: z.array(z.object(action)),
        }),
      },
    },
  },
  {
    ...writes,
    operationId: "putReview",
    method: "PUT",
    path: "/v1/reviews/{id}",
    summary: "Write down what was learnt and decided (`If-Match` with its version)",
    description: "Who does what by when are actions: `POST /v1/actions` with the review as their origin.",
    params,
    body: reviewInputSchema,
    responses: { 200: one },
  },
  {
    ...writes,
    operationId: "closeReview",
    method: "POST",
    path: "/v1/reviews/{id}/close",
    summary: "Close a review, and set the next targets (`If-Match` with its version)",
    description:
      "Each of `targets` changes one target from a period on, by default from the one that follows the review's; what held before stays. " +
      "All are set and the review is closed, or nothing is.",
    params,
    body: closingSchema,
    responses: { 200: one },
  },
  {
    ...reads,
    operationId: "getReviewSchedule",
    method: "GET",
    path: "/v1/review-schedule",
    summary: "Which kinds of period are reviewed",
    responses: { 200: { ...schedule, description: "Version 0 is the one that comes along: each quarter." } },
  },
  {
    ...writes,
    operationId: "putReviewSchedule",
    method: "PUT",
    path: "/v1/review-schedule",
    summary: "Say which kinds of period are reviewed (`If-Match` with its version)",
    description:
      "A review opens on the first morning after its period; of a kind that is new, the one that has just ended opens within the hour.",
    body: scheduleInputSchema,
    responses: { 200: schedule },
  },
]);
