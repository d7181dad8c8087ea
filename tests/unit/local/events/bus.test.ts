import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EventRuleModel } from "../../../../local/assembly/model.ts";
import { createClock } from "../../../../local/clock.ts";
import { createBus } from "../../../../local/events/bus.ts";
import { createTargets, type Targets } from "../../../../local/events/targets.ts";
import { makeQueue, queueArn } from "../../../support/event-sources.ts";
import { createFakeInvoker, type FakeInvoker, Throttled } from "../../../support/fake-invoker.ts";
import { bodiesIn, type SqsLocal, startSqsLocal } from "../../../support/sqs-local.ts";
import { until } from "../../../support/until.ts";

let sqs: SqsLocal;
const open: Targets[] = [];

beforeAll(async () => {
  sqs = await startSqsLocal();
  makeQueue(sqs, "feedback");
  makeQueue(sqs, "dead");
});
afterAll(() => sqs.close());
afterEach(async () => {
  await Promise.all(open.splice(0).map((targets) => targets.close()));
  sqs.server.reset();
});

function setup(invoker: FakeInvoker, rule: Partial<EventRuleModel>) {
  const targets = createTargets({ sqsUrl: sqs.url, region: "us-east-1", invoker, log: () => undefined });
  open.push(targets);
  const rules = [{ name: "ses", enabled: true, pattern: { source: ["aws.ses"] }, targets: [], ...rule }];
  return createBus({ rules, region: "us-east-1", account: "000000000000", clock: createClock(), targets });
}

const BOUNCE = {
  source: "aws.ses",
  "detail-type": "Email Bounced",
  resources: ["arn:x"],
  detail: { mail: { messageId: "1" } },
};
const WORKER = { arn: "arn:aws:lambda:us-east-1:000000000000:function:worker", deadLetterArn: queueArn("dead") };

describe("the bus", () => {
  it("puts the event, in EventBridge's shape, into a matching rule's queue", async () => {
    await setup(createFakeInvoker(), { targets: [{ arn: queueArn("feedback") }] }).put(BOUNCE);
    expect(bodiesIn(sqs, "feedback").map((body) => JSON.parse(body))).toEqual([
      {
        version: "0",
        id: expect.any(String),
        "detail-type": "Email Bounced",
        source: "aws.ses",
        account: "000000000000",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: "us-east-1",
        resources: ["arn:x"],
        detail: { mail: { messageId: "1" } },
      },
    ]);
  });

  it("sends nothing for another event or a disabled rule", async () => {
    const target = { targets: [{ arn: queueArn("feedback") }] };
    await setup(createFakeInvoker(), target).put({ ...BOUNCE, source: "aws.s3" });
    await setup(createFakeInvoker(), { ...target, enabled: false }).put(BOUNCE);
    expect(bodiesIn(sqs, "feedback")).toEqual([]);
  });

  it("sends a target's fixed input in the event's place", async () => {
    await setup(createFakeInvoker(), { targets: [{ arn: queueArn("feedback"), input: '{"job":1}' }] }).put(BOUNCE);
    expect(bodiesIn(sqs, "feedback")).toEqual(['{"job":1}']);
  });

  it("invokes a function in the background and is at rest when it has ended", async () => {
    let release = (): void => undefined;
    const invoker = createFakeInvoker(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    const bus = setup(invoker, { targets: [WORKER] });
    await bus.put(BOUNCE);
    expect(await bus.idle()).toBe(false);
    release();
    await until(() => bus.idle());
    expect(invoker.calls).toMatchObject([{ functionName: "worker", route: "rule:ses", event: { source: "aws.ses" } }]);
  });

  it("tries a failing function twice more, then keeps the event in the dead-letter queue", async () => {
    const invoker = createFakeInvoker(() => Promise.reject(new Error("broken")));
    const bus = setup(invoker, { targets: [WORKER] });
    await bus.put(BOUNCE);
    await until(() => bus.idle());
    expect(invoker.calls).toHaveLength(3);
    expect(bodiesIn(sqs, "dead").map((body) => JSON.parse(body).detail)).toEqual([BOUNCE.detail]);
    expect(sqs.server.inspectQueue("dead")?.messages.ready[0]?.messageAttributes).toMatchObject({
      TARGET_ARN: { StringValue: WORKER.arn },
      ERROR_MESSAGE: { StringValue: "Error: broken" },
    });
  });

  it("does not count a throttled invocation as a try", async () => {
    const invoker = createFakeInvoker((_event, call) => {
      if (call <= 3) throw new Throttled();
    });
    const bus = setup(invoker, { targets: [WORKER] });
    await bus.put(BOUNCE);
    await until(() => bus.idle());
    expect(invoker.calls).toHaveLength(4);
    expect(bodiesIn(sqs, "dead")).toEqual([]);
  });

  it("refuses a pattern that it does not understand when it starts", () => {
    expect(() => setup(createFakeInvoker(), { pattern: { source: [{ cidr: "10.0.0.0/8" }] } })).toThrow(/"cidr"/);
  });
});
