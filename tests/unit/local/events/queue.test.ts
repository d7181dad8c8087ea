import type { SQSEvent } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createClock, type HostClock } from "../../../../local/clock.ts";
import { startQueueSource } from "../../../../local/events/queue.ts";
import type { EventSource } from "../../../../local/events/source.ts";
import { makeQueue, queueSource } from "../../../support/event-sources.ts";
import { createFakeInvoker, type FakeInvoker, Throttled } from "../../../support/fake-invoker.ts";
import { bodiesIn, type SqsLocal, startSqsLocal } from "../../../support/sqs-local.ts";
import { until } from "../../../support/until.ts";

let sqs: SqsLocal;
let clock: HostClock;
let restoreDate: () => void;
let queues = 0;
const sources: EventSource[] = [];

beforeAll(async () => {
  clock = createClock();
  restoreDate = clock.install();
  sqs = await startSqsLocal();
});
afterAll(async () => {
  await sqs.close();
  restoreDate();
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
});

interface Setup {
  readonly overrides?: Parameters<typeof queueSource>[1];
  readonly queue?: Parameters<typeof makeQueue>[2];
  readonly before?: readonly string[];
}

function setup(invoker: FakeInvoker, { overrides = {}, queue = {}, before = [] }: Setup = {}) {
  queues += 1;
  const name = `q${queues}`;
  const model = makeQueue(sqs, name, queue);
  for (const body of before) sqs.server.sendMessage(name, body);
  const source = startQueueSource({
    source: queueSource(name, overrides),
    queue: model,
    sqsUrl: sqs.url,
    invoker,
    log: () => undefined,
  });
  sources.push(source);
  return { name, source };
}

const atRest = (source: EventSource): Promise<void> => until(() => source.idle());
const bodies = (invoker: FakeInvoker): readonly (readonly string[])[] =>
  invoker.calls.map((call) => (call.event as SQSEvent).Records.map((record) => record.body));

