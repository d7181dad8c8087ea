import { contactOf, type Event, eventSchema, mayStart } from "../events/event.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type AdvanceDependencies, advanceRun } from "./advance-run-store.ts";
import { heardWhileRunning, type Journey } from "./definition.ts";
import { advance } from "./engine.ts";
import { keysOf, withLinkedKeys } from "./entry-key.ts";
import { enterWithinLimits } from "./entry-limit-store.ts";
import type { EventFact } from "./event-match.ts";
import { readFacts } from "./facts-store.ts";
import { type Run, runKey } from "./run.ts";
import { getRun, runsOf } from "./run-store.ts";
import { entryKeyFor, entryPaths, triggers } from "./trigger.ts";

/** Starts a run of every published journey that an event triggers, with the effects of its first steps in the same write. */
export function triggerStage({ table, live, timeZone, now }: AdvanceDependencies): Stage {
  async function start(journey: Journey, event: Event): Promise<void> {
    const key = entryKeyFor(journey, event);
    if (key === undefined) return;
    const contactId = contactOf(event);
    const rotation = await rotationOf(table, journey, { contactId, key, event, now: now() });
    if (rotation === undefined) return;
    const start = { contactId, eventId: event.eventId, triggeredAt: event.occurredAt };
    const facts = await readFacts(table, journey, start, { timeZone, event });
    for (const other of otherKeys(journey, event, facts.events)) {
      if (other === key) continue;
      if ((await rotationOf(table, journey, { contactId, key: other, event, now: now() })) === undefined) return;
    }
    const { run } = advance(journey, undefined, { ...facts, rotation }, now().toISOString());
    await enterWithinLimits(table, journey, run, { timeZone, now: now() });
  }

  return {
    name: "trigger",
    kind: "event",
    wants: ({ previous }) => previous === undefined,
    async run({ item }) {
      const event = eventSchema.parse(item);
      if (!mayStart(event) || isRestatement(event)) return;
      const heads = (await live.heads()).filter(({ state }) => state === "published");
      const journeys = await Promise.all(heads.map(({ id, publishedVersion }) => live.version(id, publishedVersion)));
      for (const journey of journeys.filter((candidate) => triggers(candidate, event))) await start(journey, event);
    },
  };
}

/** By what else a thing is known that an event names: a run may have begun about it under another key. */
function otherKeys(journey: Journey, event: Event, events: readonly EventFact[]): readonly string[] {
  const paths = entryPaths(journey);
  return withLinkedKeys<EventFact>(paths, [event, ...events])
    .slice(0, 1)
    .flatMap((linked) => keysOf(paths, linked));
}

/** A segment that is rebuilt, or fed with history, tells who is in it: nobody has come or gone today. */
function isRestatement({ name, properties: { historic, rebuild } }: Event): boolean {
  return name.startsWith("Segment ") && (historic === true || rebuild === true);
}

/** Which time the contact enters; undefined when it may not. */
async function rotationOf(
  table: Table,
  { id, reentry }: Journey,
  {
    contactId,
    key,
    event,
    now,
  }: { readonly contactId: string; readonly key: string; readonly event: Event; readonly now: Date },
): Promise<number | undefined> {
  if (reentry === "never") {
    // Of many events about one cart, all but the first end here: a read costs a tenth of the write that would be refused.
    const { sk } = runKey({ journeyId: id, contactId, entryKey: key, rotation: 0, eventId: event.eventId });
    return (await getRun(table, contactId, sk)) === undefined ? 0 : undefined;
  }
  const all = await runsOf(table, contactId, { journeyId: id, entryKey: key });
  const runs = all.filter(({ endedBy }) => endedBy !== "limit");
  if (runs.some(({ eventId }) => eventId === event.eventId)) return undefined;
  const last = runs.toSorted((a, b) => b.rotation - a.rotation)[0];
  if (last === undefined) return 0;
  const mayEnterAt = Date.parse(last.startedAt) + reentry.afterDays * 86_400_000;
  return last.state === "ended" && mayEnterAt <= now.getTime() ? last.rotation + 1 : undefined;
}

/** Advances the runs under way that an event may end, or that wait for it. */
export function wakeStage(deps: AdvanceDependencies): Stage {
  async function hears(run: Run, name: string): Promise<boolean> {
    if (run.state === "ended") return false;
    return heardWhileRunning(await deps.live.version(run.journeyId, run.journeyVersion)).includes(name);
  }

  return {
    name: "wake",
    kind: "event",
    wants: ({ previous }) => previous === undefined,
    async run({ item }) {
      const event = eventSchema.parse(item);
      if (!(await deps.live.heads()).some((head) => head.hears.includes(event.name))) return;
      const contactId = contactOf(event);
      for (const run of await runsOf(deps.table, contactId)) {
        if (await hears(run, event.name)) await advanceRun(deps, { contactId, sk: runKey(run).sk });
      }
    },
  };
}
