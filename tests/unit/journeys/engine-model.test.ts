import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { type Journey, type JourneyInput, journeyDefinitionSchema } from "../../../shared/journeys/definition.ts";
import { millisecondsOf } from "../../../shared/journeys/duration.ts";
import { advance, endedRun } from "../../../shared/journeys/engine.ts";
import type { EventFact } from "../../../shared/journeys/event-match.ts";
import type { Effect, Run } from "../../../shared/journeys/run.ts";
import { eventOf } from "./journeys.ts";

/** Two days before clocks go forward in Berlin, and two before they go back. */
const starts = ["2026-03-27T09:30:00.000Z", "2026-10-23T09:30:00.000Z", "2026-01-05T09:30:00.000Z"];
const timeZones = ["Europe/Berlin", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"] as const;
const hour = 3_600_000;
const quietHours = { from: 21, to: 8 };

type StepInput = JourneyInput["steps"][number];

/** Random ways: each step leads to later ones, so that all end; the last is the end. A loop, where there is one, waits. */
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
    fc.tuple(leap, fc.boolean()).map<StepInput>(([other, holdout]) => ({
      type: "split",
      id,
      variants: [
        { id: "a", percent: 50, next },
        { id: "b", percent: 50, next: other, ...(holdout && { holdout: true as const }) },
      ],
    })),
    fc.constant<StepInput>({ type: "update", id, set: { seen: true }, addTags: ["met"], next }),
    leap.map<StepInput>((other) => ({
      type: "branch",
      id,
      branches: [{ when: [{ property: "contact.orders", atLeast: 1 }], next }],
      otherwise: other,
    })),
  );
}

const journeys: fc.Arbitrary<Journey> = fc
  .record({
    steps,
    quiet: fc.boolean(),
    mostMails: fc.option(fc.integer({ min: 1, max: 3 })),
    loopsTo: fc.option(fc.nat(7)),
  })
  .map(({ steps: made, quiet, mostMails, loopsTo }) => ({
    name: "Model",
    trigger: { event: "Started" },
    exits: [{ event: "Left" }],
    goal: { event: "Bought" },
    activity: [{ event: "Busy" }],
    maximumAge: "P10D",
    start: "s0",
    steps: loopsTo === null ? made : looping(made, loopsTo),
    ...(quiet && { quietHours }),
    ...(mostMails !== null && { mostMails }),
  }))
  // leaps may leave steps that nothing leads to
  .filter((input) => journeyDefinitionSchema.safeParse(input).success)
  .map((input) => ({ ...journeyDefinitionSchema.parse(input), id: "model", version: 1 }));

/** In place of the end, a wait that leads back: only an exit ends such a run. */
function looping(made: StepInput[], to: number): StepInput[] {
  const last = made.length - 1;
  return [...made.slice(0, last), { type: "wait", id: idAt(last), for: "PT30H", next: idAt(Math.min(to, last)) }];
}

const loops = ({ steps: all }: Journey) => !all.some(({ type }) => type === "end");

interface Script {
  readonly journey: Journey;
  readonly start: string;
  readonly timeZone: (typeof timeZones)[number];
  /** Hours after the start in which the journey is paused. */
  readonly pause: { readonly from: number; readonly hours: number } | null;
  /** Hours after the start when it is archived. */
  readonly archive: number | null;
  readonly happenings: readonly { readonly name: string; readonly after: number; readonly heard: number }[];
  /** What becomes of each delivery of a wake-up. */
  readonly fates: readonly ("once" | "twice" | "crash before" | "crash after" | "late" | "early")[];
  readonly variant: string;
}

