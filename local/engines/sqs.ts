import { mkdirSync } from "node:fs";
import { buildApp } from "fauxqs";
// The package offers its stores only through a server that listens on every interface; its modules let the host choose.
import { PersistenceManager } from "../../node_modules/fauxqs/dist/persistence.js";
import { S3Store } from "../../node_modules/fauxqs/dist/s3/s3Store.js";
import { SnsStore } from "../../node_modules/fauxqs/dist/sns/snsStore.js";
import { SqsStore } from "../../node_modules/fauxqs/dist/sqs/sqsStore.js";
import type { QueueModel } from "../assembly/model.ts";
import { host } from "./ports.ts";

export interface QueueDepth {
  readonly name: string;
  readonly ready: number;
  readonly delayed: number;
  readonly inFlight: number;
}

export interface PeekedMessage {
  readonly messageId: string;
  readonly state: "ready" | "delayed" | "inFlight";
  readonly body: string;
  readonly receiveCount: number;
  readonly sentAt: string;
}

export interface SqsEngine {
  readonly url: string;
  depths(): QueueDepth[];
  /** All messages of a queue without receiving them; undefined when there is no such queue. */
  peek(queueName: string): PeekedMessage[] | undefined;
  close(): Promise<void>;
}

/** Starts the queue engine in this process with the template's queues; kept in the folder when one is given. */
export async function startSqs(options: {
  port: number;
  region: string;
  queues: readonly QueueModel[];
  dataDirectory?: string;
}): Promise<SqsEngine> {
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const persistence = openPersistence(stores, options.dataDirectory);
  const app = buildApp({ logger: false, defaultRegion: options.region, stores });
  for (const queue of options.queues) ensureQueue(stores.sqsStore, queue);
  await app.listen({ port: options.port, host });
  return {
    url: `http://${host}:${options.port}`,
    depths: () => {
      // Delays and visibility that ran out since the last receive count as they are now.
      stores.sqsStore.processAllTimers();
      return options.queues.map(({ name }) => depth(stores.sqsStore, name));
    },
    peek: (queueName) => peek(stores.sqsStore, queueName),
    close: async () => {
      stores.sqsStore.shutdown();
      await app.close();
      persistence?.close();
    },
  };
}

interface Stores {
  readonly sqsStore: SqsStore;
  readonly snsStore: SnsStore;
  readonly s3Store: S3Store;
}

/** Loads before it attaches, as the package's own server does, so that loading writes nothing back. */
function openPersistence(stores: Stores, dataDirectory: string | undefined): PersistenceManager | undefined {
  if (dataDirectory === undefined) return undefined;
  mkdirSync(dataDirectory, { recursive: true });
  const persistence = new PersistenceManager(dataDirectory);
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.sqsStore.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
  return persistence;
}

function ensureQueue(store: SqsStore, queue: QueueModel): void {
  const existing = store.getQueueByName(queue.name);
  if (existing === undefined) {
    store.createQueue(queue.name, queue.url, queue.arn, queueAttributes(queue));
    return;
  }
  // The package declares the address read-only, but the port may have changed since the queue was kept.
  Reflect.set(existing, "url", queue.url);
  existing.setAttributes({ RedrivePolicy: "", ...queueAttributes(queue) });
}

export function queueAttributes(queue: QueueModel): Record<string, string> {
  return {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    DelaySeconds: String(queue.delaySeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ...(queue.redrive
      ? {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: queue.redrive.deadLetterArn,
            maxReceiveCount: queue.redrive.maxReceiveCount,
          }),
        }
      : {}),
  };
}

function depth(store: SqsStore, name: string): QueueDepth {
  const messages = store.inspectQueue(name)?.messages;
  return {
    name,
    ready: messages?.ready.length ?? 0,
    delayed: messages?.delayed.length ?? 0,
    inFlight: messages?.inflight.length ?? 0,
  };
}

function peek(store: SqsStore, name: string): PeekedMessage[] | undefined {
  const messages = store.inspectQueue(name)?.messages;
  if (messages === undefined) return undefined;
  const all = [
    ...messages.ready.map((message) => ({ state: "ready" as const, message })),
    ...messages.delayed.map((message) => ({ state: "delayed" as const, message })),
    ...messages.inflight.map(({ message }) => ({ state: "inFlight" as const, message })),
  ];
  return all.map(({ state, message }) => ({
    messageId: message.messageId,
    state,
    body: message.body,
    receiveCount: message.approximateReceiveCount,
    sentAt: new Date(message.sentTimestamp).toISOString(),
  }));
}
