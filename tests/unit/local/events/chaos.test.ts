import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBatchLog, seededRandom, shuffleItems } from "../../../../local/events/chaos.ts";
import type { StreamRecord } from "../../../../local/events/stream-record.ts";

const record = (item: string, n: number): StreamRecord => ({
  shardId: "s",
  sequenceNumber: String(n),
  arrivedAt: 0,
  sizeBytes: 1,
  partition: "p",
  item,
  event: {},
});
const records = fc.array(fc.constantFrom("a", "b", "c", "d")).map((items) => items.map(record));

describe("shuffling a batch", () => {
  it("loses and adds nothing and keeps the order within each item", () => {
    fc.assert(
      fc.property(records, fc.integer(), (batch, seed) => {
        const shuffled = shuffleItems(batch, seededRandom(seed));
        expect(Map.groupBy(shuffled, ({ item }) => item)).toEqual(
          new Map(
            [...Map.groupBy(shuffled, ({ item }) => item).keys()].map((item) => [
              item,
              batch.filter((one) => one.item === item),
            ]),
          ),
        );
        expect(shuffled).toHaveLength(batch.length);
      }),
    );
  });

  it("gives the same order for the same seed and another for another", () => {
    const batch = Array.from({ length: 20 }, (_, n) => record(String(n), n));
    const order = (seed: number) => shuffleItems(batch, seededRandom(seed)).map(({ sequenceNumber }) => sequenceNumber);
    expect(order(5)).toEqual(order(5));
    expect(order(5)).not.toEqual(order(6));
  });
});

describe("the log of batches", () => {
  it("forgets the oldest above its size", () => {
    const log = createBatchLog(3);
    for (const name of ["a", "b", "c"]) log.add([record(name, 1), record(name, 2)]);
    expect(log.all().map((batch) => batch[0]?.item)).toEqual(["c"]);
  });
});
