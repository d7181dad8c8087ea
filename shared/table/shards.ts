import * as z from "zod/mini";

/** How far work over pages has come in one shard of a list; the shards are gone through side by side. */
export const shardSchema = z.object({
  /** The place in the list after which the next page begins; absent before the first. */
  after: z.optional(z.string()),
  /** Pages done: a page told twice counts once. */
  pages: z.number(),
  done: z.boolean(),
});
export type Shard = z.infer<typeof shardSchema>;

/** Shards by their numbers. */
export type Shards<Each extends Shard> = Readonly<Record<string, Each>>;

/** So many shards, all at their beginning. */
export function newShards<Each extends Shard>(count: number, first: Each): Record<string, Each> {
  return Object.fromEntries(Array.from({ length: count }, (_, number) => [String(number), { ...first }]));
}

/** The shards whose next page is to be done: all that are open, or those that have come further since an earlier state. */
export function shardsToGo<Each extends Shard>(
  now: Shards<Each>,
  before?: Shards<Each>,
): readonly (readonly [shard: string, state: Each])[] {
  return Object.entries(now).filter(([shard, { pages, done }]) => !done && before?.[shard]?.pages !== pages);
}

export function allDone(shards: Shards<Shard>): boolean {
  return Object.values(shards).every(({ done }) => done);
}

export function sumOver<Each extends Shard>(shards: Shards<Each>, of: (shard: Each) => number): number {
  return Object.values(shards).reduce((total, shard) => total + of(shard), 0);
}
