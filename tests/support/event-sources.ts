import { randomUUID } from "node:crypto";
import type { EventSourceModel, QueueModel, TableModel } from "../../local/assembly/model.ts";
import { createEngineClient } from "../../local/events/engine.ts";
import type { Engine } from "./engine.ts";
import type { SqsLocal } from "./sqs-local.ts";

const QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:";

export function streamSource(overrides: Partial<EventSourceModel> = {}): EventSourceModel {
  return {
    kind: "stream",
    sourceArn: "arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/2026",
    functionName: "projector",
    batchSize: 100,
    windowSeconds: 0,
    reportBatchItemFailures: true,
    filters: [],
    parallelizationFactor: 1,
    bisectOnError: false,
    maximumRetryAttempts: -1,
    maximumRecordAgeSeconds: -1,
    startingPosition: "TRIM_HORIZON",
    ...overrides,
  };
}

export function queueSource(queue: string, overrides: Partial<EventSourceModel> = {}): EventSourceModel {
  return streamSource({
    kind: "queue",
    sourceArn: queueArn(queue),
    functionName: "worker",
    batchSize: 10,
    ...overrides,
  });
}

export function queueArn(name: string): string {
  return QUEUE_ARN + name;
}

/** Creates a queue in the engine and describes it. */
export function makeQueue(
  sqs: SqsLocal,
  name: string,
  settings: { readonly visibilitySeconds?: number; readonly deadLetter?: { queue: string; after: number } } = {},
): QueueModel {
  const { visibilitySeconds = 30, deadLetter } = settings;
  const redrive = deadLetter && { deadLetterArn: queueArn(deadLetter.queue), maxReceiveCount: deadLetter.after };
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: redrive?.deadLetterArn,
    maxReceiveCount: redrive?.maxReceiveCount,
  });
  const attributes = { VisibilityTimeout: String(visibilitySeconds), ...(redrive && { RedrivePolicy }) };
  const { queueUrl, queueArn: arn } = sqs.server.createQueue(name, { attributes });
  const common = { name, arn, url: queueUrl, delaySeconds: 0, retentionSeconds: 345_600 };
  return { ...common, visibilityTimeoutSeconds: visibilitySeconds, ...(redrive && { redrive }) };
}

export interface Things {
  readonly table: TableModel;
  put(pk: string, sk: string, attributes?: Readonly<Record<string, unknown>>): Promise<void>;
  remove(pk: string, sk: string): Promise<void>;
  count(): Promise<number>;
  close(): void;
}

/** A table of its own with a stream and a time to live. */
export async function makeTable(dynamodb: Engine): Promise<Things> {
  const name = `things-${randomUUID()}`;
  const engine = createEngineClient(dynamodb.url);
  const call = (operation: string, body: object): Promise<unknown> =>
    engine.call(`DynamoDB_20120810.${operation}`, { TableName: name, ...body });
  const keys = [
    { AttributeName: "pk", AttributeType: "S", KeyType: "HASH" },
    { AttributeName: "sk", AttributeType: "S", KeyType: "RANGE" },
  ];
  await call("CreateTable", {
    AttributeDefinitions: keys.map(({ AttributeName, AttributeType }) => ({ AttributeName, AttributeType })),
    KeySchema: keys.map(({ AttributeName, KeyType }) => ({ AttributeName, KeyType })),
    BillingMode: "PAY_PER_REQUEST",
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  });
  return {
    table: {
      name,
      arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`,
      partitionKey: { name: "pk", type: "S" },
      sortKey: { name: "sk", type: "S" },
      indexes: [],
      ttlAttribute: "ttl",
    },
    async put(pk, sk, attributes = {}) {
      await call("PutItem", { Item: { pk: { S: pk }, sk: { S: sk }, ...attributes } });
    },
    async remove(pk, sk) {
      await call("DeleteItem", { Key: { pk: { S: pk }, sk: { S: sk } } });
    },
    async count() {
      const answer = await call("Scan", { Select: "COUNT", ConsistentRead: true });
      return answer && typeof answer === "object" && "Count" in answer ? Number(answer.Count) : Number.NaN;
    },
    close: () => engine.close(),
  };
}