const scripts: fc.Arbitrary<Script> = fc.record({
  journey: journeys,
  start: fc.constantFrom(...starts),
  timeZone: fc.constantFrom(...timeZones),
  pause: fc.option(fc.record({ from: fc.integer({ min: 1, max: 100 }), hours: fc.integer({ min: 1, max: 60 }) })),
  archive: fc.option(fc.integer({ min: 1, max: 200 }), { freq: 5 }),
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
function play({ journey, start, timeZone, pause, archive, happenings, fates, variant }: Script) {
  const trigger = eventOf("Started", start);
  const hoursIn = (at: number) => (at - Date.parse(start)) / hour;
  const paused = (at: number) => pause !== null && hoursIn(at) >= pause.from && hoursIn(at) < pause.from + pause.hours;
  const archived = (at: number) => archive !== null && hoursIn(at) >= archive;
  const last = loops(journey) ? [{ name: "Left", after: 250, heard: 0 }] : [];
  const events: (EventFact & { readonly heardAt: number })[] = [...happenings, ...last].map(
    ({ name, after, heard }) => ({
      ...eventOf(name, new Date(Date.parse(start) + after * hour).toISOString()),
      heardAt: Date.parse(start) + (after + heard) * hour,
    }),
  );
  let now = Date.parse(start);
  let stored: Run | undefined;
  let wakeUps: { readonly at: number; readonly version: number; readonly stepId: string }[] = [];
  const mails: Mail[] = [];
  const stepsMailed: string[] = [];
  let fate = 0;

  function advanceNow(): void {
    const known = events.filter(({ heardAt }) => heardAt <= now);
    const facts = {
      contactId: variant,
      event: trigger,
      events: known,
      contact: { orders: 1, traits: traitsAt(now) },
      timeZone,
      paused: paused(now),
    };
    const at = new Date(now).toISOString();
    const next =
      stored !== undefined && archived(now)
        ? { run: endedRun(stored, "archived", at), effects: [] }
        : advance(journey, stored, facts, at);
    if (next.run === stored) return;
    expect(next.run.version).toBe((stored?.version ?? 0) + 1);
    stored = next.run;
    stepsMailed.push(...next.effects.flatMap((effect) => (effect.type === "email" ? [effect.stepId] : [])));
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
    if (stored !== before) return;
    if (paused(now)) wakeLater({ ...wakeUp, at: now + hour / 2 });
    else if (due > now) wakeLater({ ...wakeUp, at: due });
  }

  /** The due item of a wake-up has a key of its own: the same one twice is one. */
  function wakeLater(wakeUp: (typeof wakeUps)[number]): void {
    if (!wakeUps.some(({ at, version }) => at === wakeUp.at && version === wakeUp.version)) wakeUps.push(wakeUp);
  }

  advanceNow();
  for (let turn = 0; turn < 5000 && stored?.state === "active"; turn++) {
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
  return { run: stored, mails, stepsMailed, events, paused, archived };
}

/** Of each mail after another, what its run had to wait in between. */
function waitsBetween({ steps: all }: Journey, run: Run): number[] {
  const waits: number[] = [];
  let between: number | undefined;
  for (const { stepId, outcome } of run.log) {
    const step = all.find(({ id }) => id === stepId);
    if (step?.type === "wait" && step.since === "step" && between !== undefined) between += millisecondsOf(step.for);
    if (step?.type !== "email" || outcome !== "passed") continue;
    if (between !== undefined) waits.push(between);
    between = 0;
  }
  return waits;
}

test("whatever happens and whatever fails: nothing twice, no run stuck, exits, pauses, limits and quiet hours hold", () => {
  void fc.assert(
    fc.property(scripts, (script) => {
      const { journey, timeZone } = script;
      const { run, mails, stepsMailed, events, paused, archived } = play(script);
      // none lost or stuck: every way ends, so every run does
      expect(run?.state).toBe("ended");
      // no step twice, unless a loop leads back to it; no two mails under one key
      if (!loops(journey)) expect(new Set(stepsMailed).size).toBe(stepsMailed.length);
      expect(mails).toHaveLength(stepsMailed.length);
      expect(mails.length).toBeLessThanOrEqual(journey.mostMails ?? Number.POSITIVE_INFINITY);
      for (const { at } of mails) expect([paused(Date.parse(at)), archived(Date.parse(at))]).toEqual([false, false]);
      // a series keeps its distances, however late it is: what is late by an hour counts as in time
      waitsBetween(journey, run as Run).forEach((wait, index) => {
        const [one, next] = [mails[index]?.at ?? "", mails[index + 1]?.at ?? ""];
        expect(Date.parse(next) - Date.parse(one)).toBeGreaterThanOrEqual(wait - hour);
      });
      // exits win over all that comes after we heard of them
      const left = events.filter(({ name }) => name === "Left" || name === "Bought").map(({ heardAt }) => heardAt);
      for (const { at } of mails) expect(Date.parse(at)).toBeLessThan(Math.min(...left, Number.POSITIVE_INFINITY));
      // every mail step that was reached was mailed, skipped, or left at the end
      for (const visit of run?.log ?? []) {
        const step = journey.steps.find(({ id }) => id === visit.stepId);
        if (step?.type === "email" && visit.outcome === "passed") expect(stepsMailed).toContain(visit.stepId);
      }
      if (journey.quietHours === undefined) return;
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
      const facts = { contactId: "c1", event: trigger, events: [], contact: {}, timeZone: script.timeZone };
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
