import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { type Journey, type JourneyInput, journeyDefinitionSchema } from "../../../shared/journeys/definition.ts";
import { advance } from "../../../shared/journeys/engine.ts";
import type { EventFact } from "../../../shared/journeys/event-match.ts";
import type { Effect, Run } from "../../../shared/journeys/run.ts";
import { eventOf } from "./journeys.ts";

/** Two days before clocks go forward in Berlin, and two before they go back. */
const starts = ["2026-03-27T09:30:00.000Z", "2026-10-23T09:30:00.000Z", "2026-01-05T09:30:00.000Z"];
const timeZone = "Europe/Berlin";
const hour = 3_600_000;
const quietHours = { from: 21, to: 8 };

type StepInput = JourneyInput["steps"][number];

/** Random ways: each step leads to later ones only, so that all end; the last is the end. */
const steps: fc.Arbitrary<StepInput[]> = fc
  .integer({ min: 1, max: 8 })
  .chain((count) =>
    fc.tuple(...Array.from({ length: count }, (_, at) => stepAt(at, count))).map((made) => [...made, endAt(count)]),
  );

const idAt = (at: number) => `s${at}`;
const endAt = (at: number): StepInput => ({ type: "end", id: idAt(at) });

function stepAt(at: number, count: number): fc.Arbitrary<StepInput> {
  const id = idAt(at);
  const next = idAt(at + 1);
  const leap = fc.integer({ min: at + 1, max: count }).map(idAt);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant<StepInput>({ type: "email", id, templateId: "t", next }) },
    fc.constant<StepInput>({ type: "webhook", id, endpointId: "desk", send: ["contact.orders"], next }),
    fc
      .record({ hours: fc.integer({ min: 1, max: 60 }), since: fc.constantFrom("step" as const, "activity" as const) })
      .map<StepInput>(({ hours, since }) => ({ type: "wait", id, for: `PT${hours}H`, since, next })),
    fc.record({ date: fc.constantFrom("soon", "later", "gone", "none"), otherwise: leap }).map<StepInput>((dated) => ({
      type: "waitUntilDate",
      id,
      date: `contact.traits.${dated.date}`,
      offset: "-P1D",
      next,
      otherwise: dated.otherwise,
    })),
    fc.integer({ min: 0, max: 23 }).map<StepInput>((at_) => ({ type: "waitUntil", id, hour: at_, next })),
    fc.tuple(fc.integer({ min: 1, max: 40 }), leap).map<StepInput>(([hours, onTimeout]) => ({
      type: "waitForEvent",
      id,
      for: { event: "Clicked" },
      timeout: `PT${hours}H`,
      next,
      onTimeout,
    })),
    leap.map<StepInput>((other) => ({
      type: "split",
      id,
      variants: [
        { id: "a", percent: 50, next },
        { id: "b", percent: 50, next: other },
      ],
    })),
    leap.map<StepInput>((other) => ({
      type: "branch",
      id,
      branches: [{ when: [{ property: "contact.orders", atLeast: 1 }], next }],
      otherwise: other,
    })),
  );
}

const journeys: fc.Arbitrary<Journey> = fc
  .record({ steps, quiet: fc.boolean() })
  .map(({ steps: made, quiet }) => ({
    name: "Model",
    trigger: { event: "Started" },
    exits: [{ event: "Left" }],
    goal: { event: "Bought" },
    activity: [{ event: "Busy" }],
    maximumAge: "P10D",
    start: "s0",
    steps: made,
    ...(quiet && { quietHours }),
  }))
  // leaps may leave steps that nothing leads to
  .filter((input) => journeyDefinitionSchema.safeParse(input).success)
  .map((input) => ({ ...journeyDefinitionSchema.parse(input), id: "model", version: 1 }));

interface Script {
  readonly journey: Journey;
  readonly start: string;
  readonly happenings: readonly { readonly name: string; readonly after: number; readonly heard: number }[];
  /** What becomes of each delivery of a wake-up. */
  readonly fates: readonly ("once" | "twice" | "crash before" | "crash after" | "late" | "early")[];
  readonly variant: string;
}

