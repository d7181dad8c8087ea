import * as z from "zod/mini";
import { eventNameSchema } from "../../events/event.ts";
import { journeyDefinitionSchema } from "../../journeys/definition.ts";
import { durationSchema } from "../../journeys/duration.ts";
import { journeyStates } from "../../journeys/journey.ts";
import { idSchema } from "../../journeys/step.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";
import { mailPreview } from "./templates.ts";

export const journeyReads = { ...staffReads, tag: "Journeys" } as const;
export const journeyWrites = { ...marketerWrites, tag: "Journeys" } as const;
export const id = z.object({ id: idSchema });
export const instant = z.iso.datetime();
const count = z.number();

const head = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(journeyStates),
  publishedVersion: z.number(),
  revision: z.number(),
  hasDraft: z.boolean(),
  updatedAt: instant,
  updatedBy: z.string(),
});
const journey = z.extend(head, {
  /** What a PUT replaces: the draft, else the published version. */
  definition: journeyDefinitionSchema,
  /** The version that new runs take; null before the first. */
  published: z.nullable(journeyDefinitionSchema),
});
/** Members of the segment whose entry starts the journey, counted up to about 20,000; null when something else does. */
const inside = { inside: z.nullable(z.object({ count, exact: z.boolean() })) };
export const visit = z.object({
  stepId: z.string(),
  at: instant,
  leftAt: z.optional(instant),
  outcome: z.optional(z.string()),
  reason: z.optional(z.string()),
});
const properties = z._default(z.record(z.string(), z.unknown()), {});

const change = <const Id extends string>(operationId: Id, path: string, summary: string, description: string) =>
  ({
    ...journeyWrites,
    operationId,
    method: "POST",
    path: `/v1/journeys/{id}/${path}`,
    summary,
    description,
    params: id,
    responses: { 200: { description: "The journey as it is now.", schema: head } },
  }) as const;

export const journeyRoutes = defineRoutes([
  {
    ...journeyReads,
    operationId: "listJourneys",
    method: "GET",
    path: "/v1/journeys",
    summary: "All journeys, those that come with Rapport included",
    responses: {
      200: { description: "The journeys.", schema: z.object({ items: z.array(head), nextCursor: z.null() }) },
    },
  },
  {
    ...journeyReads,
    operationId: "getJourney",
    method: "GET",
    path: "/v1/journeys/{id}",
    summary: "A journey's definition",
    params: id,
    responses: {
      200: {
        description:
          "The journey; its revision is the ETag too. `inside` counts who is in the segment that starts it already, and would begin by publishing with `include=all` alone.",
        schema: z.extend(journey, inside),
      },
    },
  },
  {
    ...journeyWrites,
    operationId: "putJourney",
    method: "PUT",
    path: "/v1/journeys/{id}",
    summary: "Create a journey's draft, or change it (`If-Match` with its revision)",
    description:
      "Without `If-Match` the journey must be new (409 otherwise); one that comes with Rapport has revision 0. The draft " +
      "changes nothing for anybody until it is published. What it names (templates, segments, forms, surveys, webhook " +
      "endpoints) must be there, now and when it is published: a 422 says what is not, and where.",
    params: id,
    body: journeyDefinitionSchema,
    responses: {
      200: { description: "The journey with its draft.", schema: journey },
      201: { description: "The new journey.", schema: journey },
    },
  },
  {
    ...change(
      "publishJourney",
      "publish",
      "Publish the draft as the next version",
      "Whoever enters from then on takes the new version; runs under way stay with theirs and nothing is sent again. " +
        "Only what happens from then on starts runs, unless `include=all` has everybody enter who is in the segment that " +
        "starts the journey. `inside` tells how many that are. A paused journey stays paused.",
    ),
    query: z.object({ include: z._default(z.enum(["new", "all"]), "new") }),
    responses: { 200: { description: "The journey as it is now.", schema: z.extend(head, inside) } },
  },
  {
    ...change(
      "pauseJourney",
      "pause",
      "Stop a journey's mail at once",
      "Nobody enters and nothing is sent until it is resumed; whoever meets an exit meanwhile leaves.",
    ),
  },
  {
    ...change(
      "resumeJourney",
      "resume",
      "Go on after a pause",
      "What came due meanwhile goes on within an hour, spread over it; mail later than its maximum age is skipped.",
    ),
  },
  {
    ...change(
      "archiveJourney",
      "archive",
      "End a journey",
      "Nobody enters any more, and runs under way end where they stand. Publishing a new draft revives it.",
    ),
  },
  {
    ...journeyReads,
    operationId: "getJourneyReport",
    method: "GET",
    path: "/v1/journeys/{id}/report",
    summary: "How many entered, wait at, passed, skipped or left each step",
    description:
      "Counted over every run that is under way or ended within 400 days, a moment after each step; of a run's visits " +
      "the newest 100. `begunLately` are those of the newest 30 days. `refused` are those beyond the entry limits. A mail or webhook that was asked for counts as passed until we hear " +
      "otherwise: `skipped` by reason (`no consent`, `frequency cap`, …), `failed`, or `unconfirmed` when nobody knows " +
      "whether SES took it.",
    params: id,
    responses: {
      200: {
        description: "The counts.",
        schema: z.object({
          runs: z.object({
            begun: count,
            begunLately: count,
            refused: count,
            active: count,
            ended: z.record(z.string(), count),
          }),
          steps: z.array(
            z.object({
              stepId: z.string(),
              type: z.nullable(z.string()),
              entered: count,
              waiting: count,
              passed: count,
              left: count,
              failed: count,
              unconfirmed: count,
              skipped: z.record(z.string(), count),
            }),
          ),
        }),
      },
    },
  },
  {
    ...journeyReads,
    operationId: "simulateJourney",
    method: "POST",
    path: "/v1/journeys/{id}/simulate",
    summary: "What a journey would do: the path, its dates and its mails; nothing is sent",
    description:
      "Takes the draft, or without one the published version. Each mail is rendered as the contact would get it now, with " +
      "placeholders for the links that only they may follow, or `skipped` says why it would not be sent, such as " +
      "`missing value: cart.url`, `no consent`, `suppressed`, `frequency cap` or `exited`; `notBefore` says when quiet hours " +
      "or the cap would let it go. Consent, suppression and the mail of the last days are the contact's own as they are now; " +
      "an example has agreed, got no mail lately, and has filled in what the request leaves out. At most 20 mails. What an " +
      "`update` step changes counts from the next wait on.",
    params: id,
    body: z.strictObject({
      /** A contact of ours, or an example of one for branches. */
      contactId: z.optional(z.string().check(z.regex(/^[\w-]{1,128}$/))),
      contact: z.optional(z.record(z.string(), z.unknown())),
      /** When the run starts; now, unless it says otherwise. */
      at: z.optional(z.iso.datetime()),
      /** The properties of the event that starts it. */
      trigger: properties,
      /** What is to happen afterwards. */
      events: z._default(
        z.array(z.strictObject({ event: eventNameSchema, after: durationSchema, properties })).check(z.maxLength(50)),
        [],
      ),
    }),
    responses: {
      200: {
        description: "The path.",
        schema: z.object({
          path: z.array(visit),
          mails: z.array(
            z.extend(mailPreview, {
              /** When the step asks for it. */
              at: instant,
              stepId: z.string(),
              templateId: z.string(),
              /** When it would go out at the earliest, if that is later: quiet hours or the frequency cap. */
              notBefore: z.nullable(instant),
            }),
          ),
          endedAt: z.nullable(instant),
          endedBy: z.nullable(z.string()),
        }),
      },
    },
  },
]);
