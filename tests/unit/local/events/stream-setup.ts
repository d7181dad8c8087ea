import type { DynamoDBStreamEvent } from "aws-lambda";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { createClock } from "../../../../local/clock.ts";
import { createStreamChaos } from "../../../../local/events/chaos.ts";
import { type StreamSource, type StreamSourceOptions, startStreamSource } from "../../../../local/events/stream.ts";
import { engine as dynamodb } from "../../../support/engine.ts";
import { makeQueue, makeTable, streamSource, type Things } from "../../../support/event-sources.ts";
import type { FakeInvoker } from "../../../support/fake-invoker.ts";
import { type SqsLocal, startSqsLocal } from "../../../support/sqs-local.ts";
import { until } from "../../../support/until.ts";

export let sqs: SqsLocal;
export let things: Things;
const sources: StreamSource[] = [];

beforeAll(async () => {
  sqs = await startSqsLocal();
  makeQueue(sqs, "discarded");
});
afterAll(async () => {
  await sqs.close();
});
beforeEach(async () => {
  things = await makeTable(dynamodb);
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  things.close();
  sqs.server.reset();
});

/** Starts a source on the test's own table; it is closed after the test. */
export function start(invoker: FakeInvoker, options: Partial<StreamSourceOptions> = {}): StreamSource {
  const source = startStreamSource({
    source: streamSource(),
    table: things.table,
    dynamodbUrl: dynamodb.url,
    sqsUrl: sqs.url,
    invoker,
    clock: createClock(),
    chaos: createStreamChaos(),
    log: () => undefined,
    ...options,
  });
  sources.push(source);
  return source;
}

export const atRest = (source: StreamSource): Promise<void> => until(() => source.idle());
export const keysOf = (event: unknown): readonly string[] =>
  (event as DynamoDBStreamEvent).Records.map((record) => record.dynamodb?.Keys?.sk?.S ?? "");
export const batches = (invoker: FakeInvoker): readonly (readonly string[])[] =>
  invoker.calls.map((call) => keysOf(call.event));
export const failing =
  (...bad: readonly string[]) =>
  (event: DynamoDBStreamEvent) => ({
    batchItemFailures: event.Records.filter((record) => bad.includes(record.dynamodb?.Keys?.sk?.S ?? "")).map(
      (record) => ({
        itemIdentifier: record.dynamodb?.SequenceNumber,
      }),
    ),
  });
