import type { Event } from "../events/event.ts";
import { isTestOrder } from "../events/test-order.ts";
import { holds } from "./condition.ts";
import type { Journey } from "./definition.ts";
import { keysOf } from "./entry-key.ts";
import type { Run } from "./run.ts";
import type { EventMatch } from "./step.ts";

/** What the engine sees of an event. */
export type EventFact = Pick<Event, "eventId" | "name" | "occurredAt" | "properties">;

/**
 * Whether an event is one that counts for a run; where the match names entry keys, only if it carries the run's. A shop's
 * test order is none.
 */
export function matches(match: EventMatch, run: Pick<Run, "entryKey">, event: EventFact): boolean {
  return (
    event.name === match.event &&
    !isTestOrder(event) &&
    match.conditions.every((condition) => holds(condition, { ...event.properties })) &&
    (match.entryKey === undefined || keysOf(match.entryKey, event).includes(run.entryKey))
  );
}

/**
 * The event that ends a run early, and how. What carries the run's entry key counts even when it happened before the
 * trigger (an order whose checkout is told of afterwards); anything else only from the trigger on.
 */
export function leaving(
  { goal, exits }: Pick<Journey, "goal" | "exits">,
  run: Pick<Run, "entryKey" | "triggeredAt" | "eventId">,
  events: readonly EventFact[],
): { readonly endedBy: "goal" | "exit"; readonly event: EventFact } | undefined {
  const ends = [...(goal === undefined ? [] : [{ endedBy: "goal" as const, match: goal }])];
  const all = [...ends, ...exits.map((match) => ({ endedBy: "exit" as const, match }))];
  for (const event of events) {
    if (event.eventId === run.eventId) continue;
    const end = all.find(
      ({ match }) =>
        matches(match, run, event) && (match.entryKey !== undefined || event.occurredAt >= run.triggeredAt),
    );
    if (end !== undefined) return { endedBy: end.endedBy, event };
  }
  return undefined;
}

/** When the run's matter was last busy: the trigger, or the last event of the journey's `activity`. */
export function lastActivity(
  { activity }: Pick<Journey, "activity">,
  run: Pick<Run, "entryKey" | "triggeredAt">,
  events: readonly EventFact[],
): string {
  return events
    .filter((event) => activity.some((match) => matches(match, run, event)))
    .reduce((last, { occurredAt }) => (occurredAt > last ? occurredAt : last), run.triggeredAt);
}
