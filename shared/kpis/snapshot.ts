import * as z from "zod/mini";
import { instantsOf } from "./calendar.ts";
import type { KpiEntry } from "./entry.ts";
import type { Kpi } from "./kpi.ts";
import { type Period, periodKinds } from "./period.ts";

/** A KPI's figures in one period, as they were counted at `asOf`. */
export const snapshotSchema = z.object({
  kpi: z.string(),
  period: z.enum(periodKinds),
  start: z.iso.date(),
  numerator: z.number(),
  /** Null for a count, which has none. */
  denominator: z.nullable(z.number()),
  /** How many facts the value rests on. */
  n: z.number(),
  asOf: z.iso.datetime(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export type Figures = Pick<Snapshot, "numerator" | "denominator" | "n">;

/** Counts a KPI over entries. A conversion counts when it came within the KPI's cohort days. */
export function countEntries(kpi: Kpi, entries: readonly KpiEntry[]): Figures {
  const within = (entry: KpiEntry) =>
    kpi.cohortDays === undefined || entry.after === undefined || entry.after <= kpi.cohortDays * 86_400_000;
  const peopleWith = (fact: KpiEntry["fact"]) =>
    new Set(entries.filter((entry) => entry.fact === fact && within(entry)).map(({ person }) => person)).size;
  const numerator = peopleWith(kpi.numerator);
  if (kpi.denominator === undefined) return { numerator, denominator: null, n: numerator };
  const denominator = peopleWith(kpi.denominator);
  return { numerator, denominator, n: denominator };
}

/** Adds figures of days to those of the period that they make. Days without facts may be missing. */
export function sumFigures(kpi: Kpi, days: readonly Figures[]): Figures {
  const sum = (pick: (figures: Figures) => number) => days.reduce((total, day) => total + pick(day), 0);
  return {
    numerator: sum((day) => day.numerator),
    denominator: kpi.denominator === undefined ? null : sum((day) => day.denominator ?? 0),
    n: sum((day) => day.n),
  };
}

/** A KPI's value: a count, or a ratio, which over nothing is null ("not enough data") and never 0. */
export function kpiValue({ numerator, denominator }: Figures): number | null {
  if (denominator === null) return numerator;
  return denominator === 0 ? null : numerator / denominator;
}

/**
 * Whether a period's value can still change by time alone: it is over, and for a cohort its youngest member has had all
 * of its days.
 */
export function isComplete(kpi: Kpi, period: Period, now: Date, timeZone: string): boolean {
  const end = instantsOf(period, timeZone).to.getTime();
  return now.getTime() >= end + (kpi.cohortDays ?? 0) * 86_400_000;
}
