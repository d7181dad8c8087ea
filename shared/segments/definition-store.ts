import type { ActivityParameters } from "../customers/activity-model.ts";
import { readCustomerModel } from "../customers/customer-model-store.ts";
import type { Table } from "../table/client.ts";
import { keepReading } from "../table/keep-reading.ts";
import { readCutPoints } from "./census-store.ts";
import type { CutPoints } from "./cut-points.ts";
import { type Dependencies, dependenciesOf } from "./dependencies.ts";
import { definitionSeconds } from "./rebuild.ts";
import type { Segment } from "./segment.ts";
import { getSegment, listSegments } from "./segment-store.ts";

/** A segment with what its rule depends on. */
export interface Definition {
  readonly segment: Segment;
  readonly dependencies: Dependencies;
  /** Those that its ranks are told by, where it asks for ranks. */
  readonly cutPoints: CutPoints | undefined;
  /** The customer model's, where the rule asks for it. */
  readonly activity: ActivityParameters | undefined;
}

/** The definitions as a process knows them: at most 30 seconds old. */
export interface Definitions {
  all(): Promise<readonly Definition[]>;
  /** Whether a definition is still the one in the table; if not, all are read anew when next asked for. */
  isCurrent(segmentId: string): Promise<boolean>;
}

/** Keeps the definitions in memory for a short while; callers at one time share one read. */
export function keepDefinitions({ table, now }: { readonly table: Table; readonly now: () => Date }): Definitions {
  const kept = keepReading(() => readDefinitions(table), { now, seconds: definitionSeconds });
  return {
    all: kept.get,
    async isCurrent(segmentId) {
      const known = (await kept.get()).find(({ segment }) => segment.id === segmentId);
      const stored = await getSegment(table, segmentId);
      const isCurrent =
        known?.segment.version === stored?.version && known?.segment.rebuild.cutPoints === stored?.rebuild.cutPoints;
      if (!isCurrent) kept.forget();
      return isCurrent;
    },
  };
}

/** Cut points are read after the segments: what a segment is rebuilt by is there by then. */
async function readDefinitions(table: Table): Promise<readonly Definition[]> {
  const segments = await listSegments(table);
  const all = segments.map((segment) => ({ segment, dependencies: dependenciesOf(segment.rule) }));
  const known = await readBases(
    table,
    all.map(({ dependencies }) => dependencies),
  );
  return all.map((definition) => ({ ...definition, ...known }));
}

/** What of all customers some rules are judged by. */
export async function readBases(
  table: Table,
  of: readonly Pick<Dependencies, "ranks" | "model">[],
): Promise<Pick<Definition, "cutPoints" | "activity">> {
  const [cutPoints, model] = await Promise.all([
    of.some(({ ranks }) => ranks) ? readCutPoints(table) : undefined,
    of.some(({ model }) => model) ? readCustomerModel(table) : undefined,
  ]);
  return { cutPoints, activity: model?.activity };
}
