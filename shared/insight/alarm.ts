import * as z from "zod/mini";
import { digestOf } from "../table/hash.ts";
import { watchedKinds } from "./points.ts";
import { tests } from "./significance.ts";

export const alarmTypes = ["trend", "step", "silence"] as const;
export type AlarmType = (typeof alarmTypes)[number];

const value = z.nullable(z.number());
const part = { change: z.number(), rate: value, mix: value, share: value };

export const contributionSchema = z.object({ group: z.string(), ...part });
export const contributionsSchema = z.object({
  by: z.string(),
  /** That of the KPI: what follows adds up to it. */
  change: z.number(),
  groups: z.readonly(z.array(contributionSchema)),
  rest: z.object({ groups: z.number(), ...part }),
});

/** What was found out of a KPI at one look. */
export const findingSchema = z.object({
  type: z.enum(alarmTypes),
  kpi: z.string(),
  period: z.nullable(z.enum(watchedKinds)),
  /** Of a source that fell silent: the slice and the group. */
  source: z.nullable(z.object({ by: z.string(), group: z.string() })),
  /** A trend's last period before the fall, a step's own, or the last day of a source. */
  start: z.iso.date(),
  points: z.readonly(z.array(z.object({ start: z.iso.date(), value, n: z.number() }))),
  test: z.nullable(z.object({ test: z.enum(tests), p: z.number() })),
  /** Of a step: what was foretold, with 99 % from `low` to `high`. */
  expected: z.nullable(z.object({ value: z.number(), low: z.number(), high: z.number() })),
  better: z.boolean(),
  contributions: z.readonly(z.array(contributionsSchema)),
  /** All of it in plain words, for people. */
  sentence: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

/** One episode: from when it was found to when it ended. */
export const alarmSchema = z.object({
  ...findingSchema.shape,
  id: z.string(),
  state: z.enum(["open", "closed"]),
  openedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  closedAt: z.nullable(z.iso.datetime()),
  acknowledged: z.nullable(z.object({ at: z.iso.datetime(), by: z.string(), note: z.string() })),
  /** Who is told of it: the owner of the KPI's target, else the managers. */
  recipients: z.readonly(z.array(z.object({ name: z.string(), email: z.string() }))),
  version: z.number(),
});
export type Alarm = z.infer<typeof alarmSchema>;

/** What can have one open alarm at a time. */
export function slotOf({ type, kpi, period, source }: Pick<Finding, "type" | "kpi" | "period" | "source">): string {
  const about = source === null ? String(period) : `${source.by}#${digestOf([source.group], 12)}`;
  return `${type}#${kpi}#${about}`;
}

export function newAlarm(finding: Finding, recipients: Alarm["recipients"], at: string): Alarm {
  const id = digestOf(["alarm", slotOf(finding), finding.start], 20);
  const stamp = { openedAt: at, updatedAt: at, closedAt: null, acknowledged: null };
  return { ...finding, id, state: "open", ...stamp, recipients, version: 1 };
}
