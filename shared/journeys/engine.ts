import type { Event } from "../events/event.ts";
import type { Condition, Journey, Step } from "./definition.ts";
import type { Effect, Run } from "./run.ts";

/** What the engine may know beside the run. */
export interface Facts {
  readonly contactId: string;
  /** The event that starts or wakes the run. */
  readonly event: Pick<Event, "eventId">;
}

export interface Advance {
  readonly run: Run;
  /** What is new: the effects of this advance alone. They stand in the run as well. */
  readonly effects: readonly Effect[];
}

/** Whether an event starts the journey. */
export function triggers({ trigger }: Journey, event: Pick<Event, "name" | "properties">): boolean {
  return trigger.event === event.name && trigger.conditions.every((condition) => holds(condition, event.properties));
}

function holds({ property, equals }: Condition, properties: Readonly<Record<string, unknown>>): boolean {
  const value = property.split(".").reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), properties);
  return value === equals;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * Takes a run as far as it can go now; without a run, starts one.
 *
 * Pure: the same arguments give the same run and effects. An ended run stays as it is.
 *
 * @param definition the version that the run pins
 * @param now ISO 8601
 * @throws Error when the run belongs to another definition or version.
 */
export function advance(definition: Journey, run: Run | undefined, facts: Facts, now: string): Advance {
  const before = run ?? newRun(definition, facts, now);
  if (before.journeyId !== definition.id || before.journeyVersion !== definition.version) {
    throw new Error(
      `a run of ${before.journeyId} v${before.journeyVersion} got ${definition.id} v${definition.version}`,
    );
  }
  if (before.state === "ended") return { run: before, effects: [] };
  const version = before.version + 1;
  const effects: Effect[] = [];
  let step = stepOf(definition, before.stepId);
  while (step.type !== "end") {
    effects.push(emailOf(before, step, version));
    step = stepOf(definition, step.next);
  }
  return {
    run: {
      ...before,
      state: "ended",
      stepId: step.id,
      endedAt: now,
      version,
      effects: [...before.effects, ...effects],
    },
    effects,
  };
}

function newRun(definition: Journey, { contactId, event }: Facts, now: string): Run {
  return {
    journeyId: definition.id,
    journeyVersion: definition.version,
    contactId,
    entryKey: definition.entry,
    rotation: 0,
    state: "active",
    stepId: definition.start,
    startedAt: now,
    eventId: event.eventId,
    version: 0,
    effects: [],
  };
}

function stepOf({ id, steps }: Journey, stepId: string): Step {
  const step = steps.find((candidate) => candidate.id === stepId);
  if (step === undefined) throw new Error(`journey ${id} has no step ${stepId}`);
  return step;
}

function emailOf(run: Run, step: Extract<Step, { type: "email" }>, version: number): Effect {
  const messageKey = [run.journeyId, run.entryKey, run.rotation, step.id].join("-");
  return { type: "email", version, stepId: step.id, templateId: step.templateId, messageKey };
}
