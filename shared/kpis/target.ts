import * as z from "zod/mini";
import type { Violation } from "../errors.ts";
import { periodContaining } from "./calendar.ts";
import { isCumulative, type Kpi, valueBounds } from "./kpi.ts";
import { type PeriodKind, periodKinds } from "./period.ts";

const name = z.string().check(z.trim(), z.minLength(1), z.maxLength(100));
/** In the KPI's own unit: a number of people, a share from 0 to 1, minor units of a currency, seconds. */
const goal = z.number().check(z.gte(-1e15), z.lte(1e15));

/** One group of a slice, as a breakdown names it. */
export const sliceSchema = z.strictObject({
  by: z.string().check(z.regex(/^\w{1,50}$/, "a slice's name, such as owner")),
  group: name,
});
export type Slice = z.infer<typeof sliceSchema>;

/** What a manager sets. */
export const targetInputSchema = z.strictObject({
  /** Of every period before the ramp's first step; without a ramp, of every period. */
  target: goal,
  /** Steps in order: from the period that begins at `from` on, its target holds. */
  ramp: z.optional(
    z.array(z.strictObject({ from: z.iso.date(), target: goal })).check(z.minLength(1), z.maxLength(60)),
  ),
  owner: z.strictObject({ name, email: z.email().check(z.maxLength(254)) }),
  note: z.optional(z.string().check(z.maxLength(1000))),
  /** What others reach, shown beside the target; no status depends on it. */
  benchmark: z.optional(z.strictObject({ value: goal, name })),
});
export type TargetInput = z.infer<typeof targetInputSchema>;

/** What a target is for: one KPI, in one kind of period, of the whole account or of one group. */
export interface TargetPlace {
  readonly kpi: string;
  readonly period: PeriodKind;
  readonly slice?: Slice | undefined;
}

/** One version of a target. */
export const targetSchema = z.object({
  ...targetInputSchema.shape,
  kpi: z.string(),
  period: z.enum(periodKinds),
  slice: z.optional(sliceSchema),
  version: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
  /** The version that took the target back. */
  ended: z.optional(z.literal(true)),
});
export type Target = z.infer<typeof targetSchema>;

/** The target of the period that begins at a local date. */
export function goalIn({ target, ramp = [] }: Pick<TargetInput, "target" | "ramp">, start: string): number {
  return ramp.findLast(({ from }) => from <= start)?.target ?? target;
}

/** A target as it is from a period on; what came before stays. */
export function withGoalFrom(target: TargetInput, start: string, goal: number): Pick<TargetInput, "target" | "ramp"> {
  const before = (target.ramp ?? []).filter(({ from }) => from < start);
  return { target: target.target, ramp: [...before, { from: start, target: goal }] };
}

/** What no KPI of this kind can reach, or could be held against, in words. */
export function targetFaults(kpi: Kpi, { period, slice }: TargetPlace, input: TargetInput): readonly Violation[] {
  const { target, ramp = [], benchmark } = input;
  const faults: Violation[] = [];
  const say = (pointer: string, message: string) => void faults.push({ pointer, message, code: "invalid_value" });
  if (slice !== undefined && !kpi.slices?.includes(slice.by)) {
    const kept = kpi.slices?.length ? `is kept by ${kpi.slices.join(", ")}` : "is not kept by any slice";
    say("/query/by", `${kpi.id} ${kept}, not by ${slice.by}`);
  }
  const goals = [
    { pointer: "/target", value: target },
    ...ramp.map((step, index) => ({ pointer: `/ramp/${index}/target`, value: step.target })),
    ...(benchmark === undefined ? [] : [{ pointer: "/benchmark/value", value: benchmark.value }]),
  ];
  for (const { pointer, value } of goals) {
    const fault = goalFault(kpi, value, pointer.startsWith("/benchmark"));
    if (fault !== undefined) say(pointer, fault);
  }
  for (const [index, { from }] of ramp.entries()) {
    const { start } = periodContaining(period, from);
    const before = ramp[index - 1]?.from;
    if (start !== from) say(`/ramp/${index}/from`, `no ${period} begins on ${from}; this one begins on ${start}`);
    if (before !== undefined && from <= before)
      say(`/ramp/${index}/from`, `steps stand in order, and this one is not after ${before}`);
  }
  return faults;
}

