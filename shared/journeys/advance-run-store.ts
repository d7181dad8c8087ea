import type { Table } from "../table/client.ts";
import { shardOf } from "../table/hash.ts";
import { isArchivedFor } from "./archived.ts";
import { advance, endedRun } from "./engine.ts";
import { readFacts } from "./facts-store.ts";
import type { JourneyHead } from "./journey.ts";
import type { LiveJourneys } from "./journey-cache-store.ts";
import type { JourneyStore } from "./journey-store.ts";
import type { Run } from "./run.ts";
import { runKey } from "./run.ts";
import { getRun, replaceRun } from "./run-store.ts";
import type { WakeUp } from "./wake-up.ts";

export interface AdvanceDependencies {
  readonly table: Table;
  readonly store: JourneyStore;
  readonly live: LiveJourneys;
  readonly timeZone: string;
  readonly now: () => Date;
}

export type Advanced =
  | { readonly do: "nothing" }
  /** It is too early, or the journey is paused: look again then. */
  | { readonly do: "wait"; readonly until: Date }
  | { readonly do: "advanced"; readonly run: Run };

/** Writers of one run at one time are few; more conflicts than this come again from the queue. */
const attempts = 5;
const minute = 60_000;

/**
 * Takes a run as far as it can go now by one conditional write, with what it wants done in the same item. Any number of
 * calls, at once or after a crash, are right.
 *
 * @throws Error when other writers came first too often; calling it again is right.
 */
export async function advanceRun(
  deps: AdvanceDependencies,
  { contactId, sk }: Pick<WakeUp, "contactId" | "sk">,
  counts: (run: Run) => boolean = () => true,
): Promise<Advanced> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const run = await getRun(deps.table, contactId, sk);
    if (run === undefined || run.state === "ended" || !counts(run)) return { do: "nothing" };
    const head = await deps.store.head(run.journeyId);
    const now = deps.now();
    const next = await nextOf(deps, run, head, now);
    if (next === run) {
      return head?.state === "paused" ? { do: "wait", until: lookAgainAt(run, now) } : stillWaiting(run, now);
    }
    if ((await replaceRun(deps.table, run, next)) === "written") return { do: "advanced", run: next };
  }
  throw new Error(`the run changed under all of ${attempts} attempts to advance it`);
}

async function nextOf(deps: AdvanceDependencies, run: Run, head: JourneyHead | undefined, now: Date): Promise<Run> {
  if (head === undefined || isArchivedFor(head, run)) return endedRun(run, "archived", now.toISOString());
  const journey = await deps.live.version(run.journeyId, run.journeyVersion);
  const facts = await readFacts(deps.table, journey, run, deps);
  return advance(journey, run, { ...facts, paused: head.state === "paused" }, now.toISOString()).run;
}

function stillWaiting({ dueAt }: Run, now: Date): Advanced {
  if (dueAt === undefined || dueAt <= now.toISOString()) return { do: "nothing" };
  return { do: "wait", until: new Date(dueAt) };
}

/** Half an hour to an hour later, spread by run: what came due in a pause does not come all at once when it is over. */
function lookAgainAt(run: Run, now: Date): Date {
  return new Date(now.getTime() + (30 + shardOf(runKey(run).pk, 31)) * minute);
}

/** Handles a wake-up; one of an older version of the run does nothing. */
export async function wakeRun(
  deps: AdvanceDependencies & { readonly sendLater: (wakeUp: WakeUp, at: Date) => Promise<void> },
  wakeUp: WakeUp,
): Promise<Advanced["do"]> {
  const advanced = await advanceRun(
    deps,
    wakeUp,
    ({ version, stepId }) => version === wakeUp.version && stepId === wakeUp.stepId,
  );
  if (advanced.do === "wait") await deps.sendLater(wakeUp, advanced.until);
  return advanced.do;
}