const scripts: fc.Arbitrary<Script> = fc.record({
  journey: journeys,
  start: fc.constantFrom(...starts),
  happenings: fc.array(
    fc.record({
      name: fc.constantFrom("Busy", "Clicked", "Busy", "Left", "Bought", "Other"),
      after: fc.integer({ min: 1, max: 200 }),
      heard: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 5 },
  ),
  fates: fc.array(fc.constantFrom("once", "twice", "crash before", "crash after", "late", "early"), { maxLength: 30 }),
  variant: fc.constantFrom("c1", "c2", "c3"),
});

/** Dates of the contact; one of them moves on the fourth day. */
function traitsAt(now: number): Record<string, string> {
  const later = now < Date.parse("2026-03-30") ? "2026-04-02" : "2026-03-31";
  return { soon: "2026-03-29", later, gone: "2020-01-01" };
}

interface Mail {
  readonly key: string;
  readonly at: string;
}

/**
 * A world around the engine: the table's conditional writes, the run's stream record that emits its effects, wake-ups
 * that come late, early, twice or after a crash, and events in any order.
 */
function play({ journey, start, happenings, fates, variant }: Script) {
  const trigger = eventOf("Started", start);
  const events: (EventFact & { readonly heardAt: number })[] = happenings.map(({ name, after, heard }) => ({
    ...eventOf(name, new Date(Date.parse(start) + after * hour).toISOString()),
    heardAt: Date.parse(start) + (after + heard) * hour,
  }));
  let now = Date.parse(start);
  let stored: Run | undefined;
  let wakeUps: { readonly at: number; readonly version: number; readonly stepId: string }[] = [];
  const mails: Mail[] = [];
  let fate = 0;

  function advanceNow(): void {
    const known = events.filter(({ heardAt }) => heardAt <= now);
    const facts = {
      contactId: variant,
      event: trigger,
      events: known,
      contact: { orders: 1, traits: traitsAt(now) },
      timeZone,
    };
    const next = advance(journey, stored, facts, new Date(now).toISOString());
    if (next.run === stored) return;
    expect(next.run.version).toBe((stored?.version ?? 0) + 1);
    stored = next.run;
    emit(next.effects);
    // a retry of the stream record emits the same again
    if (fates[fate % Math.max(1, fates.length)] === "twice") emit(next.effects);
  }

  function emit(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "email" && !mails.some(({ key }) => key === effect.messageKey)) {
        mails.push({ key: effect.messageKey, at: effect.at });
      }
      if (effect.type === "wakeUp") {
        wakeUps.push({ at: Date.parse(effect.at), version: effect.version, stepId: effect.stepId });
      }
    }
  }

  function deliver(wakeUp: (typeof wakeUps)[number]): void {
    if (stored === undefined || stored.state === "ended") return;
    if (stored.version !== wakeUp.version || stored.stepId !== wakeUp.stepId) return;
    const before = stored;
    advanceNow();
    const due = stored.dueAt === undefined ? 0 : Date.parse(stored.dueAt);
    if (stored === before && due > now) wakeUps.push({ ...wakeUp, at: due });
  }

  advanceNow();
  for (let turn = 0; turn < 500 && stored?.state === "active"; turn++) {
    const heard = events.map(({ heardAt }) => heardAt).filter((at) => at > now);
    const next = Math.min(...heard, ...wakeUps.map(({ at }) => at));
    if (!Number.isFinite(next)) break;
    now = Math.max(now, next);
    if (heard.includes(next)) advanceNow();
    const [wakeUp] = wakeUps.filter(({ at }) => at <= now);
    if (wakeUp === undefined) continue;
    wakeUps = wakeUps.filter((waiting) => waiting !== wakeUp);
    switch (fates[fate++]) {
      case "twice":
        deliver(wakeUp);
        deliver(wakeUp);
        break;
      case "crash before":
        wakeUps.push({ ...wakeUp, at: now + 6 * 60_000 });
        break;
      case "crash after":
        deliver(wakeUp);
        wakeUps.push({ ...wakeUp, at: now + 6 * 60_000 });
        break;
      case "late":
        wakeUps.push({ ...wakeUp, at: now + 7 * hour });
        break;
      case "early":
        now -= 1000;
        deliver(wakeUp);
        now += 1000;
        break;
      default:
        deliver(wakeUp);
    }
  }
  return { run: stored, mails, events, emitted: mails };
}

test("whatever happens and whatever fails: no step twice, no run stuck, exits win, quiet hours hold", () => {
  void fc.assert(
    fc.property(scripts, (script) => {
      const { run, mails, events } = play(script);
      // none lost or stuck: every way ends, so every run does
      expect(run?.state).toBe("ended");
      // no step twice
      const stepsMailed = run?.effects.flatMap((effect) => (effect.type === "email" ? [effect.stepId] : [])) ?? [];
      expect(new Set(stepsMailed).size).toBe(stepsMailed.length);
      expect(mails).toHaveLength(stepsMailed.length);
      // exits win over all that comes after we heard of them
      const left = events.filter(({ name }) => name === "Left" || name === "Bought").map(({ heardAt }) => heardAt);
      for (const { at } of mails) expect(Date.parse(at)).toBeLessThan(Math.min(...left, Number.POSITIVE_INFINITY));
      // every mail step that was reached was mailed, skipped, or left at the end
      for (const visit of run?.log ?? []) {
        const step = script.journey.steps.find(({ id }) => id === visit.stepId);
        if (step?.type === "email" && visit.outcome === "passed") expect(stepsMailed).toContain(visit.stepId);
      }
      if (script.journey.quietHours === undefined) return;
      for (const { at } of mails) {
        const local = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).hour;
        expect(local).toBeGreaterThanOrEqual(quietHours.to);
        expect(local).toBeLessThan(quietHours.from);
      }
    }),
    { numRuns: 1500 },
  );
});

test("a run never takes a step of another version than its own", () => {
  void fc.assert(
    fc.property(scripts, journeys, (script, other) => {
      const trigger = eventOf("Started", script.start);
      const facts = { contactId: "c1", event: trigger, events: [], contact: {}, timeZone };
      const { run } = advance(script.journey, undefined, facts, script.start);
      const later = new Date(Date.parse(script.start) + 500 * hour).toISOString();
      const edited = { ...other, version: 2 };
      expect(run.state === "ended" || isRefused(() => advance(edited, run, facts, later))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

function isRefused(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}
