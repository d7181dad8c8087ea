import * as z from "zod/mini";
import { allDone, shardSchema, shardsToGo, sumOver } from "../table/shards.ts";
import { type AskedEvents, askedEventsSchema } from "./catalogue.ts";

const walkShardSchema = z.extend(shardSchema, {
  contacts: z.number(),
  /** The UTC date of the oldest event that was found. */
  oldest: z.optional(z.iso.date()),
});
export type WalkShard = z.infer<typeof walkShardSchema>;

/** The walk over all contacts' timelines for events from before a KPI asked for them, page by page. */
export const walkSchema = z.object({
  /** Goes up when it begins or goes on: messages of an older one do nothing. */
  epoch: z.number(),
  /** What is looked for, and the version of the catalogue that asks. */
  asked: askedEventsSchema,
  version: z.number(),
  /** The contacts there were when it began. */
  contacts: z.number(),
  shards: z.record(z.string(), walkShardSchema),
  /** What walks before have found all of, by event: as of which of its askings. */
  found: z.record(z.string(), z.number()),
});
export type Walk = z.infer<typeof walkSchema>;

export const noWalk: Walk = { epoch: 0, asked: {}, version: 0, contacts: 0, shards: {}, found: {} };

/** What has been found by a walk, if it is over, and by those before it. */
export function foundBy({ found, asked, shards }: Walk): Walk["found"] {
  if (!allDone(shards)) return found;
  return { ...found, ...Object.fromEntries(Object.entries(asked).map(([event, { since }]) => [event, since])) };
}

/** Of what is asked that of which not all has been found. */
export function missingOf(asked: AskedEvents, walk: Walk): AskedEvents {
  const found = new Map(Object.entries(foundBy(walk)));
  return Object.fromEntries(Object.entries(asked).filter(([event, { since }]) => (found.get(event) ?? 0) < since));
}

export function oldestOf({ shards }: Walk): string | undefined {
  return Object.values(shards)
    .flatMap(({ oldest }) => oldest ?? [])
    .sort()[0];
}

/**
 * UTC dates that one hourly roll-up counts: far more than fall due in an hour, and few enough for its time. When more wait,
 * they go to the queue.
 */
export const datesOfRollUp = 100;

/** Contacts of a page; a shorter one is the last. */
export const contactsOfPage = 500;

/**
 * What the queue of KPIs' history carries: the word to see what is to be done, a page of the walk over timelines, and a
 * turn of the counting.
 */
export const historyMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("plan") }),
  z.object({ type: z.literal("page"), epoch: z.number(), shard: z.string(), pages: z.number() }),
  z.object({ type: z.literal("count"), turn: z.number() }),
]);
export type HistoryMessage = z.infer<typeof historyMessageSchema>;
export type WalkPageMessage = Extract<HistoryMessage, { type: "page" }>;

/** What follows from a walk's state: its next pages, or, once it is over, the counting. */
export function afterWalk({ epoch, shards }: Walk, before?: Walk): readonly HistoryMessage[] {
  if (allDone(shards)) return [{ type: "plan" }];
  return shardsToGo(shards, before?.epoch === epoch ? before.shards : undefined).map(([shard, { pages }]) => {
    return { type: "page", epoch, shard, pages };
  });
}

/** Of which version of each KPI the days from `from` to `to` have been marked to be counted. */
export const historySchema = z.object({
  versions: z.record(z.string(), z.number()),
  /** How weeks and years began then. */
  calendar: z._default(z.string(), "monday 1"),
  from: z.optional(z.string()),
  to: z.optional(z.string()),
});
export type History = z.infer<typeof historySchema>;

/** How far the days before a KPI's definition are counted by it. */
export interface HistoryProgress {
  /** `reading`: events from before are still looked for on the timelines. */
  readonly state: "waiting" | "reading" | "counting" | "counted";
  /** Contacts whose timelines are still to be read; null when none are. */
  readonly contactsLeft: number | null;
  readonly contacts: number | null;
  /** Days that are still to be counted, for this or another reason; null before it is known. */
  readonly daysLeft: number | null;
  readonly days: number | null;
}

const nothingKnown = { contactsLeft: null, contacts: null, daysLeft: null, days: null };

/** A contact who is active during the walk is met twice, so that none may be left before it is over. */
export function readingOf(walk: Walk): HistoryProgress {
  const { contacts, shards } = walk;
  const read = sumOver(shards, (shard) => shard.contacts);
  return { ...nothingKnown, state: "reading", contacts, contactsLeft: Math.max(0, contacts - read) };
}

/** @param waiting the marked days that no roll-up has counted */
export function countingOf({ from, to }: History, waiting: readonly string[]): HistoryProgress {
  if (from === undefined || to === undefined) return { ...nothingKnown, state: "counted", daysLeft: 0, days: 0 };
  const daysLeft = waiting.filter((date) => from <= date && date <= to).length;
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
  return { ...nothingKnown, state: daysLeft === 0 ? "counted" : "counting", daysLeft, days };
}

export const waitingProgress: HistoryProgress = { ...nothingKnown, state: "waiting" };
