import { putDue } from "../due/due-store.ts";
import { type BatchQueue, longestDelaySeconds } from "../queues/batch-queue.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { broadcastSchema } from "./broadcast.ts";
import { type BroadcastMessage, isWalked, nextPages, type PageMessage } from "./fan-out.ts";

export interface BroadcastDependencies {
  readonly table: Table;
  readonly sendBroadcasts: BatchQueue<BroadcastMessage>;
  readonly now: () => Date;
}

/** Most mails have come to their end so soon after the last page. */
const settleSeconds = 60;

/** A broadcast that begins or goes on, and each page that is done, starts the next pages, each at its time. */
export function broadcastPagesStage({ table, sendBroadcasts, now }: BroadcastDependencies): Stage {
  async function sendAt(message: PageMessage, at: Date): Promise<void> {
    const seconds = Math.max(0, Math.ceil((at.getTime() - now().getTime()) / 1_000));
    if (seconds <= longestDelaySeconds) return sendBroadcasts(message, seconds);
    const id = ["broadcast", message.broadcastId, message.epoch, message.shard, message.pages].join("-");
    await putDue(table, { at, id, queue: "broadcasts", body: message });
  }
  return {
    name: "broadcast-pages",
    kind: "broadcast",
    wants: ({ item }) => item.state === "sending",
    async run({ item, previous }) {
      const { id, fanOut } = broadcastSchema.parse(item);
      if (fanOut === undefined) return;
      const before = previous && broadcastSchema.parse(previous).fanOut;
      await Promise.all(nextPages(id, fanOut, before).map(({ message, at }) => sendAt(message, at)));
      if (isWalked(fanOut)) {
        await sendBroadcasts({ type: "settle", broadcastId: id, epoch: fanOut.epoch }, settleSeconds);
      }
    },
  };
}
