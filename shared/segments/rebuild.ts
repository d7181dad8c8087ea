import * as z from "zod/mini";
import { listShards } from "../contacts/contact.ts";
import { allDone, newShards, shardSchema, shardsToGo, sumOver } from "../table/shards.ts";
import { memberShards } from "./membership.ts";

/** How far a rebuild has come in one shard of the list of contacts, or an archived segment's emptying in one of its members. */
const rebuildShardSchema = z.extend(shardSchema, { evaluated: z.number(), members: z.number() });
export type RebuildShard = z.infer<typeof rebuildShardSchema>;

/** The background work of a new, changed or archived definition, or of cut points that moved. */
export const rebuildSchema = z.object({
  version: z.number(),
  /** The version of the cut points, and how often the customer model moved, that gave rise to it; 0 when the definition did. */
  cutPoints: z.number(),
  shards: z.record(z.string(), rebuildShardSchema),
});
export type Rebuild = z.infer<typeof rebuildSchema>;

/** A rebuild of all shards of the list, at its beginning. */
export function newRebuild(version: number, { cutPoints = 0, shards: count = listShards } = {}): Rebuild {
  const shard: RebuildShard = { pages: 0, evaluated: 0, members: 0, done: false };
  return { version, cutPoints, shards: newShards(count, shard) };
}

/** The emptying of a segment that is archived, at its beginning: over the shards of its members. */
export function newEmptying(version: number): Rebuild {
  return newRebuild(version, { shards: memberShards });
}

/** What staff see of a rebuild. A contact who is active meanwhile may be counted twice: it stands in the list twice then. */
export function progressOf({ version, shards }: Rebuild) {
  return {
    version,
    shards: Object.keys(shards).length,
    shardsDone: sumOver(shards, ({ done }) => Number(done)),
    done: allDone(shards),
    evaluated: sumOver(shards, ({ evaluated }) => evaluated),
    members: sumOver(shards, ({ members }) => members),
  };
}

/**
 * What the segments queue carries: a contact whose answers time may have changed; one page of a rebuild; and of the
 * day's census the word to take it, one page of it, the word that a shard is counted, and that it moved cut points; and the word that the
 * customer model has moved.
 */
export const segmentMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("contact"), contactId: z.string() }),
  z.object({
    type: z.literal("page"),
    segmentId: z.string(),
    version: z.number(),
    cutPoints: z.number(),
    shard: z.string(),
    pages: z.number(),
    after: z.optional(z.string()),
  }),
  z.object({ type: z.literal("census") }),
  z.object({ type: z.literal("censusPage"), date: z.string(), shard: z.string(), pages: z.number() }),
  z.object({ type: z.literal("shardCounted") }),
  z.object({ type: z.literal("cutPointsMoved"), version: z.number() }),
  z.object({ type: z.literal("modelMoved"), moves: z.number() }),
]);
export type SegmentMessage = z.infer<typeof segmentMessageSchema>;
export type PageMessage = Extract<SegmentMessage, { type: "page" }>;
export type CensusPageMessage = Extract<SegmentMessage, { type: "censusPage" }>;

/** Definitions are kept so long in a function's memory. */
export const definitionSeconds = 30;

/** A rebuild begins when every function knows the definition, so that no event falls between the two. */
export const firstPageDelaySeconds = 2 * definitionSeconds;

/** The pages to do next: of all shards, or of those that have come further since an earlier state. */
export function nextPages(
  segmentId: string,
  now: Rebuild,
  before?: Rebuild,
): readonly { readonly message: PageMessage; readonly delaySeconds: number }[] {
  const { version, cutPoints, shards } = now;
  const isSame = before?.version === version && before.cutPoints === cutPoints;
  return shardsToGo(shards, isSame ? before.shards : undefined).map(([shard, { pages, after }]) => ({
    message: { type: "page", segmentId, version, cutPoints, shard, pages, after },
    delaySeconds: pages === 0 ? firstPageDelaySeconds : 0,
  }));
}
