import type { DynamoDBStreamEvent, SQSEvent } from "aws-lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTimeMachine, type TimeMachine } from "../../../local/advance.ts";
import type { ScheduleModel } from "../../../local/assembly/model.ts";
import { createClock, type HostClock } from "../../../local/clock.ts";
import { createStreamChaos } from "../../../local/events/chaos.ts";
import { createExpiry } from "../../../local/events/expiry.ts";
import { startQueueSource } from "../../../local/events/queue.ts";
import { createScheduler } from "../../../local/events/schedules.ts";
import { startStreamSource } from "../../../local/events/stream.ts";
import { createTargets } from "../../../local/events/targets.ts";
import type { Drainable } from "../../../local/interfaces.ts";
import { engine as dynamodb } from "../../support/engine.ts";
import { makeQueue, makeTable, queueSource, streamSource, type Things } from "../../support/event-sources.ts";
import { createFakeInvoker, type FakeInvoker } from "../../support/fake-invoker.ts";
import { type SqsLocal, startSqsLocal } from "../../support/sqs-local.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let sqs: SqsLocal;
let clock: HostClock;
let restoreDate: () => void;
let things: Things;
let hosts = 0;
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  clock = createClock();
  restoreDate = clock.install();
  sqs = await startSqsLocal();
});
afterAll(async () => {
  await sqs.close();
  restoreDate();
});
beforeEach(async () => {
  hosts += 1;
  things = await makeTable(dynamodb);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  things.close();
});

interface Host {
  readonly machine: TimeMachine;
  readonly queue: string;
}

/** A table's stream and a queue feeding one function each, and schedules for a third: all one fake invoker. */
function host(
  invoker: FakeInvoker,
  expressions: readonly string[] = [],
  drainables: Readonly<Record<string, Drainable>> = {},
): Host {
  const log = () => undefined;
  const queue = makeQueue(sqs, `queue${hosts}`);
  const expiry = createExpiry({ tables: [things.table], dynamodbUrl: dynamodb.url, clock, log });
  const common = { invoker, clock, log, sqsUrl: sqs.url };
  const stream = startStreamSource({
    ...common,
    source: streamSource(),
    table: things.table,
    dynamodbUrl: dynamodb.url,
    chaos: createStreamChaos(),
    isExpiry: expiry.isExpiry,
  });
  const worker = startQueueSource({ ...common, source: queueSource(queue.name), queue });
  const targets = createTargets({ ...common, region: "us-east-1" });
  const schedules = expressions.map(
    (expression): ScheduleModel => ({
      name: expression,
      enabled: true,
      expression,
      timezone: "UTC",
      target: { arn: "arn:aws:lambda:us-east-1:000000000000:function:sweep" },
    }),
  );
  const names = { region: "us-east-1", account: "000000000000" };
  const scheduler = createScheduler({ ...names, schedules, rules: [], clock, deliver: targets.send, log });
  closers.push(scheduler.close, targets.close, stream.close, worker.close, expiry.close);
  const machine = createTimeMachine({
    clock,
    drainables: { schedules: targets, ...drainables },
    sources: [stream, worker],
    scheduler,
    ttl: expiry,
  });
  return { machine, queue: queue.name };
}

const callsOf = (invoker: FakeInvoker, functionName: string) =>
  invoker.calls.filter((call) => call.functionName === functionName);

describe("draining", () => {
  it("follows work from the stream over a queue to its end", async () => {
    let hops = 0;
    const invoker = createFakeInvoker(async (event: DynamoDBStreamEvent | SQSEvent) => {
      for (const record of event.Records) {
        if ("dynamodb" in record) sqs.server.sendMessage(queue, "hop");
        else if (++hops < 5) await things.put("a", `hop${hops}`);
      }
    });
    const { machine, queue } = host(invoker);
    await things.put("a", "start");
    await machine.drain();
    expect(hops).toBe(5);
    expect(sqs.server.inspectQueue(queue)?.messages).toEqual({ ready: [], delayed: [], inflight: [] });
  });

  it("names what is still busy when time is up", async () => {
    const stuck: Drainable = { idle: async () => false, busyWith: () => "function x: 1 invocation running" };
    const { machine } = host(createFakeInvoker(), [], { pool: stuck, mail: { idle: async () => false } });
    await expect(machine.drain(30)).rejects.toThrow(
      "The host did not come to rest within 30 ms; still busy: function x: 1 invocation running; mail.",
    );
  });

  it("notices work that came and went while it looked", async () => {
    let begun = 0;
    const flicker: Drainable = { idle: async () => true, activity: () => (begun < 3 ? ++begun : begun) };
    const { machine } = host(createFakeInvoker(), [], { flicker });
    await machine.drain();
    expect(begun).toBe(3);
  });
});

