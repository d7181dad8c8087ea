import { isDeepStrictEqual } from "node:util";
import { follow } from "../../shared/stream/follow.ts";
import type { Change, Found, Stage } from "../../shared/stream/stage.ts";
import type { Table } from "../../shared/table/client.ts";
import type { Item } from "../../shared/table/item.ts";
import { contentsOf } from "./table-contents.ts";

export interface SettleOptions {
  readonly table: Table;
  readonly stages: readonly Stage[];
  /** What the table held when its changes had been delivered before: nothing, unless it says otherwise. */
  readonly known?: ReadonlyMap<string, Item>;
  /** How the changes of a round are delivered: each once and in order, unless it says otherwise. */
  readonly deliver?: (changes: readonly Change[]) => readonly Change[];
  /** How a stage is run on a change that it wants: once, unless it says otherwise. */
  readonly run?: RunStage;
}

type RunStage = (stage: Stage, change: Change) => Promise<Found | undefined>;

const runOnce: RunStage = async (stage, change) => (await stage.run(change)) ?? undefined;

/** Runs the stages on what changes in the table, as its stream would, until nothing changes any more. */
export async function settle({
  table,
  stages,
  known: before = new Map(),
  deliver = (changes) => changes,
  run = runOnce,
}: SettleOptions): Promise<void> {
  let known = before;
  for (let round = 0; round < 30; round++) {
    const contents = await contentsOf(table);
    const changes = [...contents]
      .map(([key, item]) => ({ item, previous: known.get(key) }))
      .filter(({ item, previous }) => !isDeepStrictEqual(item, previous));
    if (changes.length === 0) return;
    known = contents;
    for (const change of deliver(changes)) await runAll(stages, change, run);
  }
  throw new Error("the table does not come to rest");
}

/** Runs every stage that a change concerns. */
export async function runAll(stages: readonly Stage[], change: Change, run: RunStage = runOnce): Promise<void> {
  await follow(stages, change, async (stage, current) => (stage.wants(current) ? run(stage, current) : undefined));
}
