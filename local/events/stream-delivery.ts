import { createBatchLog, type StreamChaos } from "./chaos.ts";
import { createLane } from "./lane.ts";
import { messageOf } from "./source.ts";
import { type BatchParts, handleBatch } from "./stream-batch.ts";
import { laneOf, type StreamRecord } from "./stream-record.ts";

/** Takes records in order and hands them to the function in batches, each partition in a lane of its own order. */
export interface StreamDelivery {
  push(record: StreamRecord): void;
  /** Records that are not done with. */
  size(): number;
  hurry(): void;
  replay(): Promise<void>;
  replaying(): boolean;
  batchesBegun(): number;
  settled(): Promise<void>;
}

const REMEMBERED_RECORDS = 50_000;

export function createDelivery(parts: BatchParts, chaos: StreamChaos): StreamDelivery {
  const { source } = parts;
  const seen = createBatchLog(REMEMBERED_RECORDS);
  let begun = 0;
  let replays = 0;

  const hand = async (batch: readonly StreamRecord[]): Promise<void> => {
    begun += 1;
    try {
      await handleBatch(parts, batch);
    } catch (error) {
      parts.log({ level: "error", source: parts.name, message: `a batch could not be handled: ${messageOf(error)}` });
    }
  };

  const lanes = Array.from({ length: Math.max(1, source.parallelizationFactor) }, () =>
    createLane({
      batchSize: source.batchSize,
      windowMs: source.windowSeconds * 1000,
      chaos,
      stop: parts.stop,
      handle: async (batch) => {
        seen.add(batch);
        await hand(batch);
        if (chaos.duplicate && !parts.stop.aborted) await hand(batch);
      },
    }),
  );

  return {
    push: (record) => lanes[laneOf(record.partition, lanes.length)]?.push(record),
    size: () => lanes.reduce((sum, lane) => sum + lane.size(), 0),
    hurry: () => {
      for (const lane of lanes) lane.hurry();
    },
    async replay() {
      replays += 1;
      for (const batch of seen.all()) await hand(batch);
      replays -= 1;
    },
    replaying: () => replays > 0,
    batchesBegun: () => begun,
    async settled() {
      await Promise.all(lanes.map((lane) => lane.settled()));
    },
  };
}