describe("a queue source", () => {
  it("hands over messages in Lambda's shape and deletes them", async () => {
    const invoker = createFakeInvoker();
    const { name, source } = setup(invoker);
    sqs.server.sendMessage(name, "hello", {
      messageAttributes: { kind: { DataType: "String", StringValue: "greeting" } },
    });
    await atRest(source);
    expect(invoker.calls).toEqual([
      {
        functionName: "worker",
        route: `queue:${name}`,
        event: {
          Records: [
            {
              messageId: expect.any(String),
              receiptHandle: expect.any(String),
              body: "hello",
              attributes: expect.objectContaining({
                ApproximateReceiveCount: "1",
                SentTimestamp: expect.stringMatching(/^\d{13}$/),
                SenderId: expect.any(String),
                ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
              }),
              messageAttributes: {
                kind: { dataType: "String", stringValue: "greeting", stringListValues: [], binaryListValues: [] },
              },
              md5OfBody: "5d41402abc4b2a76b9719d911017c592",
              eventSource: "aws:sqs",
              eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${name}`,
              awsRegion: "us-east-1",
            },
          ],
        },
      },
    ]);
    expect(bodiesIn(sqs, name)).toEqual([]);
  });

  it("keeps batches to their size", async () => {
    const invoker = createFakeInvoker();
    const { source } = setup(invoker, { overrides: { batchSize: 2 }, before: ["1", "2", "3"] });
    await atRest(source);
    expect(bodies(invoker).map((batch) => batch.length)).toEqual([2, 1]);
  });

  it("collects beyond ten within its window, which ends early when somebody waits for rest", async () => {
    const invoker = createFakeInvoker();
    const before = Array.from({ length: 25 }, (_, n) => String(n));
    const { source } = setup(invoker, { overrides: { batchSize: 20, windowSeconds: 300 }, before });
    await until(() => invoker.calls.length === 1);
    expect(bodies(invoker)[0]).toHaveLength(20);
    await atRest(source);
    expect(bodies(invoker).flat()).toHaveLength(25);
  });

  it("runs no more batches at once than its maximum", async () => {
    let running = 0;
    let most = 0;
    const invoker = createFakeInvoker(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    });
    const before = Array.from({ length: 12 }, (_, n) => String(n));
    const { source } = setup(invoker, { overrides: { batchSize: 1, maximumConcurrency: 2 }, before });
    await until(() => invoker.calls.length === 12);
    await atRest(source);
    expect(most).toBe(2);
  });

  it("deletes what its filters do not let pass", async () => {
    const invoker = createFakeInvoker();
    const filters = [{ body: { kind: ["wanted"] } }];
    const wanted = JSON.stringify({ kind: "wanted" });
    const { name, source } = setup(invoker, { overrides: { filters }, before: [wanted, "no JSON"] });
    await atRest(source);
    expect(bodies(invoker)).toEqual([[wanted]]);
    expect(bodiesIn(sqs, name)).toEqual([]);
  });

  it("knows when the next delayed message falls due, and is at rest until then", async () => {
    const invoker = createFakeInvoker();
    const { name, source } = setup(invoker);
    sqs.server.sendMessage(name, "later", { delaySeconds: 900 });
    await atRest(source);
    expect(Math.abs(((await source.nextDue?.()) ?? 0) - (clock.now() + 900_000))).toBeLessThan(5_000);
    clock.advanceBy(899_000 - 5_000);
    await atRest(source);
    expect(invoker.calls).toEqual([]);
    clock.advanceBy(10_000);
    await atRest(source);
    expect(bodies(invoker)).toEqual([["later"]]);
    expect(await source.nextDue?.()).toBeUndefined();
  });
});

describe("failures of a queue's function", () => {
  it("bring only the reported messages again, after the visibility time-out", async () => {
    const invoker = createFakeInvoker((event: SQSEvent, call) => ({
      batchItemFailures:
        call === 1
          ? event.Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({ itemIdentifier: messageId }))
          : [],
    }));
    const { source, name } = setup(invoker, { before: ["good", "bad"] });
    await atRest(source);
    expect(bodiesIn(sqs, name)).toEqual(["bad"]);
    expect(bodies(invoker)).toEqual([["good", "bad"]]);
    clock.advanceBy(30_000);
    await atRest(source);
    expect(bodies(invoker)).toEqual([["good", "bad"], ["bad"]]);
    expect(bodiesIn(sqs, name)).toEqual([]);
  });

  it("bring the whole batch again when the function fails, and move it to the dead-letter queue in the end", async () => {
    const invoker = createFakeInvoker(() => Promise.reject(new Error("broken")));
    makeQueue(sqs, "dead");
    const { source, name } = setup(invoker, { queue: { deadLetter: { queue: "dead", after: 3 } }, before: ["1", "2"] });
    for (let receive = 0; receive < 4; receive += 1) {
      await atRest(source);
      clock.advanceBy(30_000);
    }
    await atRest(source);
    expect(bodies(invoker)).toEqual([
      ["1", "2"],
      ["1", "2"],
      ["1", "2"],
    ]);
    expect(bodiesIn(sqs, name)).toEqual([]);
    expect(bodiesIn(sqs, "dead")).toEqual(["1", "2"]);
  });

  it("hold a throttled batch without counting a receive", async () => {
    const invoker = createFakeInvoker((_event, call) => {
      if (call <= 2) throw new Throttled();
    });
    const { source, name } = setup(invoker, { before: ["1"] });
    await atRest(source);
    const counts = invoker.calls.map((call) => (call.event as SQSEvent).Records[0]?.attributes.ApproximateReceiveCount);
    expect(counts).toEqual(["1", "1", "1"]);
    expect(bodiesIn(sqs, name)).toEqual([]);
  });
});

describe("a closed queue source", () => {
  it("gives back a message that its last poll still brings", async () => {
    const invoker = createFakeInvoker();
    const { source, name } = setup(invoker);
    await atRest(source);
    await source.close();
    sqs.server.sendMessage(name, "too late");
    await until(() => sqs.server.inspectQueue(name)?.messages.ready[0]?.approximateReceiveCount === 1);
    expect(invoker.calls).toEqual([]);
  });
});
