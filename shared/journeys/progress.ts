import * as z from "zod/mini";
import type { Outcome } from "../email/outcome.ts";
import { digestOf, shardOf } from "../table/hash.ts";
import { expiryAfter, type Key } from "../table/item.ts";
import { endings, type Run, runKey } from "./run.ts";

/** Partitions of a journey's progress: read side by side, each takes the changes of 1,000 runs a second. */
export const progressShards = 4;
/** How long an ended run is counted. */
const keptDays = 400;

const countsSchema = z.object({
  entered: z.number(),
  waiting: z.number(),
  passed: z.number(),
  left: z.number(),
  failed: z.number(),
  /** By reason. */
  skipped: z.record(z.string(), z.number()),
});
type RunCounts = z.infer<typeof countsSchema>;

/** A step's visits, and of the mails and webhooks that these asked for what became of them. */
export interface StepCounts extends RunCounts {
  /** Of which nobody knows whether SES took them. */
  unconfirmed: number;
}

export function noStepCounts(): StepCounts {
  return { entered: 0, waiting: 0, passed: 0, left: 0, failed: 0, unconfirmed: 0, skipped: {} };
}

/** What a run adds to its journey's report. It names no contact, so that erasure leaves the counts right. */
export const progressSchema = z.object({
  version: z.number(),
  journeyVersion: z.number(),
  startedAt: z.string(),
  state: z.enum(["active", "ended"]),
  endedBy: z.optional(z.enum(endings)),
  steps: z.record(z.string(), countsSchema),
});
export type Progress = z.infer<typeof progressSchema>;

export function progressPk(journeyId: string, shard: number): string {
  return `PROGRESS#${journeyId}#${shard}`;
}

/** The one item that stands for a run in the report; each version of the run writes over it. */
export function progressItem(run: Run): Key & Progress & { readonly kind: "runProgress"; readonly expiresAt?: number } {
  const { pk, sk } = runKey(run);
  const id = digestOf([pk, sk]);
  const steps: Record<string, RunCounts> = {};
  for (const { stepId, outcome, reason } of run.log) {
    const counts = steps[stepId] ?? { entered: 0, waiting: 0, passed: 0, left: 0, failed: 0, skipped: {} };
    counts.entered++;
    if (outcome === "skipped") counts.skipped[reason ?? ""] = (counts.skipped[reason ?? ""] ?? 0) + 1;
    else counts[outcome ?? "waiting"]++;
    steps[stepId] = counts;
  }
  return {
    pk: progressPk(run.journeyId, shardOf(id, progressShards)),
    sk: id,
    kind: "runProgress",
    version: run.version,
    journeyVersion: run.journeyVersion,
    startedAt: run.startedAt,
    state: run.state,
    ...(run.endedBy !== undefined && { endedBy: run.endedBy }),
    steps,
    ...(run.endedAt !== undefined && { expiresAt: expiryAfter(new Date(run.endedAt), keptDays) }),
  };
}

export interface JourneyReport {
  readonly runs: {
    readonly begun: number;
    /** Of these, in the newest 30 days. */
    readonly begunLately: number;
    readonly refused: number;
    readonly active: number;
    readonly ended: Readonly<Record<string, number>>;
  };
  readonly steps: Readonly<Record<string, StepCounts>>;
}

/** How many days back a run has begun lately. */
const lateDays = 30;

/**
 * Adds a run's progress to a report, in place: a report is made of as many as there are runs. What became of a mail or
 * webhook of a run that was added counts in the place of its visit's having passed.
 */
export function createReport(now: Date): {
  add(progress: Progress): void;
  addOutcome(of: { readonly stepId: string; readonly outcome: Outcome; readonly reason?: string | undefined }): void;
  readonly report: JourneyReport;
} {
  const ended: Record<string, number> = {};
  const lately = new Date(now.getTime() - lateDays * 86_400_000).toISOString();
  const runs = { begun: 0, begunLately: 0, refused: 0, active: 0, ended };
  const steps: Record<string, StepCounts> = {};
  return {
    report: { runs, steps },
    add(progress) {
      if (progress.endedBy === "limit") {
        runs.refused++;
        return;
      }
      runs.begun++;
      if (progress.startedAt >= lately) runs.begunLately++;
      if (progress.state === "active") runs.active++;
      else ended[progress.endedBy ?? "completed"] = (ended[progress.endedBy ?? "completed"] ?? 0) + 1;
      for (const [stepId, more] of Object.entries(progress.steps)) {
        const sum = steps[stepId] ?? noStepCounts();
        for (const name of ["entered", "waiting", "passed", "left", "failed"] as const) sum[name] += more[name];
        for (const [reason, count] of Object.entries(more.skipped)) {
          sum.skipped[reason] = (sum.skipped[reason] ?? 0) + count;
        }
        steps[stepId] = sum;
      }
    },
    addOutcome({ stepId, outcome, reason = "" }) {
      const sum = steps[stepId];
      if (sum === undefined || sum.passed === 0 || outcome === "sent") return;
      sum.passed--;
      if (outcome === "skipped") sum.skipped[reason] = (sum.skipped[reason] ?? 0) + 1;
      else sum[outcome]++;
    },
  };
}
