import * as z from "zod/mini";
import { periodKinds } from "./period.ts";

/** What a manager sets for a KPI. */
export const targetInputSchema = z.strictObject({
  /** In the KPI's own unit: a number of people, or a ratio from 0 to 1. */
  target: z.number().check(z.gte(0), z.lte(1_000_000_000)),
  period: z.enum(periodKinds),
  owner: z.strictObject({
    name: z.string().check(z.trim(), z.minLength(1), z.maxLength(100)),
    email: z.email().check(z.maxLength(254)),
  }),
  note: z.optional(z.string().check(z.maxLength(1000))),
});
export type TargetInput = z.infer<typeof targetInputSchema>;

export const targetSchema = z.object({
  ...targetInputSchema.shape,
  kpi: z.string(),
  version: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});
export type Target = z.infer<typeof targetSchema>;

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
  /** Whether the value grows with the period (a count) or not (a ratio). */
  readonly cumulative: boolean;
}

/** In the first twentieth of a period (a day and a half of a month) too little has happened to call a KPI at risk. */
const earlyShare = 0.05;

/**
 * A KPI's status. While the period runs, a count is measured against the share of its target that the share of the
 * period gone stands for; a ratio against the target itself.
 */
export function statusOf({ value, target, direction, complete, elapsed, cumulative }: Standing): Status {
  if (target === undefined) return "no target";
  if (value === null) return "not enough data";
  const meets = (goal: number) => (direction === "up" ? value >= goal : value <= goal);
  if (complete) return meets(target) ? "achieved" : "missed";
  if (cumulative && direction === "up" && meets(target)) return "achieved";
  if (cumulative && direction === "down" && !meets(target)) return "missed";
  if (meets(cumulative ? target * elapsed : target)) return "on track";
  return elapsed < earlyShare ? "not enough data" : "at risk";
}
