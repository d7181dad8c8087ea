import { type Due, dueItem } from "../due/due.ts";
import { deleteDue, putDue } from "../due/due-store.ts";
import { type BatchQueue, longestDelaySeconds } from "../queues/batch-queue.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { type Run, runKey } from "./run.ts";
import type { WakeUp } from "./wake-up.ts";

/** Has a wake-up come at an instant, as a due item; the same one again is the same item. */
export function wakeUpLater(table: Table): (wakeUp: WakeUp, at: Date) => Promise<void> {
  return (wakeUp, at) => putDue(table, dueOf(wakeUp, at));
}

function dueOf(wakeUp: WakeUp, at: Date): Due {
  const { contactId, sk, version } = wakeUp;
  return { at, id: digestOf([contactId, sk, String(version)]), queue: "journeys", body: wakeUp };
}

/** Takes back the wake-ups of a run that wait as due items: its key may say what the contact did, such as a cart's id. */
export async function forgetWakeUps(table: Table, run: Run): Promise<void> {
  const { contactId, eventId: correlationId } = run;
  const { sk } = runKey(run);
  for (const { type, stepId, version, at } of run.effects) {
    if (type !== "wakeUp") continue;
    await deleteDue(table, dueItem(dueOf({ contactId, sk, stepId, version, correlationId }, new Date(at))));
  }
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
