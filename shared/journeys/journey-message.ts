import * as z from "zod/mini";
import { wakeUpSchema } from "./wake-up.ts";

/** A contact's date has come. What it says is compared with what is true by then. */
export const dateDueSchema = z.object({
  type: z.literal("date"),
  journeyId: z.string(),
  contactId: z.string(),
  at: z.iso.datetime(),
});
export type DateDue = z.infer<typeof dateDueSchema>;

/** A version was published: those whom it concerns already are walked through, shard by shard. */
export const enrolSchema = z.object({
  type: z.literal("enrol"),
  journeyId: z.string(),
  version: z.number(),
  /** `contacts`: whose date the trigger names. `members`: who is in its segment, to begin at once. */
  walk: z.enum(["contacts", "members"]),
  publishedAt: z.iso.datetime(),
  shard: z.number(),
  after: z.optional(z.string()),
});
export type Enrol = z.infer<typeof enrolSchema>;

/** A journey was archived: its waiting runs end, shard by shard. */
export const endRunsSchema = z.object({
  type: z.literal("endRuns"),
  journeyId: z.string(),
  shard: z.number(),
  after: z.optional(z.string()),
});
export type EndRuns = z.infer<typeof endRunsSchema>;

/** Everything that the journeys queue brings. */
export const journeyMessageSchema = z.union([dateDueSchema, enrolSchema, endRunsSchema, wakeUpSchema]);
export type JourneyMessage = z.infer<typeof journeyMessageSchema>;
