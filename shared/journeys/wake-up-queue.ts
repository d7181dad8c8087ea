import { putDue } from "../due/due-store.ts";
import { type BatchQueue, longestDelaySeconds } from "../queues/batch-queue.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { WakeUp } from "./wake-up.ts";

/** Has a wake-up come at an instant, as a due item; the same one again is the same item. */
export function wakeUpLater(table: Table): (wakeUp: WakeUp, at: Date) => Promise<void> {
  return (wakeUp, at) =>
    putDue(table, {
      at,
      id: digestOf([wakeUp.contactId, wakeUp.sk, String(wakeUp.version)]),
      queue: "journeys",
      body: wakeUp,
    });
}

/** Has a wake-up come at an instant: up to 15 minutes ahead by the queue's own delay, later as a due item. */
export function scheduleWakeUp({
  table,
  send,
  now,
}: {
  readonly table: Table;
  readonly send: BatchQueue<WakeUp>;
  readonly now: () => Date;
}): (wakeUp: WakeUp, at: Date) => Promise<void> {
  const later = wakeUpLater(table);
  return (wakeUp, at) => {
    const seconds = Math.ceil((at.getTime() - now().getTime()) / 1000);
    return seconds <= longestDelaySeconds ? send(wakeUp, Math.max(0, seconds)) : later(wakeUp, at);
  };
}
