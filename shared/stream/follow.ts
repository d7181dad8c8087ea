import type { Change, Found, Stage } from "./stage.ts";

/**
 * Runs what follows from a change: one stage after the other, in the order of the list, so that a mail is not asked for
 * before its contact is there. What one finds out the ones after it know.
 *
 * @param runStage runs one stage that is of the item's kind
 */
export async function follow(
  stages: readonly Stage[],
  change: Change,
  runStage: (stage: Stage, change: Change) => Promise<Found | undefined>,
): Promise<void> {
  let current = change;
  for (const stage of stages) {
    if (stage.kind === current.item.kind) current = knowing(current, await runStage(stage, current));
  }
}

/** Runs a stage, should it want the change. */
export async function runIfWanted(stage: Stage, change: Change): Promise<Found | undefined> {
  return stage.wants(change) ? ((await stage.run(change)) ?? undefined) : undefined;
}

/** A change as those see it who know what was found out about its item. */
export function knowing(change: Change, found: Found | undefined): Change {
  if (found === undefined) return change;
  return { ...change, item: { ...change.item, ...found }, found: { ...change.found, ...found } };
}
