import * as z from "zod/mini";
import { contactPk } from "../events/event-keys.ts";
import { shardOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";

/**
 * Why a change of membership starts nothing: it comes of old facts, or of a changed definition. An exit because the
 * segment was archived is not even told.
 */
export const markSchema = z.object({
  historic: z.optional(z.literal(true)),
  rebuild: z.optional(z.literal(true)),
  archived: z.optional(z.literal(true)),
});
export type Mark = z.infer<typeof markSchema>;

const flipSchema = z.extend(markSchema, { version: z.number(), state: z.enum(["in", "out"]), at: z.string() });

/** Whether a contact is in a segment. Each write is a change of state; who was never in has no such item. */
export const membershipSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  kind: z.literal("membership"),
  contactId: z.string(),
  segmentId: z.string(),
  state: z.enum(["in", "out"]),
  since: z.iso.datetime(),
  segmentVersion: z.number(),
  version: z.number(),
  /** The last changes, oldest first: a stage that runs late still tells each. */
  flips: z.array(flipSchema),
  gsi1pk: z.optional(z.string()),
  gsi1sk: z.optional(z.string()),
});
export type Membership = z.infer<typeof membershipSchema>;

const membershipPrefix = "SEGMENT#";

export function membershipKey(contactId: string, segmentId: string): Key {
  return { pk: contactPk(contactId), sk: `${membershipPrefix}${segmentId}` };
}

/** Partitions of a segment's members: each takes 1,000 entries and exits a second. */
export const memberShards = 4;

export function membersPk(segmentId: string, shard: number): string {
  return `SEGMENT#${segmentId}#${shard}`;
}

const keptFlips = 4;

/** The membership after a change of state. */
export function flipped(
  before: Membership | undefined,
  change: {
    readonly contactId: string;
    readonly segmentId: string;
    readonly segmentVersion: number;
    readonly member: boolean;
    readonly at: string;
    readonly mark: Mark;
  },
): Membership {
  const { contactId, segmentId, segmentVersion, at, mark } = change;
  const state = change.member ? "in" : "out";
  const version = (before?.version ?? 0) + 1;
  return {
    ...membershipKey(contactId, segmentId),
    kind: "membership",
    contactId,
    segmentId,
    state,
    since: at,
    segmentVersion,
    version,
    flips: [...(before?.flips ?? []), { version, state, at, ...mark } as const].slice(-keptFlips),
    ...(change.member && {
      gsi1pk: membersPk(segmentId, shardOf(contactId, memberShards)),
      gsi1sk: contactId,
    }),
  };
}

/**
 * When a contact's answers are to be looked at again because time alone may have changed one: one clock for all
 * segments, so that fifty of them cost one due item.
 */
export const clockSchema = z.object({
  pk: z.string(),
  sk: z.literal("SEGMENTCLOCK"),
  kind: z.literal("segmentClock"),
  dueAt: z.iso.datetime(),
  version: z.number(),
});
export type Clock = z.infer<typeof clockSchema>;

/** The range of a contact's memberships and its clock: one Query finds both. */
export const membershipRange = { from: membershipPrefix, to: "SEGMENTCLOCK" } as const;

/** A clock that runs down this soon is left to whoever it wakes. */
const slackMilliseconds = 120_000;

/** The clock to write so that it does not run down after `changesAt`; undefined when it is early enough as it is. */
export function clockAfter(
  before: Clock | undefined,
  contactId: string,
  changesAt: string | undefined,
  now: Date,
): Clock | undefined {
  if (changesAt === undefined) return undefined;
  const runs = before !== undefined && Date.parse(before.dueAt) > now.getTime() + slackMilliseconds;
  if (runs && before.dueAt <= changesAt) return undefined;
  const { pk } = membershipKey(contactId, "");
  return { pk, sk: "SEGMENTCLOCK", kind: "segmentClock", dueAt: changesAt, version: (before?.version ?? 0) + 1 };
}
