import * as z from "zod/mini";
import { contactPk } from "../events/event-keys.ts";
import type { Key } from "../table/item.ts";

/** Something a run wants done. It is done by the record of the write that put it there. */
const effectSchema = z.object({
  type: z.literal("email"),
  /** The run's version that put it there. */
  version: z.number(),
  stepId: z.string(),
  templateId: z.string(),
  messageKey: z.string(),
});
export type Effect = z.infer<typeof effectSchema>;

/** One contact's way through one journey. */
export const runSchema = z.object({
  journeyId: z.string(),
  journeyVersion: z.number(),
  contactId: z.string(),
  /** What the run is about: `once` for a journey that a contact enters once and for ever. */
  entryKey: z.string(),
  rotation: z.number(),
  state: z.enum(["active", "ended"]),
  /** The step to take next, or the one that ended it. */
  stepId: z.string(),
  startedAt: z.string(),
  endedAt: z.optional(z.string()),
  /** The event that started it. */
  eventId: z.string(),
  version: z.number(),
  /** All effects so far, so that a late reader misses none. */
  effects: z.array(effectSchema),
});
export type Run = z.infer<typeof runSchema>;

/** A run as it stands in the table. */
export const runItemSchema = z.extend(runSchema, { pk: z.string(), sk: z.string(), kind: z.literal("run") });

/** Where a run stands: one per journey, contact, entry key and rotation. */
export function runKey(run: Pick<Run, "contactId" | "journeyId" | "entryKey" | "rotation">): Key {
  return { pk: contactPk(run.contactId), sk: `RUN#${run.journeyId}#${run.entryKey}#${run.rotation}` };
}
