import * as z from "zod/mini";
import { idSchema } from "../../journeys/step.ts";
import { defineRoutes } from "../route.ts";
import { id, instant, journeyReads, journeyWrites, visit } from "./journeys.ts";

const contactId = z.string().check(z.regex(/^[\w-]{1,128}$/));
const run = z.object({
  /** Names it for a replay. */
  id: z.string(),
  contactId: z.string(),
  journeyVersion: z.number(),
  entryKey: z.string(),
  rotation: z.number(),
  state: z.enum(["active", "ended"]),
  stepId: z.string(),
  dueAt: z.nullable(instant),
  startedAt: instant,
  endedAt: z.nullable(instant),
  endedBy: z.nullable(z.string()),
  variants: z.record(z.string(), z.string()),
  log: z.array(visit),
});

const request = z
  .strictObject({
    contactId: z.optional(contactId),
    email: z.optional(z.email().check(z.maxLength(254))),
    /** What the run is about, an order's number, say: each key is a run of its own. Without it, the contact's one run. */
    entryKey: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
    /** For conditions and mails, as `event.…`. */
    properties: z._default(
      z.record(idSchema, z.unknown()).check(
        z.refine((value) => JSON.stringify(value).length <= 16_384, "16 KB at most"),
        z.refine(
          (value) => !("journeyId" in value || "entryKey" in value),
          "journeyId and entryKey are told beside them",
        ),
      ),
      {},
    ),
  })
  .check(z.refine((body) => (body.contactId === undefined) !== (body.email === undefined), "give contactId or email"));

export const runRoutes = defineRoutes([
  {
    ...journeyWrites,
    operationId: "startJourneyRun",
    method: "POST",
    path: "/v1/journeys/{id}/runs",
    summary: "Ask a contact into a journey whose trigger is the API",
    description:
      "The same `Idempotency-Key` with the same body is the same request; with another body it is a 422. The answer means " +
      "that the request is stored: re-entry rule and entry limits are then looked at as for any trigger.",
    params: id,
    headers: z.object({ "idempotency-key": z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/)) }),
    body: request,
    responses: {
      202: { description: "Stored.", schema: z.object({ status: z.literal("accepted"), contactId: z.string() }) },
    },
  },
  {
    ...journeyReads,
    operationId: "listJourneyRuns",
    method: "GET",
    path: "/v1/journeys/{id}/runs/{contactId}",
    summary: "A contact's runs through a journey, each with its log",
    description:
      "A visit's `outcome` is `passed`, `skipped`, `left` or `failed`; of a mail or webhook also what became of it since: " +
      "`skipped` with the reason, `failed`, or `unconfirmed` when nobody knows whether SES took it.",
    params: z.extend(id, { contactId }),
    responses: { 200: { description: "The runs.", schema: z.object({ items: z.array(run), nextCursor: z.null() }) } },
  },
  {
    ...journeyWrites,
    operationId: "replayJourneyRun",
    method: "POST",
    path: "/v1/journeys/{id}/runs/{runId}/replay",
    summary: "Let a run that failed, or that missed its time, go on; ask again for its mails and webhooks that failed",
    description:
      "It goes on from the step where it stands, and its times count from now. Mails that SES refused for good and webhooks " +
      "that did not arrive are asked for again (`askedAgain` names their steps), a webhook under the same id. A mail that " +
      "was sent, or might have been, is not; nor is any to whoever has left the journey.",
    params: z.extend(id, { runId: z.string().check(z.regex(/^[\w.-]{1,300}$/)) }),
    responses: {
      202: {
        description: "The run, about to go on.",
        schema: z.extend(run, { askedAgain: z.array(z.string()) }),
      },
    },
  },
]);