function goalFault(kpi: Kpi, value: number, isBenchmark: boolean): string | undefined {
  const { least, most } = valueBounds(kpi);
  if (least !== undefined && value < least) return `${kpi.id} is never below ${least}`;
  if (most !== undefined && most > 1 && value > most) return `${kpi.id} is never above ${most}`;
  if (most !== undefined && value > most)
    return `${kpi.id} is a share from 0 to ${most}: 8 % is 0.08${value <= 100 ? `, so perhaps ${value / 100}` : ""}`;
  const counts = kpi.numerator.aggregate === "count" || kpi.numerator.aggregate === "distinct";
  if (!isBenchmark && isCumulative(kpi) && counts && !Number.isInteger(value))
    return `${kpi.id} is counted in whole numbers`;
  return undefined;
}

/** How a KPI stands. Shown as text and shape, never by colour alone. */
export const statuses = ["achieved", "on track", "at risk", "missed", "not enough data", "no target"] as const;
export type Status = (typeof statuses)[number];

export interface Standing {
  readonly value: number | null;
  readonly target: number | undefined;
  readonly direction: "up" | "down";
  /** False while the period, or its youngest cohort, still runs. */
  readonly complete: boolean;
  /** The share of the period that has gone, 0 to 1. */
  readonly elapsed: number;
  /** The share of a count's target that is due by now; that of the period gone, where no shape is known (`shape.ts`). */
  readonly due?: number;
  /** Whether the value grows with the period (a count) or not (a ratio). */
  readonly cumulative: boolean;
}

/** In the first twentieth of a period (a day and a half of a month) too little has happened to call a KPI at risk. */
const earlyShare = 0.05;

/**
 * A KPI's status. While the period runs, a count is measured against the share of its target that is due by now; a ratio
 * against the target itself.
 */
export function statusOf({ value, target, direction, complete, elapsed, due = elapsed, cumulative }: Standing): Status {
  if (target === undefined) return "no target";
  if (value === null) return "not enough data";
  const meets = (goal: number) => (direction === "up" ? value >= goal : value <= goal);
  if (complete) return meets(target) ? "achieved" : "missed";
  if (cumulative && direction === "up" && meets(target)) return "achieved";
  if (cumulative && direction === "down" && !meets(target)) return "missed";
  if (meets(cumulative ? target * due : target)) return "on track";
  return elapsed < earlyShare ? "not enough data" : "at risk";
}

/** What a count should have reached (or, where less is better, not have passed) by now; null where that is no question. */
export function dueByNow(kpi: Kpi, standing: Pick<Standing, "target" | "complete" | "elapsed" | "due">): number | null {
  const { target, complete, elapsed, due = elapsed } = standing;
  if (target === undefined || complete || !isCumulative(kpi)) return null;
  return kpi.direction === "up" ? Math.ceil(target * due) : Math.floor(target * due);
}

/** A target as it holds in one period. */
export type Goal = Pick<Target, "target" | "period" | "owner" | "benchmark">;

/** What a target asks of the period that begins at a local date. */
export function goalOf(target: Target, start: string): Goal {
  const { period, owner, benchmark } = target;
  return { target: goalIn(target, start), period, owner, ...(benchmark !== undefined && { benchmark }) };
}

/** Whether a target is the one for a KPI, a kind of period, and the whole account or a group. */
export function isTargetOf(target: TargetPlace, { kpi, period, slice }: TargetPlace): boolean {
  const isSame = target.slice?.by === slice?.by && target.slice?.group === slice?.group;
  return target.kpi === kpi && target.period === period && isSame;
}
