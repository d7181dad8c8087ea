import type { StreamRecord } from "./stream-record.ts";

/** What AWS may do to a stream's consumer, on request. The control endpoint sets it; all sources read it. */
export interface StreamChaos {
  /** Each batch is handed over twice. */
  duplicate: boolean;
  /** Records of different items come out of order; changes of one item keep theirs. */
  shuffle: boolean;
  seed: number;
}

export function createStreamChaos(): StreamChaos {
  return { duplicate: false, shuffle: false, seed: 1 };
}

/** A small seeded generator (mulberry32): the same seed gives the same order. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Mixes the records of different items; within one item the order of its changes stays. */
export function shuffleItems(records: readonly StreamRecord[], random: () => number): StreamRecord[] {
  const slots = records.map((record) => record.item);
  for (let last = slots.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [slots[last], slots[other]] = [slots[other] ?? "", slots[last] ?? ""];
  }
  // The shuffled slots say whose turn it is; each item then gives its oldest record.
  const byItem = Map.groupBy(records, (record) => record.item);
  return slots.flatMap((item) => byItem.get(item)?.shift() ?? []);
}

/** The batches seen so far, up to a number of records; the oldest leave first. */
export interface BatchLog {
  add(batch: readonly StreamRecord[]): void;
  all(): readonly (readonly StreamRecord[])[];
}

export function createBatchLog(mostRecords: number): BatchLog {
  const batches: (readonly StreamRecord[])[] = [];
  let size = 0;
  return {
    add(batch) {
      batches.push(batch);
      size += batch.length;
      while (size > mostRecords && batches.length > 1) size -= batches.shift()?.length ?? 0;
    },
    all: () => [...batches],
  };
}
