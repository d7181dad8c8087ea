import * as z from "zod";
import type { RuleTargetModel } from "../model.ts";
import { defineResource, type Identity, type ResourceType } from "../resource.ts";

const target = {
  Arn: z.string(),
  Input: z.optional(z.string()),
  DeadLetterConfig: z.optional(z.strictObject({ Arn: z.string() })),
};

interface Target {
  readonly Arn: string;
  readonly Input?: string | undefined;
  readonly DeadLetterConfig?: { readonly Arn: string } | undefined;
}

function targetModel(it: Target, identity: Identity): RuleTargetModel {
  if (!/^arn:[^:]+:(sqs|lambda):/.test(it.Arn)) {
    throw identity.error(`the target ${it.Arn} is neither a queue nor a function`);
  }
  return {
    arn: it.Arn,
    ...(it.Input === undefined ? {} : { input: it.Input }),
    ...(it.DeadLetterConfig === undefined ? {} : { deadLetterArn: it.DeadLetterConfig.Arn }),
  };
}

const ruleProperties = z.strictObject({
  Name: z.optional(z.string()),
  EventPattern: z.optional(z.record(z.string(), z.unknown())),
  ScheduleExpression: z.optional(z.string()),
  State: z._default(z.enum(["ENABLED", "DISABLED"]), "ENABLED"),
  EventBusName: z.optional(z.literal("default")),
  Targets: z._default(z.array(z.strictObject({ ...target, Id: z.string() })), []),
});
const ruleName = (it: z.infer<typeof ruleProperties>, identity: Identity) => it.Name ?? identity.generatedName(64);

const rule = defineResource({
  type: "AWS::Events::Rule",
  properties: ruleProperties,
  ignored: {
    Description: "a note to people",
    "Targets.RetryPolicy": "the host delivers within the same process, so there is nothing to wait for",
    "Targets.RoleArn": "the host's own services may deliver everywhere",
    Tags: "tags change nothing at run time",
  },
  ref: ruleName,
  attributes: { Arn: (it, identity) => identity.arn("events", `rule/${ruleName(it, identity)}`) },
  collect: (it, identity, parts) =>
    parts.rules.push({
      name: ruleName(it, identity),
      enabled: it.State === "ENABLED",
      ...(it.EventPattern === undefined ? {} : { pattern: it.EventPattern }),
      ...(it.ScheduleExpression === undefined ? {} : { scheduleExpression: it.ScheduleExpression }),
      targets: it.Targets.map((one) => targetModel(one, identity)),
    }),
});

const archive = defineResource({
  type: "AWS::Events::Archive",
  properties: z.object({}),
  ignoredEntirely: "archives serve restoring, which is not done on a laptop",
  ref: (_, identity) => identity.generatedName(48),
  attributes: { Arn: (_, identity) => identity.arn("events", `archive/${identity.generatedName(48)}`) },
});

const scheduleProperties = z.strictObject({
  Name: z.optional(z.string()),
  GroupName: z.optional(z.string()),
  ScheduleExpression: z.string().regex(/^(rate|cron)\(.+\)$/, "only rate(…) and cron(…) run here"),
  ScheduleExpressionTimezone: z._default(z.string(), "UTC"),
  State: z._default(z.enum(["ENABLED", "DISABLED"]), "ENABLED"),
  Target: z.strictObject(target),
});
const scheduleName = (it: z.infer<typeof scheduleProperties>, identity: Identity) =>
  it.Name ?? identity.generatedName(64);

const schedule = defineResource({
  type: "AWS::Scheduler::Schedule",
  properties: scheduleProperties,
  ignored: {
    Description: "a note to people",
    FlexibleTimeWindow: "each schedule runs on its minute",
    "Target.RoleArn": "the host's own services may deliver everywhere",
    "Target.RetryPolicy": "the host delivers within the same process, so there is nothing to wait for",
    KmsKeyArn: "schedules are no secret here",
  },
  ref: scheduleName,
  attributes: {
    Arn: (it, identity) =>
      identity.arn("scheduler", `schedule/${it.GroupName ?? "default"}/${scheduleName(it, identity)}`),
  },
  collect: (it, identity, parts) =>
    parts.schedules.push({
      name: scheduleName(it, identity),
      enabled: it.State === "ENABLED",
      expression: it.ScheduleExpression,
      timezone: it.ScheduleExpressionTimezone,
      target: targetModel(it.Target, identity),
    }),
});

const groupProperties = z.strictObject({ Name: z.optional(z.string()) });
const groupName = (it: z.infer<typeof groupProperties>, identity: Identity) => it.Name ?? identity.generatedName(64);

const scheduleGroup = defineResource({
  type: "AWS::Scheduler::ScheduleGroup",
  properties: groupProperties,
  ignored: { Tags: "tags change nothing at run time" },
  ref: groupName,
  attributes: { Arn: (it, identity) => identity.arn("scheduler", `schedule-group/${groupName(it, identity)}`) },
});

export const events: readonly ResourceType[] = [rule, archive, schedule, scheduleGroup];
