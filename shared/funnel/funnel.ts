import * as z from "zod/mini";
import { add, quantile } from "../kpis/distribution.ts";
import { type Sketch, sizeOf, sumOf } from "../segments/sketch.ts";
import type { FunnelEntry } from "./funnel-entry.ts";
import { type LifecycleStage, lifecycleStages } from "./stages.ts";

const countsSchema = z.object({
  /** People who entered the stage or a later one: who skips a stage has passed it. */
  reached: z.number(),
  /** People who were seen in the stage itself. */
  entered: z.number(),
  /** Minutes from the stage before it, of those who were seen in both. */
  minutes: z.record(z.string(), z.number()),
});
type Counts = z.infer<typeof countsSchema>;

const groupSchema = z.array(countsSchema).check(z.length(lifecycleStages.length));
/** The counts of one source, a member for each stage in order. */
type Group = z.infer<typeof groupSchema>;

export const groupsSchema = z.record(z.string(), groupSchema);
export type FunnelGroups = z.infer<typeof groupsSchema>;

/** Sources that are told apart in a period. One is 18 KB at the most, so that twenty fit an item. */
export const mostSources = 19;
export const otherSources = "(other)";

/** Counts the people whose way began in one day, by source. */
export function countFunnel(entries: readonly FunnelEntry[]): FunnelGroups {
  const standing = entries.filter(({ withdrawn }) => !withdrawn);
  const bySource = Map.groupBy(standing, ({ source }) => source);
  return bounded([...bySource].map(([source, of]) => [source, countGroup(of)] as const));
}

/** Adds the funnels of days, or of months. What one had among its others stays there. */
export function sumFunnels(parts: readonly FunnelGroups[]): FunnelGroups {
  const bySource = Map.groupBy(parts.flatMap(Object.entries<Group>), ([source]) => source);
  return bounded([...bySource].map(([source, of]) => [source, sumGroups(of.map(([, group]) => group))] as const));
}

function countGroup(entries: readonly FunnelEntry[]): Group {
  return lifecycleStages.map((stage, index) => {
    const before = lifecycleStages[index - 1];
    const minutes: Sketch = {};
    let [reached, entered] = [0, 0];
    for (const { stages } of entries) {
      const at = stages[stage];
      const from = before === undefined ? undefined : stages[before];
      if (lifecycleStages.slice(index).some((later) => stages[later] !== undefined)) reached++;
      if (at === undefined) continue;
      entered++;
      if (from !== undefined) add(minutes, (at - from) / 60);
    }
    return { reached, entered, minutes };
  });
}

function sumGroups(groups: readonly Group[]): Group {
  return lifecycleStages.map((_, index) => {
    const counts = groups.flatMap((group): readonly Counts[] => group.slice(index, index + 1));
    return {
      reached: counts.reduce((sum, { reached }) => sum + reached, 0),
      entered: counts.reduce((sum, { entered }) => sum + entered, 0),
      minutes: sumOf(counts.map(({ minutes }) => minutes)),
    };
  });
}

/** Largest first; which are kept depends on the counts alone. */
function bounded(groups: readonly (readonly [string, Group])[]): FunnelGroups {
  const ranked = groups
    .filter(([source]) => source !== otherSources)
    .sort(([a, one], [b, other]) => cohortOf(other) - cohortOf(one) || (a < b ? -1 : 1));
  const rest = [...ranked.slice(mostSources), ...groups.filter(([source]) => source === otherSources)];
  const others = rest.length === 0 ? [] : [[otherSources, sumGroups(rest.map(([, group]) => group))] as const];
  return Object.fromEntries([...ranked.slice(0, mostSources), ...others]);
}

/** Everybody who began has reached the first stage. */
function cohortOf(group: Group): number {
  return group[0]?.reached ?? 0;
}

export interface FunnelStage {
  readonly stage: LifecycleStage;
  readonly reached: number;
  readonly entered: number;
  /** The share of those who reached this stage that reached the next; null of the last stage, and of nobody. */
  readonly conversion: number | null;
  /** Half of those who were seen in this stage and the one before took no longer, in seconds; null of nobody. */
  readonly medianSeconds: number | null;
}

export interface Funnel {
  /** Null of all. */
  readonly source: string | null;
  /** People whose way began in the period. */
  readonly cohort: number;
  readonly stages: readonly FunnelStage[];
}

/** The funnel of all, or one for each source, the largest first. */
export function funnelsOf(groups: FunnelGroups, by: "source" | undefined): readonly Funnel[] {
  if (by === undefined) return [funnelOf(null, sumGroups(Object.values(groups)))];
  const funnels = Object.entries(groups).map(([source, group]) => funnelOf(source, group));
  return funnels.sort(
    (one, other) => other.cohort - one.cohort || ((one.source ?? "") < (other.source ?? "") ? -1 : 1),
  );
}

function funnelOf(source: string | null, group: Group): Funnel {
  const stages = group.map(({ reached, entered, minutes }, index) => {
    const next = group[index + 1]?.reached;
    return {
      stage: lifecycleStages[index] ?? "awareness",
      reached,
      entered,
      conversion: next === undefined || reached === 0 ? null : next / reached,
      medianSeconds: sizeOf(minutes) === 0 ? null : quantile(minutes, 0.5) * 60,
    };
  });
  return { source, cohort: cohortOf(group), stages };
}
