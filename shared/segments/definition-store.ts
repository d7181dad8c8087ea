import type { Table } from "../table/client.ts";
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
}

/** The definitions as a process knows them: at most 30 seconds old. */
export interface Definitions {
  all(): Promise<readonly Definition[]>;
  /** Whether a definition is still the one in the table; if not, all are read anew when next asked for. */
  isCurrent(segmentId: string): Promise<boolean>;
}

/** Keeps the definitions in memory for a short while; callers at one time share one read. */
export function keepDefinitions({ table, now }: { readonly table: Table; readonly now: () => Date }): Definitions {
  let kept: { readonly until: number; readonly all: Promise<readonly Definition[]> } | undefined;

  function load(): Promise<readonly Definition[]> {
    const all = readDefinitions(table);
    const mine = { until: now().getTime() + definitionSeconds * 1000, all };
    kept = mine;
    all.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return all;
  }

  return {
    all: () => (kept !== undefined && now().getTime() < kept.until ? kept.all : load()),
    async isCurrent(segmentId) {
      const known = (await this.all()).find(({ segment }) => segment.id === segmentId);
      const stored = await getSegment(table, segmentId);
      const isCurrent =
        known?.segment.version === stored?.version && known?.segment.rebuild.cutPoints === stored?.rebuild.cutPoints;
      if (!isCurrent) kept = undefined;
      return isCurrent;
    },
  };
}

/** Cut points are read after the segments: what a segment is rebuilt by is there by then. */
async function readDefinitions(table: Table): Promise<readonly Definition[]> {
  const segments = await listSegments(table);
  const all = segments.map((segment) => ({ segment, dependencies: dependenciesOf(segment.rule) }));
  const cutPoints = all.some(({ dependencies }) => dependencies.ranks) ? await readCutPoints(table) : undefined;
  return all.map((definition) => ({ ...definition, cutPoints }));
}
