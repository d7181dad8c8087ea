import { randomUUID } from "node:crypto";
import type { EventRuleModel, RuleTargetModel, ScheduleModel } from "../assembly/model.ts";
import type { Clock } from "../interfaces.ts";
import { eventTime, ruleArn } from "./bus.ts";
import { parseSchedule, type Recurrence } from "./schedule-expression.ts";
import type { Log } from "./source.ts";
import { messageOf } from "./source.ts";
import type { Delivery } from "./targets.ts";

export interface SchedulerOptions {
  readonly schedules: readonly ScheduleModel[];
  readonly rules: readonly EventRuleModel[];
  readonly region: string;
  readonly account: string;
  readonly clock: Clock;
  readonly deliver: (target: RuleTargetModel, delivery: Delivery) => Promise<void>;
  readonly log: Log;
}

export interface Scheduler {
  /** The next instant at which anything is due. */
  next(): number | undefined;
  /** The next instant that a step of the clock must not jump over: of at, and of a cron that comes less often than hourly. */
  nextExact(): number | undefined;
  /** Runs what fell due up to an instant, each schedule once: missed ticks coalesce. Returns how many ran. */
  runDue(until: number): Promise<number>;
  /** Stops the real timer while somebody else drives the clock. Returns the function that lets it go on. */
  hold(): () => void;
  close(): void;
}

interface Entry {
  readonly name: string;
  readonly recurrence: Recurrence;
  readonly fire: (scheduledAt: number) => Promise<void>;
  due: number | undefined;
}

const HOURLY_MS = 3_600_000;

/** setTimeout's own limit is 24.8 days. */
const LONGEST_TIMER_MS = 3_600_000;

/** Runs schedules, and rules with a schedule expression, on the host's clock. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, log } = options;
  const entries = [...scheduleEntries(options), ...ruleEntries(options)];
  let timer: NodeJS.Timeout | undefined;
  let holds = 0;
  let closed = false;

  const soonest = (of: readonly Entry[]): number | undefined => {
    const dues = of.flatMap(({ due }) => due ?? []);
    return dues.length === 0 ? undefined : Math.min(...dues);
  };
  const next = (): number | undefined => soonest(entries);

  const runDue = async (until: number): Promise<number> => {
    const due = entries
      .flatMap((entry) => (entry.due !== undefined && entry.due <= until ? [{ entry, at: entry.due }] : []))
      .sort((a, b) => a.at - b.at);
    for (const { entry, at } of due) {
      entry.due = entry.recurrence.next(until);
      await entry.fire(at).catch((error: unknown) => {
        log({ level: "error", source: `schedule ${entry.name}`, message: messageOf(error) });
      });
    }
    return due.length;
  };

  const arm = (): void => {
    clearTimeout(timer);
    const due = next();
    if (closed || holds > 0 || due === undefined) return;
    timer = setTimeout(tick, Math.min(LONGEST_TIMER_MS, Math.max(0, due - clock.now())));
  };
  const tick = (): void => void runDue(clock.now()).then(arm);
  const forgetClock = clock.onChange(arm);
  arm();

  return {
    next,
    nextExact: () => soonest(entries.filter(isExact)),
    runDue,
    hold() {
      holds += 1;
      arm();
      return () => {
        holds -= 1;
        arm();
      };
    },
    close() {
      closed = true;
      clearTimeout(timer);
      forgetClock();
    },
  };
}

/** What comes hourly or oftener may be late in a coarse step, as a rate may; else a step would be an hour at the most. */
function isExact({ recurrence, due }: Entry): boolean {
  if (recurrence.kind === "rate" || due === undefined) return false;
  const following = recurrence.next(due);
  return following === undefined || following - due > HOURLY_MS;
}

function scheduleEntries({ schedules, region, account, clock, deliver }: SchedulerOptions): readonly Entry[] {
  return schedules
    .filter((schedule) => schedule.enabled)
    .map(({ name, expression, timezone, target }) => {
      const recurrence = parseSchedule(expression, timezone, clock.now());
      const senderArn = `arn:aws:scheduler:${region}:${account}:schedule/default/${name}`;
      const fire = (at: number): Promise<void> => {
        // Scheduler writes the detail of its own event as a string.
        const event = { ...scheduledEvent("aws.scheduler", senderArn, at, region, account), detail: "{}" };
        const body = target.input === undefined ? JSON.stringify(event) : fillIn(target.input, senderArn, at);
        return deliver(target, { body, route: `schedule:${name}`, senderArn });
      };
      return { name, recurrence, fire, due: recurrence.next(clock.now()) };
    });
}

function ruleEntries({ rules, region, account, clock, deliver }: SchedulerOptions): readonly Entry[] {
  return rules
    .filter((rule) => rule.enabled)
    .flatMap(({ name, scheduleExpression, targets }) => {
      if (scheduleExpression === undefined) return [];
      const recurrence = parseSchedule(scheduleExpression, "UTC", clock.now());
      const senderArn = ruleArn(name, region, account);
      const fire = async (at: number): Promise<void> => {
        const body = JSON.stringify(scheduledEvent("aws.events", senderArn, at, region, account));
        const route = `schedule:${name}`;
        await Promise.all(targets.map((target) => deliver(target, { body: target.input ?? body, route, senderArn })));
      };
      return [{ name, recurrence, fire, due: recurrence.next(clock.now()) }];
    });
}

function scheduledEvent(source: string, arn: string, at: number, region: string, account: string): object {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source,
    account,
    time: eventTime(at),
    region,
    resources: [arn],
    detail: {},
  };
}

// The context attributes that Scheduler fills into an input.
function fillIn(input: string, arn: string, at: number): string {
  return input
    .replaceAll("<aws.scheduler.schedule-arn>", arn)
    .replaceAll("<aws.scheduler.scheduled-time>", eventTime(at))
    .replaceAll("<aws.scheduler.execution-id>", randomUUID())
    .replaceAll("<aws.scheduler.attempt-number>", "1");
}
