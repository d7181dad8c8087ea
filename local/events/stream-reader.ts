import * as z from "zod";
import { type EngineClient, EngineError } from "./engine.ts";
import { type EngineRecord, parseRecords } from "./stream-record.ts";

const Streams = z.object({ Streams: z.array(z.object({ StreamArn: z.string(), StreamLabel: z.string() })) });
const Shards = z.object({
  StreamDescription: z.object({
    Shards: z.array(z.object({ ShardId: z.string(), ParentShardId: z.optional(z.string()) })),
    LastEvaluatedShardId: z.optional(z.string()),
  }),
});
const Iterator = z.object({ ShardIterator: z.string() });
const Next = z.object({ NextShardIterator: z.optional(z.nullable(z.string())) });

export interface ReadRecord {
  readonly shardId: string;
  readonly record: EngineRecord;
}

export interface StreamReader {
  /** The records that came since the last read, shard by shard in order; empty at the end of the stream. */
  read(): Promise<readonly ReadRecord[]>;
}

interface Position {
  iterator: string | undefined;
  last: string | undefined;
}

const LOOK_FOR_SHARDS_MS = 10_000;
const call = "DynamoDBStreams_20120810";

/** `resumeAfter` gives the last confirmed sequence number of a shard, from where reading goes on. */
export async function openStream(
  engine: EngineClient,
  tableName: string,
  resumeAfter: (shardId: string) => string | undefined,
): Promise<StreamReader> {
  const streamArn = await newestStream(engine, tableName);
  const positions = new Map<string, Position>();
  const finished = new Set<string>();
  let lookAgainAt = 0;

  const open = async (shardId: string, after: string | undefined): Promise<string> => {
    const at = after === undefined ? { ShardIteratorType: "TRIM_HORIZON" } : from(after);
    const request = { StreamArn: streamArn, ShardId: shardId, ...at };
    try {
      return Iterator.parse(await engine.call(`${call}.GetShardIterator`, request)).ShardIterator;
    } catch (error) {
      // The checkpoint was trimmed: what is left of the shard is newer.
      if (after === undefined || !(error instanceof EngineError)) throw error;
      return open(shardId, undefined);
    }
  };

  const discover = async (): Promise<void> => {
    const shards = await listShards(engine, streamArn);
    const known = new Set(shards.map((shard) => shard.ShardId));
    for (const { ShardId, ParentShardId } of shards) {
      const parentUnderWay = ParentShardId !== undefined && known.has(ParentShardId) && !finished.has(ParentShardId);
      if (positions.has(ShardId) || finished.has(ShardId) || parentUnderWay) continue;
      positions.set(ShardId, { iterator: undefined, last: resumeAfter(ShardId) });
    }
    lookAgainAt = performance.now() + LOOK_FOR_SHARDS_MS;
  };

  const readShard = async (shardId: string, position: Position): Promise<readonly ReadRecord[]> => {
    position.iterator ??= await open(shardId, position.last);
    const request = { ShardIterator: position.iterator, Limit: 1000 };
    // Whatever the engine dislikes about an iterator (expired, unknown after a restart), a new one cures.
    position.iterator = undefined;
    const answer = await engine.call(`${call}.GetRecords`, request);
    const records = parseRecords(answer);
    position.last = records.at(-1)?.dynamodb.SequenceNumber ?? position.last;
    position.iterator = Next.parse(answer).NextShardIterator ?? undefined;
    if (position.iterator === undefined) close(shardId);
    return records.map((record) => ({ shardId, record }));
  };

  const close = (shardId: string): void => {
    positions.delete(shardId);
    finished.add(shardId);
    lookAgainAt = 0;
  };

  return {
    async read() {
      if (performance.now() >= lookAgainAt) await discover();
      const reads = [...positions].map(([shardId, position]) => readShard(shardId, position));
      const results = await Promise.allSettled(reads);
      // What one shard gave must not be lost because another failed: its next read meets the failure again.
      const records = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
      const failure = results.find((result) => result.status === "rejected");
      if (failure && records.length === 0) throw failure.reason;
      return records;
    },
  };
}

function from(after: string): object {
  return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: after };
}

async function newestStream(engine: EngineClient, tableName: string): Promise<string> {
  const { Streams: streams } = Streams.parse(await engine.call(`${call}.ListStreams`, { TableName: tableName }));
  const newest = streams.toSorted((a, b) => (a.StreamLabel < b.StreamLabel ? -1 : 1)).at(-1);
  if (!newest) throw new Error(`Table ${tableName} has no stream in the engine: create it with a StreamSpecification.`);
  return newest.StreamArn;
}

async function listShards(
  engine: EngineClient,
  streamArn: string,
): Promise<readonly { ShardId: string; ParentShardId?: string | undefined }[]> {
  const shards = [];
  let start: string | undefined;
  do {
    const request = { StreamArn: streamArn, ...(start !== undefined && { ExclusiveStartShardId: start }) };
    const { StreamDescription: page } = Shards.parse(await engine.call(`${call}.DescribeStream`, request));
    shards.push(...page.Shards);
    start = page.LastEvaluatedShardId;
  } while (start !== undefined);
  return shards;
}
