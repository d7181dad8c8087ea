import * as z from "zod/mini";
import {
  actionChangeSchema,
  actionIdSchema,
  actionSchema,
  actionStates,
  newActionSchema,
  reviewIdSchema,
} from "../../actions/action.ts";
import { tellInputSchema, tellingSchema } from "../../actions/telling.ts";
import { themeIdSchema } from "../../feedback/theme.ts";
import { defineRoutes } from "../route.ts";
import { staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "Actions" } as const;
const writes = { ...staffReads, tag: "Actions", scopes: ["rapport/write"] } as const;

const { requestHash: _, ...shown } = actionSchema.shape;
const action = z.object(shown);
const one = { description: "The action; its version is the ETag too.", schema: action };
const page = z.object({ items: z.array(action), nextCursor: z.nullable(z.string()) });
const paging = {
  limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(100)), 25),
  cursor: z.optional(z.string()),
};
const params = z.object({ id: actionIdSchema });

export const actionRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listActions",
    method: "GET",
    path: "/v1/actions",
    summary: "What somebody is to do, or has done, about a theme or as a review decided",
    description:
      "Open ones by their due day; with `state=done` or `dropped` the latest due first. With `theme` or `review` all actions of it, of any state unless `state` says which. `owner` is an e-mail address. " +
      "A call looks at 500 at most: a short page with a cursor goes on.",
    query: z.strictObject({
      state: z.optional(z.enum(actionStates)),
      owner: z.optional(z.email().check(z.maxLength(254))),
      theme: z.optional(themeIdSchema),
      review: z.optional(reviewIdSchema),
      ...paging,
    }),
    responses: { 200: { description: "A page.", schema: page } },
  },
  {
    ...writes,
    operationId: "createAction",
    method: "POST",
    path: "/v1/actions",
    summary: "Enter what somebody is to do, by which day",
    description:
      "Its owner gets one mail on the day that it is due, unless it is closed by then. The same `Idempotency-Key` with the same " +
      "body answers with the action it entered before.",
    headers: z.object({ "idempotency-key": z.optional(z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/))) }),
    body: newActionSchema,
    responses: { 201: one },
  },
  {
    ...reads,
    operationId: "getAction",
    method: "GET",
    path: "/v1/actions/{id}",
    summary: "An action",
    params,
    responses: { 200: one },
  },
  {
    ...writes,
    operationId: "putAction",
    method: "PUT",
    path: "/v1/actions/{id}",
    summary: "Change, finish, drop or reopen an action (`If-Match` with its version)",
    description: "The due day moves only while the action is open. One that had passed by then stays in `missedOn`.",
    params,
    body: actionChangeSchema,
    responses: { 200: one },
  },
  {
    ...reads,
    operationId: "getActionHistory",
    method: "GET",
    path: "/v1/actions/{id}/history",
    summary: "Every version of an action, the newest first: what it was, who changed it, and when",
    params,
    query: z.strictObject(paging),
    responses: { 200: { description: "A page.", schema: page } },
  },
]);

const telling = z.object({
  action: z.string(),
  theme: z.string(),
  mail: tellingSchema.shape.mail,
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  state: z.enum(["telling", "told"]),
  comments: z.number(),
  positive: z.number(),
  anonymous: z.number(),
  /** Whose mail was asked for; what became of it stands on their timelines. */
  people: z.number(),
  truncated: z.boolean(),
  startedAt: z.iso.datetime(),
  startedBy: z.string(),
  version: z.number(),
});

export const tellRoutes = defineRoutes([
  {
    ...writes,
    roles: ["admin", "manager", "marketer"],
    operationId: "tellOfAction",
    method: "POST",
    path: "/v1/actions/{id}/tell",
    summary: "Tell those who complained of the theme what is done about it",
    description:
      "A mail to the contacts whose feedback of the period mentions the theme and is not positive, each once for an action, whatever is repeated. `templateId`, whose own stream " +
      "decides whether consent is needed, or `subject` and `text`, which answer as a transactional mail. Suppressed addresses get nothing. With `dryRun` it only counts.",
    params,
    body: tellInputSchema,
    responses: {
      200: {
        description: "Whom it would concern (`dryRun`).",
        schema: z.object({
          action: z.string(),
          comments: z.number(),
          positive: z.number(),
          anonymous: z.number(),
          people: z.number(),
          suppressed: z.number(),
          unreachable: z.number(),
          checked: z.number(),
          truncated: z.boolean(),
        }),
      },
      202: { description: "It has begun, or had before.", schema: telling },
    },
  },
  {
    ...reads,
    operationId: "getTelling",
    method: "GET",
    path: "/v1/actions/{id}/tell",
    summary: "How far the telling has come",
    params,
    responses: { 200: { description: "Counts of what has been looked at.", schema: telling } },
  },
]);
