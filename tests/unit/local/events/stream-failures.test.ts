import type { DynamoDBStreamEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createClock } from "../../../../local/clock.ts";
import { queueArn, streamSource } from "../../../support/event-sources.ts";
import { createFakeInvoker, Throttled } from "../../../support/fake-invoker.ts";
import { bodiesIn } from "../../../support/sqs-local.ts";
import { until } from "../../../support/until.ts";
import { atRest, batches, failing, keysOf, sqs, start, things } from "./stream-setup.ts";

describe("failures of a stream's function", () => {
  const five = async (): Promise<void> => {
    for (const sk of ["1", "2", "3", "4", "5"]) await things.put("a", sk);
  };

  it("bring the batch again from the first record that was reported", async () => {
    let failures = 0;
    const invoker = createFakeInvoker((event: DynamoDBStreamEvent) =>
      failures++ < 1 ? failing("3", "5")(event) : undefined,
    );
    await five();
    await atRest(start(invoker));
    expect(batches(invoker)).toEqual([
      ["1", "2", "3", "4", "5"],
      ["3", "4", "5"],
    ]);
  });

  it("count anew for the rest once a part of the batch is handled", async () => {
    const reported = ["2", "3", "3"];
    const invoker = createFakeInvoker((event: DynamoDBStreamEvent, call) => failing(reported[call - 1] ?? "")(event));
    await five();
    const model = streamSource({ maximumRetryAttempts: 1, onFailureArn: queueArn("discarded") });
    await atRest(start(invoker, { source: model }));
    expect(batches(invoker).map((batch) => batch.join(""))).toEqual(["12345", "2345", "345", "345"]);
    expect(bodiesIn(sqs, "discarded")).toEqual([]);
  });

  it("bring the whole batch again when the report is malformed", async () => {
    const invoker = createFakeInvoker((_event, call) =>
      call === 1 ? { batchItemFailures: [{ itemIdentifier: "unknown" }] } : { batchItemFailures: [] },
    );
    await five();
    await atRest(start(invoker));
    expect(batches(invoker).map((batch) => batch.length)).toEqual([5, 5]);
  });

  it("halve the batch until the bad record is alone, which ends on the failure queue", async () => {
    const invoker = createFakeInvoker((event: DynamoDBStreamEvent) => {
      if (keysOf(event).includes("4")) throw new Error("poison");
    });
    await five();
    const model = streamSource({ bisectOnError: true, maximumRetryAttempts: 1, onFailureArn: queueArn("discarded") });
    await atRest(start(invoker, { source: model }));
    expect(batches(invoker)).toEqual([["1", "2", "3", "4", "5"], ["1", "2", "3"], ["4", "5"], ["4"], ["4"], ["5"]]);
    const [note = "", ...others] = bodiesIn(sqs, "discarded");
    expect(others).toEqual([]);
    expect(JSON.parse(note)).toMatchObject({
      requestContext: {
        requestId: expect.any(String),
        functionArn: "arn:aws:lambda:us-east-1:000000000000:function:projector",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 4,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: expect.stringMatching(/Z$/),
      DDBStreamBatchInfo: {
        shardId: expect.stringContaining("shardId-"),
        startSequenceNumber: expect.any(String),
        endSequenceNumber: expect.any(String),
        batchSize: 1,
        streamArn: model.sourceArn,
      },
    });
  });

  it("do not count while the function is throttled", async () => {
    const invoker = createFakeInvoker((_event, call) => {
      if (call <= 2) throw new Throttled();
    });
    await things.put("a", "1");
    const model = streamSource({ maximumRetryAttempts: 0, onFailureArn: queueArn("discarded") });
    await atRest(start(invoker, { source: model }));
    expect(batches(invoker)).toEqual([["1"], ["1"], ["1"]]);
    expect(bodiesIn(sqs, "discarded")).toEqual([]);
  });

  it("end when the record is too old on the host's time", async () => {
    const clock = createClock();
    const invoker = createFakeInvoker(() => {
      clock.advanceBy(120_000);
      throw new Error("never well");
    });
    await things.put("a", "1");
    const model = streamSource({ maximumRecordAgeSeconds: 60, onFailureArn: queueArn("discarded") });
    await atRest(start(invoker, { source: model, clock }));
    expect(invoker.calls).toHaveLength(1);
    expect(bodiesIn(sqs, "discarded").map((body) => JSON.parse(body).requestContext.condition)).toEqual([
      "RecordAgeExceeded",
    ]);
  });

  it("are named when the source cannot come to rest", async () => {
    const source = start(createFakeInvoker(() => Promise.reject(new Error("broken for good"))));
    await things.put("a", "1");
    await until(() => source.busyWith?.().includes("broken for good") === true);
    expect(await source.idle()).toBe(false);
  });
});
