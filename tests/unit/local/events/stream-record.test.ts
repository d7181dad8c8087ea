import { describe, expect, it } from "vitest";
import { type EngineRecord, keyOf, laneOf, toStreamRecord } from "../../../../local/events/stream-record.ts";

const MINUTE = 60_000;
const OFFSET = 48 * 60 * MINUTE;
const NOON = Date.parse("2026-11-20T12:00:00Z");

const record = (machineMinute: number): EngineRecord => ({
  eventID: "31f98716-515a-4eec-b815-9959a9bd0f0f",
  eventName: "INSERT",
  dynamodb: {
    ApproximateCreationDateTime: machineMinute / 1000,
    Keys: { pk: { S: "a" }, sk: { S: "1" } },
    SequenceNumber: "1",
    SizeBytes: 9,
    StreamViewType: "KEYS_ONLY",
  },
});

describe("the time of a stream record", () => {
  it.each([
    ["just written, is the host's own", NOON, NOON + OFFSET + 30_500, NOON + OFFSET + 30_500],
    ["read long after, is the end of its minute", NOON - 10 * MINUTE, NOON + OFFSET, NOON + OFFSET - 9 * MINUTE],
  ])("%s", (_, machineMinute, now, expected) => {
    const context = { shardId: "s", region: "us-east-1", streamArn: "arn", partitionKey: "pk", expired: false };
    const made = toStreamRecord(record(machineMinute), { ...context, now, offset: OFFSET });
    expect(made.arrivedAt).toBe(expected);
    expect(made.event).toMatchObject({ dynamodb: { ApproximateCreationDateTime: Math.floor(expected / 1000) } });
  });
});

describe("the key of an item", () => {
  it("does not depend on the order of its attributes", () => {
    expect(keyOf({ pk: { S: "a" }, sk: { S: "1" } })).toBe(keyOf({ sk: { S: "1" }, pk: { S: "a" } }));
  });
});

describe("the lane of a partition", () => {
  it("is always the same, and all lanes are used", () => {
    const lanes = Array.from({ length: 100 }, (_, n) => laneOf(`p${n}`, 4));
    expect(lanes).toEqual(Array.from({ length: 100 }, (_, n) => laneOf(`p${n}`, 4)));
    expect(new Set(lanes)).toEqual(new Set([0, 1, 2, 3]));
  });
});
