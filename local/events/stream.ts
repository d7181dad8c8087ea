import { join } from "node:path";
import type { EventSourceModel, TableModel } from "../assembly/model.ts";
import type { Clock, Invoker } from "../interfaces.ts";
import type { StreamChaos } from "./chaos.ts";
import { createWatermark, openCheckpoints, type Watermark } from "./checkpoint.ts";
import { createEngineClient, type EngineClient } from "./engine.ts";
import { compileFilters } from "./pattern.ts";
import { startPoller } from "./poller.ts";
import { type EventSource, type Log, messageOf, parseArn } from "./source.ts";
import { createDelivery } from "./stream-delivery.ts";
import { openStream, type ReadRecord, type StreamReader } from "./stream-reader.ts";
import { type AttributeMap, keyOf, type StreamRecord, toStreamRecord } from "./stream-record.ts";

export interface StreamSourceOptions {
  readonly source: EventSourceModel;
  readonly table: TableModel;
  readonly dynamodbUrl: string;
  readonly sqsUrl: string;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly chaos: StreamChaos;
  readonly log: Log;
  /** Where checkpoints are kept; without it every start reads the stream from its beginning. */
  readonly dataDirectory?: string;
  /** Tells which deletions were the host's own, of items whose time to live had passed. */
  readonly isExpiry?: (table: string, key: string, oldImage: AttributeMap | undefined) => boolean;
}

export interface StreamSource extends EventSource {
  /** Hands every batch seen so far to the function once more; resolves when all are handled. */
  replay(): Promise<void>;
}

/** Above this, reading waits for the function. */
const MOST_WAITING = 5_000;

/** Feeds a function from a table's stream, as an event source mapping does. */
export function startStreamSource(options: StreamSourceOptions): StreamSource {
  const { source, table, log } = options;
  const name = `stream of ${table.name} → ${source.functionName}`;
  const { region } = parseArn(source.sourceArn);
  const engine = createEngineClient(options.dynamodbUrl, region);
  const queues = createEngineClient(options.sqsUrl, region);
  const progress = trackProgress(options, (error) => log({ level: "error", source: name, message: messageOf(error) }));
  const stopping = new AbortController();
  let trouble = "";

  const delivery = createDelivery(
    {
      source,
      invoker: options.invoker,
      clock: options.clock,
      name,
      log: (line) => {
        trouble = line.message;
        log(line);
      },
      sendFailure: (note) => sendFailure(queues, source, note),
      confirm: (records) => {
        trouble = "";
        progress.confirm(records);
      },
      stop: stopping.signal,
    },
    options.chaos,
  );

  const toRecord = recordMaker(options, region);
  const passes = compileFilters(source.filters);
  let reader: StreamReader | undefined;
  const read = async (): Promise<number> => {
    if (delivery.size() > MOST_WAITING) return 0;
    reader ??= await openStream(engine, table.name, progress.last);
    const records = (await reader.read()).map(toRecord);
    for (const record of records) progress.begin(record);
    const { wanted = [], dropped = [] } = Object.groupBy(records, ({ event }) =>
      passes(event) ? "wanted" : "dropped",
    );
    for (const record of wanted) delivery.push(record);
    if (dropped.length > 0) progress.confirm(dropped);
    return records.length;
  };
  const poller = startPoller(read, (error) =>
    log({ level: "warn", source: name, message: `cannot read the stream: ${messageOf(error)}` }),
  );

  return {
    poke: poller.poke,
    async idle() {
      delivery.hurry();
      const resting = (): boolean => delivery.size() === 0 && !delivery.replaying();
      return resting() && (await poller.next().catch(() => 1)) === 0 && resting();
    },
    busyWith: () => `${name}: ${delivery.size()} record(s) waiting${trouble && ` (${trouble})`}`,
    activity: delivery.batchesBegun,
    replay: delivery.replay,
    async close() {
      stopping.abort();
      delivery.hurry();
      await poller.close();
      await delivery.settled();
      await progress.flush();
      engine.close();
      queues.close();
    },
  };
}

interface Progress {
  last(shardId: string): string | undefined;
  begin(record: StreamRecord): void;
  confirm(records: readonly StreamRecord[]): void;
  flush(): Promise<void>;
}

function trackProgress(options: StreamSourceOptions, onError: (error: unknown) => void): Progress {
  const { dataDirectory, table, source } = options;
  const file = dataDirectory && join(dataDirectory, "streams", `${table.name}.${source.functionName}.json`);
  const checkpoints = openCheckpoints(file);
  const watermarks = new Map<string, Watermark>();
  return {
    last: checkpoints.get,
    begin({ shardId, sequenceNumber }) {
      const watermark = watermarks.get(shardId) ?? createWatermark();
      watermarks.set(shardId, watermark);
      watermark.begin(sequenceNumber);
    },
    confirm(records) {
      for (const { shardId, sequenceNumber } of records) {
        const reached = watermarks.get(shardId)?.confirm(sequenceNumber);
        if (reached !== undefined) checkpoints.set(shardId, reached);
      }
      checkpoints.flush().catch(onError);
    },
    flush: checkpoints.flush,
  };
}

function recordMaker(options: StreamSourceOptions, region: string): (read: ReadRecord) => StreamRecord {
  const { table, source, clock, isExpiry } = options;
  const common = { region, streamArn: source.sourceArn, partitionKey: table.partitionKey.name };
  return ({ shardId, record }) => {
    const { Keys, OldImage } = record.dynamodb;
    const expired = record.eventName === "REMOVE" && isExpiry?.(table.name, keyOf(Keys), OldImage) === true;
    return toStreamRecord(record, { ...common, shardId, expired, now: clock.now(), offset: clock.offset() });
  };
}

async function sendFailure(queues: EngineClient, source: EventSourceModel, note: object): Promise<void> {
  if (source.onFailureArn === undefined) return;
  const { account, resource } = parseArn(source.onFailureArn);
  // The engine finds a queue by the path of its URL.
  const QueueUrl = `http://queue/${account}/${resource}`;
  await queues.call("AmazonSQS.SendMessage", { QueueUrl, MessageBody: JSON.stringify(note) });
}
