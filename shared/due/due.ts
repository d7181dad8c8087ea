import * as z from "zod/mini";
import { ownedBy } from "../events/event-keys.ts";
import { shardOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";

/** Partitions per day; at 1,000 writes a second each they take 14 million due items an hour. */
export const dueShards = 4;

/** The queues that a due item may wait for. */
export const dueQueues = ["mail", "journeys", "segments", "broadcasts", "connectors", "erasures", "webhooks"] as const;
export type DueQueue = (typeof dueQueues)[number];

/** A message that is to be sent to a queue at an instant. Whoever works the queue off knows what its body holds. */
export const dueItemSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal("due"),
  queue: z.enum(dueQueues),
  body: z.record(z.string(), z.unknown()),
  gsi1pk: z.optional(z.string()),
  gsi1sk: z.optional(z.string()),
});
export type DueItem = z.output<typeof dueItemSchema>;

export interface Due {
  readonly at: Date;
  /** The same id at the same instant is the same due item. */
  readonly id: string;
  readonly queue: DueQueue;
  readonly body: object;
  /** Whose it is, if its body says something of a person: then the person's erasure finds it. */
  readonly contactId?: string;
}

/** The due item of a message. */
export function dueItem({ at, id, queue, body, contactId }: Due): DueItem {
  const key = dueKey(at, id);
  const owner = contactId === undefined ? {} : ownedBy(contactId, key);
  return { ...key, ...owner, kind: "due", queue, body: { ...body } };
}

function dueKey(at: Date, id: string): Key {
  return { pk: duePartition(dayOf(at), shardOf(id, dueShards)), sk: `${at.toISOString()}#${id}` };
}

/** The partition of one UTC day, `2026-03-01`, and shard. */
export function duePartition(day: string, shard: number): string {
  return `DUE#${day}#${shard}`;
}

/** Sorts after every item due by then and before every later one. */
export function dueBy(now: Date): string {
  return `${now.toISOString()}#\uffff`;
}

const day = 86_400_000;

/** Days that a message may wait behind a dead letter queue before it is sent again, and then ask for what was due long ago. */
const lookBackDays = 15;

/** Whether a sweep is to look further back than today and yesterday: on the first of each UTC day, and at the very first. */
export function isLookingBack(lookedBackAt: Date | undefined, now: Date): boolean {
  return lookedBackAt === undefined || dayOf(lookedBackAt) !== dayOf(now);
}

/**
 * The UTC days to sweep, oldest first: today and yesterday, and when looking back the 15 before the last time that was
 * done, so that nothing is missed after a pause of any length, nor what came after its time.
 */
export function daysToSweep(lookedBackAt: Date | undefined, now: Date): string[] {
  if (!isLookingBack(lookedBackAt, now)) return daysUpTo(now, 2);
  const since = lookedBackAt === undefined ? 0 : now.getTime() - lookedBackAt.getTime();
  return daysUpTo(now, lookBackDays + 1 + Math.ceil(Math.max(since, 0) / day));
}

function daysUpTo(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, back) => dayOf(new Date(now.getTime() - back * day))).reverse();
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
