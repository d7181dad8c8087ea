import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createClock } from "../../../../local/clock.ts";
import { createStreamChaos } from "../../../../local/events/chaos.ts";
import { streamSource } from "../../../support/event-sources.ts";
import { createFakeInvoker } from "../../../support/fake-invoker.ts";
import { until } from "../../../support/until.ts";
import { atRest, batches, failing, start, things } from "./stream-setup.ts";

describe("a stream source", () => {
  it("hands over each change in Lambda's shape, with the template's ARN and the host's time", async () => {
    const clock = createClock(48 * 3_600_000);
    const invoker = createFakeInvoker();
    await things.put("a", "1", { n: { N: "1" } });
    await things.put("a", "1", { n: { N: "2" } });
    await things.remove("a", "1");
    await atRest(start(invoker, { clock }));
    const records = invoker.calls.flatMap((call) => (call.event as DynamoDBStreamEvent).Records);
    expect(records.map((record) => record.eventName)).toEqual(["INSERT", "MODIFY", "REMOVE"]);
    expect(records[1]).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: "MODIFY",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "us-east-1",
      eventSourceARN: "arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/2026",
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { pk: { S: "a" }, sk: { S: "1" } },
        OldImage: { pk: { S: "a" }, sk: { S: "1" }, n: { N: "1" } },
        NewImage: { pk: { S: "a" }, sk: { S: "1" }, n: { N: "2" } },
        SequenceNumber: expect.any(String),
        SizeBytes: expect.any(Number),
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
    });
    const created = records[0]?.dynamodb?.ApproximateCreationDateTime ?? 0;
    expect(Math.abs(created * 1000 - clock.now())).toBeLessThan(61_000);
    expect(invoker.calls[0]).toMatchObject({ functionName: "projector", route: "stream" });
  });

  it("notices what is written while it runs, without being asked", async () => {
    const invoker = createFakeInvoker();
    start(invoker);
    await things.put("a", "later");
    await until(() => batches(invoker).flat().includes("later"));
  });

  it("is not at rest before what was just written is handled", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const invoker = createFakeInvoker(() => held);
    const source = start(invoker);
    await atRest(source);
    await things.put("a", "1");
    expect(await source.idle()).toBe(false);
    expect(source.busyWith?.()).toMatch(/^stream of .+ → projector: /);
    release();
    await atRest(source);
  });

  it("keeps batches to their size, in order", async () => {
    const invoker = createFakeInvoker();
    for (const sk of ["1", "2", "3", "4", "5"]) await things.put("a", sk);
    await atRest(start(invoker, { source: streamSource({ batchSize: 2 }) }));
    expect(batches(invoker)).toEqual([["1", "2"], ["3", "4"], ["5"]]);
  });

  it("collects for its window, which ends early when somebody waits for rest", async () => {
    const invoker = createFakeInvoker();
    const source = start(invoker, { source: streamSource({ windowSeconds: 300 }) });
    await things.put("a", "1");
    await until(() => source.busyWith?.().includes("1 record(s)") === true);
    await things.put("a", "2");
    await until(() => source.busyWith?.().includes("2 record(s)") === true);
    expect(invoker.calls).toHaveLength(0);
    await atRest(source);
    expect(batches(invoker)).toEqual([["1", "2"]]);
  });

  it("drops what its filters do not let pass", async () => {
    const invoker = createFakeInvoker();
    await things.put("a", "wanted", { kind: { S: "EVENT" } });
    await things.put("a", "other", { kind: { S: "NOTE" } });
    const filters = [{ eventName: ["INSERT"], dynamodb: { NewImage: { kind: { S: [{ prefix: "EV" }] } } } }];
    await atRest(start(invoker, { source: streamSource({ filters }) }));
    expect(batches(invoker)).toEqual([["wanted"]]);
  });

  it("keeps each partition in order while lanes run side by side", async () => {
    let running = 0;
    let most = 0;
    const invoker = createFakeInvoker(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    for (let n = 0; n < 40; n += 1) await things.put(`p${n % 8}`, String(n).padStart(2, "0"));
    await atRest(start(invoker, { source: streamSource({ parallelizationFactor: 4, batchSize: 1 }) }));
    const records = invoker.calls.flatMap((call) => (call.event as DynamoDBStreamEvent).Records);
    for (let partition = 0; partition < 8; partition += 1) {
      const own = records.filter((record) => record.dynamodb?.Keys?.pk?.S === `p${partition}`);
      const order = own.map((record) => record.dynamodb?.Keys?.sk?.S ?? "");
      expect(order).toEqual([...order].sort());
      expect(order).toHaveLength(5);
    }
    expect(most).toBeGreaterThan(1);
  });

  it("tells a deletion by time to live from one by a person", async () => {
    const invoker = createFakeInvoker();
    await things.put("a", "expired");
    await things.put("a", "deleted");
    await things.remove("a", "expired");
    await things.remove("a", "deleted");
    await atRest(start(invoker, { isExpiry: (_table, key) => key.includes("expired") }));
    const removals = invoker.calls
      .flatMap((call) => (call.event as DynamoDBStreamEvent).Records)
      .filter((record) => record.eventName === "REMOVE");
    expect(removals.map((record) => record.userIdentity)).toEqual([
      { type: "Service", principalId: "dynamodb.amazonaws.com" },
      undefined,
    ]);
  });
});

describe("a restarted stream source", () => {
  it("goes on after what was confirmed and repeats what was not", async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), "streams-"));
    let broken = true;
    const invoker = createFakeInvoker((event: DynamoDBStreamEvent) => (broken ? failing("2")(event) : undefined));
    await things.put("a", "1");
    await things.put("a", "2");
    const first = start(invoker, { dataDirectory });
    await until(() => first.busyWith?.().includes("failed, try 1") === true);
    await first.close();
    broken = false;
    invoker.calls.splice(0);
    await atRest(start(invoker, { dataDirectory }));
    expect(batches(invoker)).toEqual([["2"]]);
    await rm(dataDirectory, { recursive: true });
  });
});

describe("chaos on a stream", () => {
  it("hands every batch over twice", async () => {
    const invoker = createFakeInvoker();
    await things.put("a", "1");
    await things.put("a", "2");
    await atRest(start(invoker, { chaos: { ...createStreamChaos(), duplicate: true } }));
    expect(batches(invoker)).toEqual([
      ["1", "2"],
      ["1", "2"],
    ]);
  });

  it("mixes items of one partition and keeps the changes of each item in order", async () => {
    const invoker = createFakeInvoker();
    for (let n = 0; n < 30; n += 1) await things.put("a", `item${n % 6}`, { n: { N: String(n) } });
    await atRest(start(invoker, { chaos: { ...createStreamChaos(), shuffle: true, seed: 7 } }));
    const records = invoker.calls.flatMap((call) => (call.event as DynamoDBStreamEvent).Records);
    const numbers = records.map((record) => Number(record.dynamodb?.NewImage?.n?.N));
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    for (let item = 0; item < 6; item += 1) {
      const own = numbers.filter((n) => n % 6 === item);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
  });

  it("replays every batch seen so far", async () => {
    const invoker = createFakeInvoker();
    const source = start(invoker, { source: streamSource({ batchSize: 1 }) });
    await things.put("a", "1");
    await things.put("a", "2");
    await atRest(source);
    await source.replay();
    expect(batches(invoker)).toEqual([["1"], ["2"], ["1"], ["2"]]);
  });
});
