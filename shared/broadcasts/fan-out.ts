import * as z from "zod/mini";
import { memberShards } from "../segments/membership.ts";
import { allDone, newShards, shardSchema, shardsToGo, sumOver } from "../table/shards.ts";

/** How far the walk has come in one shard of the segment's members. */
const fanOutShardSchema = z.extend(shardSchema, {
  /** Members of whom a mail was asked for, and who were held out. */
  queued: z.number(),
  heldOut: z.number(),
  /** The next page is not released before. */
  nextAt: z.iso.datetime(),
  /** How long the walk has taken so far by its pace, pauses apart; mails at a local time are spread by it. */
  lagSeconds: z.number(),
});
export type FanOutShard = z.output<typeof fanOutShardSchema>;

/** The walk over a segment's members, by pages. `epoch` goes up when it begins or goes on: older messages do nothing. */
export const fanOutSchema = z.object({ epoch: z.number(), shards: z.record(z.string(), fanOutShardSchema) });
export type FanOut = z.output<typeof fanOutSchema>;

/** A walk at its beginning. */
export function newFanOut(epoch: number, startsAt: Date): FanOut {
  const nextAt = startsAt.toISOString();
  const shard: FanOutShard = { pages: 0, queued: 0, heldOut: 0, done: false, nextAt, lagSeconds: 0 };
  return { epoch, shards: newShards(memberShards, shard) };
}

/** Whether every member has been met. */
export function isWalked({ shards }: FanOut): boolean {
  return allDone(shards);
}

/** The sums over the shards. */
export function walkOf({ shards }: FanOut) {
  return {
    shards: Object.keys(shards).length,
    shardsDone: sumOver(shards, ({ done }) => Number(done)),
    queued: sumOver(shards, ({ queued }) => queued),
    heldOut: sumOver(shards, ({ heldOut }) => heldOut),
  };
}

/** Of what SES allows the account a broadcast takes four fifths, so that carts and confirmations find room beside it. */
const shareOfAccount = 0.8;
const largestPage = 100;

/** The next page of a shard: how many members, and how long after it the one after that is due. */
export interface Pace {
  readonly size: number;
  readonly seconds: number;
}

/**
 * The pace of one shard, of those that are still open: a minute's mails at a time, 100 at most. The walk is never far
 * ahead of what can be sent, so that a pause holds nearly all, and other mail does not stand behind it in the queue.
 *
 * @param perSecond what SES allows the account
 */
export function paceOf(
  { mailsPerHour }: { readonly mailsPerHour?: number | undefined },
  perSecond: number,
  openShards: number,
): Pace {
  const perHour = Math.min(mailsPerHour ?? Number.POSITIVE_INFINITY, perSecond * 3_600 * shareOfAccount);
  const perShard = perHour / Math.max(1, openShards);
  const size = Math.min(largestPage, Math.max(1, Math.floor(perShard / 60)));
  return { size, seconds: (size / perShard) * 3_600 };
}

/** A shard after a page of some members. */
export function afterPage(
  shard: FanOutShard,
  page: { readonly members: readonly string[]; readonly heldOut: number; readonly pace: Pace; readonly now: Date },
): FanOutShard {
  const { members, heldOut, pace, now } = page;
  const after = members.at(-1) ?? shard.after;
  return {
    pages: shard.pages + 1,
    queued: shard.queued + members.length - heldOut,
    heldOut: shard.heldOut + heldOut,
    done: members.length < pace.size,
    nextAt: new Date(now.getTime() + pace.seconds * 1_000).toISOString(),
    lagSeconds: shard.lagSeconds + pace.seconds,
    ...(after !== undefined && { after }),
  };
}

/** What the broadcasts queue carries: a page of members, or the question whether all mails have come to their end. */
export const broadcastMessageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("page"),
    broadcastId: z.string(),
    epoch: z.number(),
    shard: z.string(),
    pages: z.number(),
  }),
  z.object({ type: z.literal("settle"), broadcastId: z.string(), epoch: z.number() }),
]);
export type BroadcastMessage = z.output<typeof broadcastMessageSchema>;
export type PageMessage = Extract<BroadcastMessage, { type: "page" }>;
export type SettleMessage = Extract<BroadcastMessage, { type: "settle" }>;

/** The pages to do next: of all open shards, or of those that have come further since an earlier state. */
export function nextPages(
  broadcastId: string,
  { epoch, shards }: FanOut,
  before?: FanOut,
): readonly { readonly message: PageMessage; readonly at: Date }[] {
  return shardsToGo(shards, before?.epoch === epoch ? before.shards : undefined).map(([shard, { pages, nextAt }]) => ({
    message: { type: "page", broadcastId, epoch, shard, pages },
    at: new Date(nextAt),
  }));
}

const minute = 60_000;
const settleGrid = 5 * minute;
/** Marketing is too old after 72 hours, and a local time may lie two days ahead: later than this nothing comes. */
const patience = 6 * 24 * 60 * minute;

/**
 * When to ask again whether all mails have come to their end; the pause grows with the wait. On a grid, so that a
 * question that came twice becomes one again. Undefined when it is no use to go on asking.
 */
export function askAgainAt({ shards }: FanOut, now: Date): Date | undefined {
  const walkedAt = Math.max(...Object.values(shards).map(({ nextAt }) => Date.parse(nextAt)));
  const waited = now.getTime() - walkedAt;
  if (waited > patience) return undefined;
  const pause = Math.min(Math.max(waited, minute), 60 * minute);
  return new Date(Math.ceil((now.getTime() + pause) / settleGrid) * settleGrid);
}
