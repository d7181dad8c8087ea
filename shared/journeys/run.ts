import * as z from "zod/mini";
import { campaignSchema } from "../email/campaign.ts";
import { contactPk } from "../events/event-keys.ts";
import { shardOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";

/** The run's version that put it there, its step, and when. */
const base = { version: z.number(), stepId: z.string(), at: z.string() };

/** Something a run wants done. It is done by the record of the write that put it there. */
const effectSchema = z.discriminatedUnion("type", [
  z.object({
    ...base,
    type: z.literal("email"),
    templateId: z.string(),
    messageKey: z.string(),
    /** Effects of before mails named their campaign have none. */
    campaign: z.optional(campaignSchema),
    /** When it is too old; effects of before mails said so have none. */
    notAfter: z.optional(z.string()),
  }),
  z.object({
    ...base,
    type: z.literal("notify"),
    messageKey: z.string(),
    to: z.object({ name: z.string(), email: z.string() }),
    subject: z.string(),
    text: z.string(),
  }),
  z.object({
    ...base,
    type: z.literal("task"),
    taskKey: z.string(),
    title: z.string(),
    owner: z.string(),
    dueAt: z.string(),
  }),
  z.object({
    ...base,
    type: z.literal("webhook"),
    messageKey: z.string(),
    endpointId: z.string(),
    send: z.array(z.string()),
  }),
  /** A fact about the contact, told by the journey. */
  z.object({ ...base, type: z.literal("event"), name: z.string(), properties: z.record(z.string(), z.unknown()) }),
  /** The run is to be looked at again `at`; of several only the newest counts. */
  z.object({ ...base, type: z.literal("wakeUp") }),
]);
export type Effect = z.infer<typeof effectSchema>;
export type EffectOf<Type extends Effect["type"]> = Extract<Effect, { readonly type: Type }>;

/** One visit of a step. */
const visitSchema = z.object({
  stepId: z.string(),
  at: z.string(),
  leftAt: z.optional(z.string()),
  outcome: z.optional(z.enum(["passed", "skipped", "left", "failed"])),
  /** Why it was skipped or left, or which way was taken. */
  reason: z.optional(z.string()),
});
export type Visit = z.infer<typeof visitSchema>;

/** `limit`: it never began, since its journey takes no more. */
export const endings = ["completed", "goal", "exit", "archived", "failed", "limit", "erased"] as const;

/** One contact's way through one journey. */
export const runSchema = z.object({
  journeyId: z.string(),
  journeyVersion: z.number(),
  contactId: z.string(),
  /** What the run is about: a cart's id, say, or `once`. */
  entryKey: z.string(),
  rotation: z.number(),
  state: z.enum(["active", "ended"]),
  /** The step where it stands, or that ended it. */
  stepId: z.string(),
  /** When it got there, and when it should have. */
  enteredAt: z.string(),
  plannedAt: z.string(),
  /** From when the step's own times count: as planned, unless the run was late. */
  reachedAt: z.string(),
  /** When it goes on at the latest. */
  dueAt: z.optional(z.string()),
  startedAt: z.string(),
  endedAt: z.optional(z.string()),
  endedBy: z.optional(z.enum(endings)),
  /** The event that made it leave. */
  endedByEvent: z.optional(z.string()),
  /** When that happened. */
  leftAt: z.optional(z.string()),
  /** The event that started it, and when that happened. */
  eventId: z.string(),
  triggeredAt: z.string(),
  /** The variant of each split taken. */
  variants: z.record(z.string(), z.string()),
  holdout: z.optional(z.literal(true)),
  /** How often each step had an effect: a loop's second mail is another mail. */
  times: z.record(z.string(), z.number()),
  log: z.array(visitSchema),
  version: z.number(),
  /** The effects so far, the newest 60, so that a late reader misses none. */
  effects: z.array(effectSchema),
});
export type Run = z.infer<typeof runSchema>;

/** A run as it stands in the table. */
export const runItemSchema = z.extend(runSchema, { pk: z.string(), sk: z.string(), kind: z.literal("run") });

/** The first part of every run's sort key, and of those of one journey. */
export function runPrefix(journeyId?: string, entryKey?: string): string {
  return ["RUN", ...[journeyId, entryKey].filter((part) => part !== undefined), ""].join("#");
}

/** Where a run stands: one per journey, contact, entry key and rotation. One that was refused takes the place of none. */
export function runKey(run: RunPlace): Key {
  return { pk: contactPk(run.contactId), sk: `${runPrefix(run.journeyId, run.entryKey)}${turnOf(run)}` };
}

/** Index partitions of a journey's waiting runs: each takes the changes of 1,000 runs a second. */
export const waitingShards = 4;

/** Where the index keeps the runs of a journey that wait, by the time when they go on. */
export function waitingPk(journeyId: string, shard: number): string {
  return `RUNS#${journeyId}#${shard}`;
}

/** A run's place in the index while it waits; none once it has ended. */
export function waitingKey(run: Run): { readonly gsi1pk: string; readonly gsi1sk: string } | undefined {
  if (run.dueAt === undefined) return undefined;
  const { pk } = runKey(run);
  return { gsi1pk: waitingPk(run.journeyId, shardOf(pk, waitingShards)), gsi1sk: run.dueAt };
}

type RunPlace = Pick<Run, "contactId" | "journeyId" | "entryKey" | "rotation" | "eventId" | "endedBy">;

function turnOf({ endedBy, eventId, rotation }: RunPlace): string {
  return endedBy === "limit" ? `refused-${eventId}` : String(rotation);
}

/** A run's id within its journey, as the API names it. */
export function runIdOf(run: RunPlace): string {
  return [run.contactId, run.entryKey, turnOf(run)].join(".");
}

/** The same id, by the run's key. */
export function runIdOfKey({ pk, sk }: Key): string {
  return [pk.slice(contactPk("").length), ...sk.split("#").slice(2)].join(".");
}

/** Where the run of such an id stands; undefined for what is no id. */
export function placeOf(
  journeyId: string,
  runId: string,
): { readonly contactId: string; readonly sk: string } | undefined {
  const [, contactId, entryKey, turn] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(runId) ?? [];
  if (contactId === undefined || entryKey === undefined || turn === undefined) return undefined;
  return { contactId, sk: `${runPrefix(journeyId, entryKey)}${turn}` };
}
