import { randomUUID } from "node:crypto";
import type { EventRuleModel } from "../assembly/model.ts";
import type { Clock, Drainable, EventBus } from "../interfaces.ts";
import { compilePattern, type Matcher } from "./pattern.ts";
import type { Targets } from "./targets.ts";

export interface BusOptions {
  readonly rules: readonly EventRuleModel[];
  readonly region: string;
  readonly account: string;
  readonly clock: Clock;
  readonly targets: Targets;
}

interface PatternRule {
  readonly rule: EventRuleModel;
  readonly matches: Matcher;
}

/** EventBridge's default bus: each enabled rule whose pattern matches sends the event to all its targets. */
export function createBus(options: BusOptions): EventBus & Drainable {
  const { region, account, clock, targets } = options;
  const rules: readonly PatternRule[] = options.rules
    .filter((rule) => rule.enabled && rule.pattern !== undefined)
    .map((rule) => ({ rule, matches: compilePattern(rule.pattern) }));
  let sending = 0;
  let begun = 0;

  const sendTo = async ({ rule }: PatternRule, event: object): Promise<void> => {
    const senderArn = ruleArn(rule.name, region, account);
    const body = JSON.stringify(event);
    await Promise.all(
      rule.targets.map((target) =>
        targets.send(target, { body: target.input ?? body, route: `rule:${rule.name}`, senderArn }),
      ),
    );
  };

  return {
    async put(entry) {
      sending += 1;
      begun += 1;
      try {
        const event = {
          version: "0",
          id: randomUUID(),
          "detail-type": entry["detail-type"],
          source: entry.source,
          account,
          time: eventTime(clock.now()),
          region,
          resources: entry.resources,
          detail: entry.detail,
        };
        await Promise.all(rules.filter((rule) => rule.matches(event)).map((rule) => sendTo(rule, event)));
      } finally {
        sending -= 1;
      }
    },
    idle: async () => sending === 0 && (await targets.idle()),
    busyWith: () => (sending > 0 ? `${sending} event(s) on the bus` : (targets.busyWith?.() ?? "targets")),
    activity: () => begun + (targets.activity?.() ?? 0),
  };
}

export function ruleArn(name: string, region: string, account: string): string {
  return `arn:aws:events:${region}:${account}:rule/${name}`;
}

/** EventBridge stamps whole seconds. */
export function eventTime(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, "Z");
}
