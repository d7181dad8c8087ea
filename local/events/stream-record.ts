import { createHash } from "node:crypto";
import { isPlainObject } from "./pattern-operators.ts";

export type AttributeMap = Readonly<Record<string, unknown>>;

/** One change, as the engine's stream gives it. */
export interface EngineRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: AttributeMap;
    readonly NewImage?: AttributeMap;
    readonly OldImage?: AttributeMap;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

/** One change on its way to a function. */
export interface StreamRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Milliseconds on the host's time. */
  readonly arrivedAt: number;
  readonly sizeBytes: number;
  /** Changes of one partition keep to one lane. */
  readonly partition: string;
  /** Changes of one item are never reordered. */
  readonly item: string;
  /** As the function receives it. */
  readonly event: Readonly<Record<string, unknown>>;
}

export interface RecordContext {
  readonly shardId: string;
  readonly region: string;
  readonly streamArn: string;
  readonly partitionKey: string;
  /** The host's time and its offset to the machine. */
  readonly now: number;
  readonly offset: number;
  readonly expired: boolean;
}

const MINUTE = 60_000;

export function toStreamRecord(record: EngineRecord, context: RecordContext): StreamRecord {
  const { dynamodb } = record;
  // The engine rounds down to its machine's minute: a fresh record gets the host's time, an older one the end of its minute.
  const roundedUp = dynamodb.ApproximateCreationDateTime * 1000 + MINUTE + context.offset;
  const arrivedAt = Math.min(context.now, roundedUp);
  return {
    shardId: context.shardId,
    sequenceNumber: dynamodb.SequenceNumber,
    arrivedAt,
    sizeBytes: dynamodb.SizeBytes,
    partition: JSON.stringify(dynamodb.Keys[context.partitionKey]),
    item: keyOf(dynamodb.Keys),
    event: {
      eventID: record.eventID.replaceAll("-", ""),
      eventName: record.eventName,
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: context.region,
      dynamodb: { ...dynamodb, ApproximateCreationDateTime: Math.floor(arrivedAt / 1000) },
      eventSourceARN: context.streamArn,
      ...(context.expired && { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } }),
    },
  };
}

/** A text that is the same for the same key, whatever the order of its attributes. */
export function keyOf(keys: AttributeMap): string {
  return JSON.stringify(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Spreads partitions over lanes, always the same way. */
export function laneOf(partition: string, lanes: number): number {
  return lanes === 1 ? 0 : createHash("md5").update(partition).digest().readUInt32BE(0) % lanes;
}

/** The adapter at the engine's edge: what GetRecords answers, checked as far as the host relies on it. */
export function parseRecords(answer: unknown): readonly EngineRecord[] {
  if (!isPlainObject(answer) || !Array.isArray(answer.Records)) return [];
  return answer.Records.filter(isEngineRecord);
}

function isEngineRecord(value: unknown): value is EngineRecord {
  return (
    isPlainObject(value) &&
    typeof value.eventID === "string" &&
    isPlainObject(value.dynamodb) &&
    isPlainObject(value.dynamodb.Keys) &&
    typeof value.dynamodb.SequenceNumber === "string"
  );
}
