import { type StreamChaos, seededRandom, shuffleItems } from "./chaos.ts";
import { pause } from "./source.ts";
import type { StreamRecord } from "./stream-record.ts";

/** Collects records into batches and hands them over one batch after the other. */
export interface Lane {
  push(record: StreamRecord): void;
  /** Records waiting or in the function's hands. */
  size(): number;
  /** Somebody waits for rest: a window that is open closes now. */
  hurry(): void;
  /** Resolves when the batch in hand is done. */
  settled(): Promise<void>;
}

export interface LaneParts {
  readonly batchSize: number;
  readonly windowMs: number;
  readonly chaos: StreamChaos;
  readonly stop: AbortSignal;
  /** Never rejects. */
  readonly handle: (batch: readonly StreamRecord[]) => Promise<void>;
}

/** Lambda's limit for one synchronous invocation. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const SHUFFLE_COLLECT_MS = 50;

export function createLane(parts: LaneParts): Lane {
  let waiting: StreamRecord[] = [];
  let inHand = 0;
  let running: Promise<void> | undefined;
  let window: AbortController | undefined;
  let batches = 0;

  const collect = async (): Promise<void> => {
    // Chaos mixes what came together, so a lone record waits a moment for company.
    if (parts.chaos.shuffle) await pause(SHUFFLE_COLLECT_MS);
    if (parts.windowMs === 0 || waiting.length >= parts.batchSize) return;
    window = new AbortController();
    await pause(parts.windowMs, window.signal);
    window = undefined;
  };

  const take = (): readonly StreamRecord[] => {
    batches += 1;
    if (parts.chaos.shuffle) waiting = shuffleItems(waiting, seededRandom(parts.chaos.seed + batches));
    return waiting.splice(0, fitting(waiting, parts.batchSize));
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0 && !parts.stop.aborted) {
      await collect();
      if (parts.stop.aborted) break;
      const batch = take();
      inHand = batch.length;
      await parts.handle(batch);
      inHand = 0;
    }
    // In the same turn as the last look at `waiting`, so that no push falls between.
    running = undefined;
  };

  return {
    push(record) {
      waiting.push(record);
      if (waiting.length >= parts.batchSize) window?.abort();
      running ??= run();
    },
    size: () => waiting.length + inHand,
    hurry: () => window?.abort(),
    settled: async () => running,
  };
}

/** How many of the first records make one batch: at least one, by number and by size. */
function fitting(records: readonly StreamRecord[], batchSize: number): number {
  let bytes = 0;
  let count = 0;
  for (const record of records) {
    bytes += Buffer.byteLength(JSON.stringify(record.event));
    if (count > 0 && (count >= batchSize || bytes > PAYLOAD_BYTES)) break;
    count += 1;
  }
  return count;
}
