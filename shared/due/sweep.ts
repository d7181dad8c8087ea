import type { Table } from "../table/client.ts";
import { type DueQueue, daysToSweep, dueItemSchema, duePartition, dueShards, isLookingBack } from "./due.ts";
import { deleteDue, type FoundDue, putSweepMark, readDue, readSweepMark } from "./due-store.ts";

const concurrency = 16;

export interface Sweep {
  readonly sent: number;
  /** Due items that could not be sent; they stay for the next sweep. */
  readonly failures: readonly unknown[];
}

/** Sends a message's body to the queue of its name. */
export type SendDue = (queue: DueQueue, body: Readonly<Record<string, unknown>>) => Promise<void>;

/**
 * Makes the sweep: every message that is due goes to its queue, and only then is its item deleted. A crash in between
 * sends a message twice, which its receiver is made for.
 */
export function createSweep(deps: { table: Table; send: SendDue; now: () => Date }): () => Promise<Sweep> {
  let lookedBackAt: Date | undefined;
  return async () => {
    const now = deps.now();
    lookedBackAt ??= await readSweepMark(deps.table);
    const shards = Array.from({ length: dueShards }, (_, shard) => shard);
    const partitions = daysToSweep(lookedBackAt, now).flatMap((day) => shards.map((shard) => duePartition(day, shard)));
    const sweep = await sweepAll(deps, partitions, now);
    if (isLookingBack(lookedBackAt, now) && sweep.failures.length === 0) {
      await putSweepMark(deps.table, now);
      lookedBackAt = now;
    }
    return sweep;
  };
}

type Deps = Parameters<typeof createSweep>[0];

async function sweepAll(deps: Deps, partitions: readonly string[], now: Date): Promise<Sweep> {
  const waiting = [...partitions];
  const failures: unknown[] = [];
  let sent = 0;
  async function work(): Promise<void> {
    for (let pk = waiting.shift(); pk !== undefined; pk = waiting.shift()) {
      for await (const page of readDue(deps.table, pk, now)) {
        const results = await Promise.allSettled(page.map((due) => handOver(deps, due)));
        for (const result of results) {
          if (result.status === "fulfilled") sent++;
          else failures.push(result.reason);
        }
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  return { sent, failures };
}

async function handOver({ table, send }: Deps, due: FoundDue): Promise<void> {
  const { queue, body } = dueItemSchema.parse(due);
  await send(queue, body);
  await deleteDue(table, due);
}