describe("advancing", () => {
  it("moves the clock by the time asked for", async () => {
    const { machine } = host(createFakeInvoker());
    const before = clock.offset();
    await machine.advance(HOUR);
    expect(Math.abs(clock.offset() - before - HOUR)).toBeLessThan(2_000);
  });

  it("runs a rate once per step and a cron at each of its instants", async () => {
    const times: string[] = [];
    const invoker = createFakeInvoker((event: { time: string; resources: readonly string[] }) => {
      times.push(`${event.resources[0]?.split("/").at(-1)} ${event.time.slice(11)}`);
    });
    const { machine } = host(invoker, ["rate(1 minute)", "cron(0 8,20 * * ? *)"]);
    await machine.advance(24 * HOUR, HOUR);
    const crons = times.filter((time) => time.startsWith("cron"));
    expect(crons.map((time) => time.split(" ").at(-1)).sort()).toEqual(["08:00:00Z", "20:00:00Z"]);
    const rates = times.length - crons.length;
    expect(rates).toBeGreaterThanOrEqual(24);
    expect(rates).toBeLessThanOrEqual(26);
  });

  it("hands a delayed message over in the step in which it falls due", async () => {
    const handled: number[] = [];
    const { machine, queue } = host(createFakeInvoker(() => void handled.push(clock.now())));
    const start = clock.now();
    sqs.server.sendMessage(queue, "later", { delaySeconds: 600 });
    await machine.advance(9 * MINUTE);
    expect(handled).toEqual([]);
    await machine.advance(3 * MINUTE);
    expect(handled).toHaveLength(1);
    expect(Math.abs((handled[0] ?? 0) - start - 10 * MINUTE)).toBeLessThan(MINUTE + 2_000);
  });

  it("deletes what has expired, as DynamoDB itself, and leaves the rest", async () => {
    const invoker = createFakeInvoker();
    const { machine } = host(invoker);
    const inHours = (hours: number) => ({ ttl: { N: String(Math.floor((clock.now() + hours * HOUR) / 1000)) } });
    await things.put("a", "soon", inHours(1));
    await things.put("a", "late", inHours(100));
    await things.put("a", "text", { ttl: { S: "1" } });
    await things.put("a", "ages ago", inHours(-6 * 365 * 24));
    await machine.advance(25 * HOUR, 10 * MINUTE);
    expect(await things.count()).toBe(3);
    const removals = callsOf(invoker, "projector")
      .flatMap((call) => (call.event as DynamoDBStreamEvent).Records)
      .filter((record) => record.eventName === "REMOVE");
    expect(removals).toMatchObject([
      { dynamodb: { Keys: { sk: { S: "soon" } } }, userIdentity: { principalId: "dynamodb.amazonaws.com" } },
    ]);
  });

  it("settles what a schedule began before it takes the next step", async () => {
    const order: string[] = [];
    const invoker = createFakeInvoker(async (event: { Records?: unknown }) => {
      order.push(event.Records ? "handled" : "swept");
      if (!event.Records) await things.put("sweep", String(order.length));
    });
    const { machine } = host(invoker, ["rate(1 minute)"]);
    await machine.advance(5 * MINUTE);
    expect(order.length).toBeGreaterThanOrEqual(8);
    expect(order.filter((_, index) => index % 2 === 0).every((entry) => entry === "swept")).toBe(true);
    expect(order.filter((_, index) => index % 2 === 1).every((entry) => entry === "handled")).toBe(true);
  });

  it("looks for rest again in a quiet time when somebody begins something", async () => {
    let begun = 0;
    let looks = 0;
    const outside: Drainable = {
      activity: () => begun,
      async idle() {
        looks += 1;
        return true;
      },
    };
    const { machine } = host(createFakeInvoker(), [], { outside });
    const looksBefore: number[] = [];
    closers.push(
      clock.onChange(() => {
        looksBefore.push(looks);
        if (looksBefore.length === 5) begun += 1;
      }),
    );
    await machine.advance(10 * MINUTE);
    const [first, ...steps] = looksBefore.slice(0, 9).map((count) => count - (looksBefore[0] ?? 0));
    expect([first, ...steps.map((count) => count > 0)]).toEqual([
      0,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it("takes at most 2 ms for a step in which nothing is due", async () => {
    const { machine } = host(createFakeInvoker());
    await machine.drain();
    const started = performance.now();
    await machine.advance(25 * HOUR);
    expect((performance.now() - started) / 1500).toBeLessThan(2);
  });

  it.each([
    [-1, MINUTE],
    [HOUR, 0],
    [Number.NaN, MINUTE],
  ])("refuses %d ms in steps of %d ms", async (ms, step) => {
    await expect(host(createFakeInvoker()).machine.advance(ms, step)).rejects.toThrow(RangeError);
  });
});
