import { addDays, instantsOf } from "../kpis/calendar.ts";
import { entryOf, type KpiEntry } from "../kpis/entry.ts";
import { digestOf } from "../table/hash.ts";
import type { Action } from "./action.ts";

/** What an action has come to: done by the end of its due day, done later, dropped, or not done yet. */
export const outcomes = ["kept", "late", "dropped", "open"] as const;
export type Outcome = (typeof outcomes)[number];

export function outcomeOf(
  { state, dueOn, closedAt }: Pick<Action, "state" | "dueOn" | "closedAt">,
  timeZone: string,
): Outcome {
  if (state !== "done") return state;
  return closedAt !== null && new Date(closedAt) < dueDay(dueOn, timeZone).to ? "kept" : "late";
}

/**
 * What KPIs count of an action that was promised in a review: one fact on each day by which it was due, once that is over.
 * A promise that is closed late, opened again or dropped changes its fact; one that was moved too late leaves a missed one.
 */
export function promiseEntries(action: Action, timeZone: string, now: Date): readonly KpiEntry[] {
  const { id, origin, owner, dueOn, missedOn, version } = action;
  if (origin.kind !== "review") return [];
  const isOver = dueDay(dueOn, timeZone).to <= now;
  const days = [
    ...missedOn.map((day) => [day, "open"] as const),
    ...(isOver ? [[dueOn, outcomeOf(action, timeZone)] as const] : []),
  ];
  return days.map(([day, outcome]) =>
    entryOf({
      fact: "Promise Due",
      at: dueDay(day, timeZone).from.toISOString(),
      person: digestOf(["promise", id], 16),
      id: digestOf(["promise", id, day], 20),
      properties: { owner: owner.email, review: origin.review, outcome },
      version,
    }),
  );
}

function dueDay(day: string, timeZone: string) {
  return instantsOf({ start: day, end: addDays(day, 1) }, timeZone);
}
