import { type Journey, stepOf } from "./definition.ts";
import { leaving } from "./event-match.ts";
import type { Facts } from "./facts.ts";
import type { Effect, Run, Visit } from "./run.ts";
import { takeStep } from "./take-step.ts";
import { entryKeyFor } from "./trigger.ts";

export interface Advance {
  readonly run: Run;
  /** What is new: the effects of this advance alone. They stand in the run as well. */
  readonly effects: readonly Effect[];
}

/** More steps than this without a wait are a mistake that validation should have found. */
const mostSteps = 500;
const keptEffects = 60;
const keptVisits = 100;
/** A run that is woken this late has been held up: what follows counts from then, not from when it was planned. */
const punctual = 3_600_000;

/**
 * Takes a run as far as it can go now; without a run, starts one. Exits and goals come first, always.
 *
 * Pure: the same arguments give the same run and effects. An ended run, and one for which nothing has changed, stays
 * as it is, version and all.
 *
 * @param journey the version that the run pins
 * @param now ISO 8601
 * @throws Error when the run belongs to another journey or version.
 */
export function advance(journey: Journey, run: Run | undefined, facts: Facts, now: string): Advance {
  const before = run ?? newRun(journey, facts, now);
  if (before.journeyId !== journey.id || before.journeyVersion !== journey.version) {
    throw new Error(`a run of ${before.journeyId} v${before.journeyVersion} got ${journey.id} v${journey.version}`);
  }
  if (before.state === "ended") return { run: before, effects: [] };
  const left = leaving(journey, before, facts.events);
  if (left !== undefined) {
    const ended = endedRun(before, left.endedBy, now);
    return { run: { ...ended, endedByEvent: left.event.eventId, leftAt: left.event.occurredAt }, effects: [] };
  }
  if (facts.paused === true && run !== undefined) return { run: before, effects: [] };
  return walk(journey, before, facts, now);
}

/** A run that ends here and now, whatever its steps would still do. */
export function endedRun(run: Run, endedBy: NonNullable<Run["endedBy"]>, now: string): Run {
  const outcome = endedBy === "completed" ? "passed" : endedBy === "failed" ? "failed" : "left";
  return {
    ...withoutDue(run),
    state: "ended",
    endedAt: now,
    endedBy,
    version: run.version + 1,
    log: leave(run.log, now, outcome, endedBy),
  };
}

/** The run that would have begun, refused: it tells that the journey's entry limits were reached. */
export function refusedRun(run: Run, now: string): Run {
  const { stepId, ...rest } = withoutDue(run);
  return {
    ...rest,
    stepId,
    state: "ended",
    endedAt: now,
    endedBy: "limit",
    log: [],
    effects: [],
    variants: {},
    times: {},
  };
}

/**
 * A failed run, or one that missed its time, from the step where it stands on: its times count from now.
 *
 * @returns the reason when there is nothing to replay.
 */
export function replayed(run: Run, now: string): Run | string {
  if (run.endedBy !== "failed" && run.state === "ended") return `has ended (${run.endedBy}); only a failed one goes on`;
  if (run.state === "active" && (run.dueAt ?? now) > now) return `goes on by itself at ${run.dueAt}`;
  const { endedAt: _endedAt, endedBy: _endedBy, ...rest } = run;
  const version = run.version + 1;
  const visit = { stepId: run.stepId, at: now };
  const log = run.state === "ended" ? [...run.log, visit].slice(-keptVisits) : run.log;
  const effects: Effect[] = [{ type: "wakeUp", version, stepId: run.stepId, at: now }];
  return {
    ...rest,
    state: "active",
    enteredAt: now,
    plannedAt: now,
    reachedAt: now,
    dueAt: now,
    version,
    log,
    effects: [...run.effects, ...effects].slice(-keptEffects),
  };
}

function walk(journey: Journey, before: Run, facts: Facts, now: string): Advance {
  const version = before.version + 1;
  const effects: Effect[] = [];
  let run = before;
  for (let taken = 0; taken < mostSteps; taken++) {
    const step = stepOf(journey, run.stepId);
    const move = takeStep(step, { journey, run, facts, now, version });
    if (move.do === "end") return written(endedRun(run, "completed", now), effects);
    if (move.do === "wait") {
      if (taken === 0 && run.dueAt === move.until) return { run: before, effects: [] };
      effects.push({ type: "wakeUp", version, stepId: step.id, at: move.until });
      return written({ ...run, dueAt: move.until, version }, effects);
    }
    effects.push(...(move.effects ?? []));
    run = onward({ ...run, ...move.changes }, move, now);
  }
  return written(endedRun(run, "failed", now), effects);
}

interface Onward {
  readonly next: string;
  readonly outcome: "passed" | "skipped";
  readonly reason?: string | undefined;
  /** When the step was meant to be left; by default as it was reached. */
  readonly planned?: string | undefined;
}

function onward(run: Run, { next, outcome, reason, planned = run.plannedAt }: Onward, now: string): Run {
  const moved = planned !== run.plannedAt;
  const isLate = Date.parse(now) - Date.parse(planned) > punctual;
  return {
    ...withoutDue(run),
    stepId: next,
    enteredAt: now,
    plannedAt: planned,
    reachedAt: moved ? (isLate ? now : planned) : run.reachedAt,
    log: [...leave(run.log, now, outcome, reason), { stepId: next, at: now }],
  };
}

function written(run: Run, effects: readonly Effect[]): Advance {
  const kept = { log: run.log.slice(-keptVisits), effects: [...run.effects, ...effects].slice(-keptEffects) };
  return { run: { ...run, ...kept }, effects };
}

function leave(log: readonly Visit[], now: string, outcome: Visit["outcome"], reason: string | undefined): Visit[] {
  const last = log.at(-1);
  if (last === undefined) return [];
  return [...log.slice(0, -1), { ...last, leftAt: now, outcome, ...(reason !== undefined && { reason }) }];
}

function withoutDue({ dueAt: _dueAt, ...run }: Run): Run {
  return run;
}

function newRun(journey: Journey, { contactId, event, rotation = 0 }: Facts, now: string): Run {
  const key = entryKeyFor(journey, event);
  if (key === undefined) throw new Error(`the event that starts ${journey.id} carries no entry key`);
  return {
    journeyId: journey.id,
    journeyVersion: journey.version,
    contactId,
    entryKey: key,
    rotation,
    state: "active",
    stepId: journey.start,
    enteredAt: now,
    plannedAt: now,
    reachedAt: now,
    startedAt: now,
    eventId: event.eventId,
    triggeredAt: event.occurredAt,
    variants: {},
    times: {},
    log: [{ stepId: journey.start, at: now }],
    version: 0,
    effects: [],
  };
}
