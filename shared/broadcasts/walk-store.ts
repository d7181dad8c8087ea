import { putDue } from "../due/due-store.ts";
import type { MailMessageInput } from "../email/mail-message.ts";
import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { memberIds } from "../segments/membership-store.ts";
import type { Table } from "../table/client.ts";
import { notePage } from "../table/note-page.ts";
import { type Broadcast, broadcastKey, holdout, messageKeyOf, type Variant, variantFor } from "./broadcast.ts";
import { getBroadcast, noteSent } from "./broadcast-store.ts";
import {
  afterPage,
  askAgainAt,
  type BroadcastMessage,
  type FanOutShard,
  isWalked,
  type PageMessage,
  paceOf,
  type SettleMessage,
  walkOf,
} from "./fan-out.ts";
import { countProgress } from "./progress-store.ts";

export interface WalkDependencies {
  readonly table: Table;
  readonly sendMail: (message: MailMessageInput) => Promise<void>;
  /** What SES allows the account. */
  readonly perSecond: number;
  readonly now: () => Date;
}

export type WalkResult = "page done" | "sent" | "asked again later" | "stale";

/** Works off one message of the broadcasts queue; any number of times. */
export async function handleBroadcastMessage(deps: WalkDependencies, message: BroadcastMessage): Promise<WalkResult> {
  const broadcast = await getBroadcast(deps.table, message.broadcastId);
  const { fanOut } = broadcast ?? {};
  if (broadcast?.state !== "sending" || fanOut?.epoch !== message.epoch) return "stale";
  if (message.type === "settle") return settle(deps, { ...broadcast, fanOut }, message);
  const shard = fanOut.shards[message.shard];
  if (shard === undefined || shard.done || shard.pages !== message.pages) return "stale";
  const openShards = Object.values(fanOut.shards).filter(({ done }) => !done).length;
  return mailPage(deps, broadcast, message, { shard, pace: paceOf(broadcast, deps.perSecond, openShards) });
}

/**
 * Asks for the mails of one page of members, then notes how far the walk has come; the note's own stream record starts
 * the next page. A crash before the note repeats the page: the ledger knows each mail by its key.
 */
async function mailPage(
  deps: WalkDependencies,
  broadcast: Broadcast,
  page: PageMessage,
  { shard, pace }: { readonly shard: FanOutShard; readonly pace: ReturnType<typeof paceOf> },
): Promise<WalkResult> {
  const { table, now } = deps;
  const members = await memberIds(
    table,
    { segmentId: broadcast.segmentId, shard: Number(page.shard), after: shard.after },
    pace.size,
  );
  const requestedAt = now().toISOString();
  const variants = members.map((contactId) => ({ contactId, variant: variantFor(broadcast, contactId) }));
  await Promise.all(
    variants.map(({ contactId, variant }) =>
      variant === undefined
        ? holdOut(table, broadcast, contactId, shard.nextAt)
        : deps.sendMail(mailOf(broadcast, contactId, { variant, requestedAt, lagSeconds: shard.lagSeconds })),
    ),
  );
  const heldOut = variants.filter(({ variant }) => variant === undefined).length;
  const next = afterPage(shard, { members, heldOut, pace, now: now() });
  await notePage(table, broadcastKey(page.broadcastId), { of: "fanOut", meant: { epoch: page.epoch }, ...page }, next);
  return "page done";
}

function mailOf(
  { id, data, local }: Broadcast,
  contactId: string,
  { variant, requestedAt, lagSeconds }: { variant: Variant; requestedAt: string; lagSeconds: number },
): MailMessageInput {
  return {
    owner: { contactId },
    messageKey: messageKeyOf(id),
    templateId: variant.templateId,
    data,
    campaign: { type: "broadcast", id, variant: variant.id, first: true },
    ...(local !== undefined && { localTime: { ...local, lagSeconds } }),
    requestedAt,
    correlationId: messageKeyOf(id),
  };
}

/** The mail that is not sent, told when it would have been: what the others' is measured against. */
async function holdOut(table: Table, { id }: Broadcast, contactId: string, at: string): Promise<void> {
  const facts = { contactId, occurredAt: at, receivedAt: at, source: "broadcast" };
  const properties = { campaign: { type: "broadcast", id, variant: holdout, first: true } };
  await putEvent(
    table,
    createEvent({ ...facts, origin: ["broadcast", id, contactId], name: "Email Held Out", properties }),
  );
}

/** Once every member has been met and each mail has come to an end, the broadcast has been sent. */
async function settle(
  { table, now }: WalkDependencies,
  { id, fanOut }: Broadcast & { readonly fanOut: NonNullable<Broadcast["fanOut"]> },
  message: SettleMessage,
): Promise<WalkResult> {
  if (!isWalked(fanOut)) return "stale";
  const ended = await countProgress(table, id);
  const again = ended >= walkOf(fanOut).queued ? undefined : askAgainAt(fanOut, now());
  if (again === undefined) {
    await noteSent(table, message, now());
    return "sent";
  }
  await putDue(table, { at: again, id: `broadcast-${id}-settle-${message.epoch}`, queue: "broadcasts", body: message });
  return "asked again later";
}
