import { afterEach, describe, expect, it } from "vitest";
import type { EventRuleModel, ScheduleModel } from "../../../../local/assembly/model.ts";
import { createClock } from "../../../../local/clock.ts";
import { createScheduler, type Scheduler } from "../../../../local/events/schedules.ts";
import { until } from "../../../support/until.ts";

const MINUTE = 60_000;
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:sweep";
const open: Scheduler[] = [];
afterEach(() => {
  for (const scheduler of open.splice(0)) scheduler.close();
});

function setup(schedules: readonly Partial<ScheduleModel>[], rules: readonly Partial<EventRuleModel>[] = []) {
  const clock = createClock();
  const sent: { route: string; body: unknown; senderArn: string }[] = [];
  const scheduler = createScheduler({
    schedules: schedules.map((schedule) => ({
      name: "sweep",
      enabled: true,
      expression: "rate(1 minute)",
      timezone: "UTC",
      target: { arn: FUNCTION },
      ...schedule,
    })),
    rules: rules.map((rule) => ({ name: "rollup", enabled: true, targets: [{ arn: FUNCTION }], ...rule })),
    region: "us-east-1",
    account: "000000000000",
    clock,
    deliver: async (_target, { route, body, senderArn }) =>
      void sent.push({ route, body: JSON.parse(body), senderArn }),
    log: () => undefined,
  });
  open.push(scheduler);
  return { clock, scheduler, sent };
}

describe("the scheduler", () => {
  it("runs what is due when the clock comes there", async () => {
    const { clock, sent } = setup([{}]);
    clock.advanceBy(MINUTE);
    await until(() => sent.length === 1);
  });

  it("coalesces missed ticks of a rate into one", async () => {
    const { clock, scheduler, sent } = setup([{}]);
    const release = scheduler.hold();
    clock.advanceBy(10 * MINUTE);
    expect(await scheduler.runDue(clock.now())).toBe(1);
    expect(await scheduler.runDue(clock.now())).toBe(0);
    expect(sent).toHaveLength(1);
    release();
  });

  it("runs nothing by itself while it is held", async () => {
    const { clock, scheduler, sent } = setup([{}]);
    const release = scheduler.hold();
    clock.advanceBy(MINUTE);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([]);
    release();
    await until(() => sent.length === 1);
  });

  it("knows the next instant, and the next that no step may jump over", () => {
    const { clock, scheduler } = setup([{}, { name: "digest", expression: "cron(0 8 * * ? *)" }]);
    expect((scheduler.next() ?? 0) - clock.now()).toBeLessThanOrEqual(MINUTE);
    expect(new Date(scheduler.nextExact() ?? 0).toISOString()).toMatch(/T08:00:00\.000Z$/);
  });

  it("lets a step jump over the hours of a cron that comes each hour", async () => {
    const { clock, scheduler, sent } = setup([{ name: "hourly", expression: "cron(0 * * * ? *)" }]);
    expect(scheduler.nextExact()).toBeUndefined();
    await scheduler.runDue(clock.now() + 5 * 60 * MINUTE);
    expect(sent).toHaveLength(1);
  });

  it("leaves out what is disabled", () => {
    expect(
      setup([{ enabled: false }], [{ enabled: false, scheduleExpression: "rate(1 minute)" }]).scheduler.next(),
    ).toBeUndefined();
  });

  it("gives a schedule's own input, its context filled in", async () => {
    const input = '{"job":"sweep","at":"<aws.scheduler.scheduled-time>"}';
    const { scheduler, sent } = setup([{ target: { arn: FUNCTION, input } }]);
    const due = scheduler.next() ?? 0;
    await scheduler.runDue(due);
    const at = new Date(due).toISOString().replace(/\.\d+Z/, "Z");
    expect(sent).toEqual([
      {
        route: "schedule:sweep",
        body: { job: "sweep", at },
        senderArn: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/sweep",
      },
    ]);
  });

  it("gives a rule's target EventBridge's scheduled event", async () => {
    const { scheduler, sent } = setup([], [{ scheduleExpression: "rate(1 hour)" }]);
    await scheduler.runDue(scheduler.next() ?? 0);
    expect(sent[0]?.body).toEqual({
      version: "0",
      id: expect.any(String),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: "000000000000",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: "us-east-1",
      resources: ["arn:aws:events:us-east-1:000000000000:rule/rollup"],
      detail: {},
    });
  });
});
