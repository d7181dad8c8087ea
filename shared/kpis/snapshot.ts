import * as z from "zod/mini";
import { instantsOf } from "./calendar.ts";
import type { Kpi } from "./kpi.ts";
import { type Period, periodKinds } from "./period.ts";
import { figuresSchema, tallySchema } from "./tally.ts";

const place = {
  kpi: z.string(),
  period: z.enum(periodKinds),
  start: z.iso.date(),
  /** Of the definition that was counted by. */
  version: z._default(z.number(), 1),
};

/** A KPI's figures in one period, as they were counted at `asOf`. */
export const snapshotSchema = z.object({
  ...place,
  ...figuresSchema.shape,
  asOf: z.iso.datetime(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** What a snapshot's figures are made of, where figures alone do not add up. */
export const snapshotTallySchema = z.object({ ...place, tally: tallySchema });
export type SnapshotTally = z.infer<typeof snapshotTallySchema>;

/** A snapshot's figures by the groups of one slice. */
export const snapshotGroupsSchema = z.object({
  ...place,
  slice: z.string(),
  groups: z.record(z.string(), figuresSchema),
  asOf: z.iso.datetime(),
});
export type SnapshotGroups = z.infer<typeof snapshotGroupsSchema>;

/**
 * Whether a period's value can still change by time alone: it is over, and for a cohort its youngest member has had all
 * of its days.
 */
export function isComplete(
  kpi: Pick<Kpi, "cohortDays">,
  period: Pick<Period, "start" | "end">,
  now: Date,
  timeZone: string,
): boolean {
  const end = instantsOf(period, timeZone).to.getTime();
  return now.getTime() >= end + (kpi.cohortDays ?? 0) * 86_400_000;
}
