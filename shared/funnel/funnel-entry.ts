import * as z from "zod/mini";
import { personOf } from "../kpis/entry.ts";
import { shardOf } from "../table/hash.ts";
import { keySchema } from "../table/item.ts";
import { type Lifecycle, stagesIn } from "./lifecycle.ts";
import { lifecycleStages } from "./stages.ts";

/** Partitions of one UTC date: each takes 1,000 writes a second. */
export const funnelShards = 4;

/**
 * One person's way, on the day that it began: the cohort's day. It holds no contact id, so that erasing a person leaves
 * the counts right.
 */
export const funnelEntrySchema = z.extend(keySchema, {
  kind: z.literal("funnelEntry"),
  source: z.string(),
  /** When each stage was entered, in seconds after the first. */
  stages: z.partialRecord(z.enum(lifecycleStages), z.number()),
  version: z.number(),
  /** An earlier event moved the beginning to another day. */
  withdrawn: z.optional(z.literal(true)),
});
export type FunnelEntry = z.infer<typeof funnelEntrySchema>;

export function funnelPartition(utcDate: string, shard: number): string {
  return `FUNNEL#${utcDate}#${shard}`;
}

/** The UTC date in an entry's partition key. */
export function utcDateOfEntry({ pk }: Pick<FunnelEntry, "pk">): string {
  return pk.slice("FUNNEL#".length, "FUNNEL#".length + 10);
}

/** A contact's stages, and the version of the item that they stand in. */
interface Way extends Pick<Lifecycle, "entered" | "first"> {
  readonly contactId: string;
  readonly version: number;
}

/** The entry that a contact's stages stand for; none before the first. */
export function funnelEntryOf({ contactId, entered, first, version }: Way): FunnelEntry | undefined {
  const path = stagesIn({ entered });
  const start = path[0]?.at;
  if (start === undefined) return undefined;
  const person = personOf(contactId);
  const seconds = path.map(({ stage, at }) => [stage, (Date.parse(at) - Date.parse(start)) / 1000] as const);
  return {
    pk: funnelPartition(start.slice(0, 10), shardOf(person, funnelShards)),
    sk: `${start}#${person}`,
    kind: "funnelEntry",
    source: first.source,
    stages: Object.fromEntries(seconds),
    version,
  };
}
