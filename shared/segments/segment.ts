import * as z from "zod/mini";
import type { Key } from "../table/item.ts";
import { describe } from "./describe.ts";
import { progressOf, rebuildSchema } from "./rebuild.ts";
import { ruleSchema, segmentIdSchema } from "./rule.ts";

const line = (longest: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(longest));

/** What a marketer writes. */
export const segmentInputSchema = z.strictObject({
  name: line(100),
  description: z.optional(z.string().check(z.maxLength(1000))),
  rule: ruleSchema,
});
export type SegmentInput = z.infer<typeof segmentInputSchema>;

/** A segment as it stands in the table. `version` counts its definitions. */
export const segmentSchema = z.object({
  ...segmentInputSchema.shape,
  id: segmentIdSchema,
  version: z.number(),
  updatedAt: z.string(),
  updatedBy: z.string(),
  rebuild: rebuildSchema,
  /** Since when nobody is in it any more; it is kept, so that it may come back. */
  archivedAt: z.optional(z.string()),
});
export type Segment = z.infer<typeof segmentSchema>;

/** Index partition that lists all segments. */
export const segmentsPk = "SEGMENTS";

export function segmentKey(id: string): Key {
  return { pk: `SEGMENT#${id}`, sk: "SEGMENT" };
}

/** What staff see of a segment. */
export const segmentViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.nullable(z.string()),
  rule: ruleSchema,
  /** The rule in plain words. */
  words: z.string(),
  version: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
  archivedAt: z.nullable(z.iso.datetime()),
  rebuild: z.object({
    version: z.number(),
    shards: z.number(),
    shardsDone: z.number(),
    done: z.boolean(),
    evaluated: z.number(),
    members: z.number(),
  }),
});

export function viewOfSegment({ rebuild, description, archivedAt, ...segment }: Segment) {
  return {
    ...segment,
    description: description ?? null,
    words: describe(segment.rule),
    archivedAt: archivedAt ?? null,
    rebuild: progressOf(rebuild),
  };
}
