import { contactFields } from "../contacts/profile-schema.ts";
import { type Campaign, variantOf } from "../email/campaign.ts";
import { digestOf } from "../table/hash.ts";
import { holds } from "./condition.ts";
import { momentOf } from "./dates.ts";
import type { Journey } from "./definition.ts";
import { millisecondsOf } from "./duration.ts";
import { lastActivity, matches } from "./event-match.ts";
import type { Facts } from "./facts.ts";
import { nextLocalHour, quietUntil } from "./local-hours.ts";
import type { Effect, Run } from "./run.ts";
import type { Step, StepOf } from "./step.ts";

/** Where a run stands when it takes a step. */
export interface Situation {
  readonly journey: Journey;
  readonly run: Run;
  readonly facts: Facts;
  readonly now: string;
  /** The run's version that this advance writes. */
  readonly version: number;
}

/** What taking a step comes to. */
export type Move =
  | { readonly do: "end" }
  | { readonly do: "wait"; readonly until: string }
  | {
      readonly do: "go";
      readonly next: string;
      readonly outcome: "passed" | "skipped";
      readonly reason?: string;
      /** When a wait, or what held a mail up, was over. */
      readonly planned?: string;
      readonly effects?: readonly Effect[];
      readonly changes?: Partial<Run>;
    };

/** The effect that a step has on the run's way. */
export function takeStep(step: Step, situation: Situation): Move {
  switch (step.type) {
    case "end":
      return { do: "end" };
    case "email":
      return email(step, situation);
    case "wait":
      return passedAt(step, waitOver(step, situation), situation.now);
    case "waitUntil":
      return passedAt(
        step,
        nextLocalHour(situation.run.reachedAt, { ...step, timeZone: situation.facts.timeZone }),
        situation.now,
      );
    case "waitUntilDate":
      return untilDate(step, situation);
    case "waitForEvent":
      return awaited(step, situation);
    case "branch":
      return branched(step, situation);
    case "split":
      return split(step, situation);
    case "update":
      return withEffects(step, situation, updates(step));
    case "task": {
      const { title, owner, dueIn } = step;
      const dueAt = plus(situation.now, dueIn);
      const taskKey = keyOf(step, situation.run);
      return withEffects(step, situation, [{ type: "task", title, owner: owner.toLowerCase(), dueAt, taskKey }]);
    }
    case "webhook": {
      const { endpointId, send } = step;
      return withEffects(step, situation, [
        { type: "webhook", endpointId, send, messageKey: keyOf(step, situation.run) },
      ]);
    }
    case "notify": {
      const { to, subject, text } = step;
      return withEffects(step, situation, [
        { type: "notify", to, subject, text, messageKey: keyOf(step, situation.run) },
      ]);
    }
  }
}

function passedAt({ next }: { readonly next: string }, over: string, now: string): Move {
  return now < over ? { do: "wait", until: over } : { do: "go", next, outcome: "passed", planned: over };
}

function waitOver(step: StepOf<"wait">, { journey, run, facts }: Situation): string {
  const from = step.since === "activity" ? lastActivity(journey, run, facts.events) : run.reachedAt;
  return plus(from, step.for);
}

/** A date that moves while the run waits moves the wait; one that was over before is not waited for. */
function untilDate(step: StepOf<"waitUntilDate">, situation: Situation): Move {
  const { run, facts, now } = situation;
  const over = momentOf(step, { contact: facts.contact, event: facts.event.properties }, facts.timeZone);
  if (over !== undefined && over >= run.reachedAt) return passedAt(step, over, now);
  const reason = over === undefined ? "no date" : "over before";
  return { do: "go", next: step.otherwise ?? step.next, outcome: "skipped", reason };
}

function awaited(step: StepOf<"waitForEvent">, { run, facts, now }: Situation): Move {
  const over = plus(run.reachedAt, step.timeout);
  // What happened after the trigger, though before we came to it, counts where no wait stood in between.
  const from = run.reachedAt === run.startedAt ? run.triggeredAt : run.reachedAt;
  const [came] = facts.events
    .filter((event) => event.occurredAt >= from && event.occurredAt <= over && matches(step.for, run, event))
    .map(({ occurredAt }) => occurredAt)
    .sort();
  if (came !== undefined) {
    const planned = came > run.reachedAt ? came : run.reachedAt;
    return { do: "go", next: step.next, outcome: "passed", reason: "event", planned };
  }
  if (now < over) return { do: "wait", until: over };
  return { do: "go", next: step.onTimeout, outcome: "passed", reason: "time-out", planned: over };
}

function email(step: StepOf<"email">, situation: Situation): Move {
  const { journey, run, facts, now } = situation;
  // Whatever held the mail up, quiet hours among it, holds up what follows by as much.
  const planned = run.dueAt ?? run.plannedAt;
  const skip = (reason: string) => ({ do: "go", next: step.next, outcome: "skipped", reason, planned }) as const;
  const notAfter = plus(run.plannedAt, step.maximumAge ?? journey.maximumAge);
  if (now > notAfter) return skip("too late");
  if (mailsOf(run, journey) >= (journey.mostMails ?? Number.POSITIVE_INFINITY)) return skip("mail limit");
  const quiet = journey.quietHours && quietUntil(now, journey.quietHours, facts.timeZone);
  if (quiet !== undefined) return { do: "wait", until: quiet };
  const { templateId } = step;
  const campaign = campaignOf(step, situation);
  if (run.holdout === true) {
    return { ...withEffects(step, situation, [heldOut(templateId, campaign)]), ...skip("holdout") };
  }
  const messageKey = keyOf(step, run);
  return { ...withEffects(step, situation, [{ type: "email", templateId, messageKey, campaign, notAfter }]), planned };
}

function mailsOf({ times }: Run, { steps }: Journey): number {
  return steps.reduce((sum, { type, id }) => sum + (type === "email" ? (times[id] ?? 0) : 0), 0);
}

/** The delivery that is not made, told when it would have been: what the others' mail is measured against. */
function heldOut(template: string, campaign: Campaign): EffectBody {
  return { type: "event", name: "Email Held Out", properties: { template, campaign } };
}

/** What a step's mail is counted by, as the run stands there: a split further on says nothing of this mail. */
function campaignOf({ id: stepId }: StepOf<"email">, { journey, run }: Situation): Campaign {
  const variant = variantOf(run.variants);
  return {
    type: "journey",
    id: journey.id,
    version: journey.version,
    stepId,
    ...(variant !== undefined && { variant }),
    ...(mailsOf(run, journey) === 0 && { first: true }),
  };
}

/** The variant is a contact's for good: the same at every visit, whatever happens in between. */
function split(step: StepOf<"split">, { journey, run }: Situation): Move {
  const draw = Number.parseInt(digestOf([journey.id, step.id, run.contactId], 8), 16) / 2 ** 32;
  let upTo = 0;
  const chosen =
    step.variants.find(({ percent }) => {
      upTo += percent;
      return draw * 100 < upTo;
    }) ?? step.variants[step.variants.length - 1];
  if (chosen === undefined) throw new Error(`the split ${step.id} has no variants`);
  const changes = {
    variants: { ...run.variants, [step.id]: chosen.id },
    ...(chosen.holdout === true && { holdout: true as const }),
  };
  return { do: "go", next: chosen.next, outcome: "passed", reason: chosen.id, changes };
}

function branched(step: StepOf<"branch">, { facts }: Situation): Move {
  const known = { contact: facts.contact, event: facts.event.properties };
  const at = step.branches.findIndex(({ when }) => when.every((condition) => holds(condition, known)));
  const next = step.branches[at]?.next ?? step.otherwise;
  return { do: "go", next, outcome: "passed", reason: at < 0 ? "otherwise" : `branch ${at + 1}` };
}

type EffectBody = Effect extends infer One
  ? One extends Effect
    ? Omit<One, "version" | "stepId" | "at">
    : never
  : never;

/** A contact's own fields are told apart from what the account has added. */
function updates({ set, addTags, removeTags }: StepOf<"update">): EffectBody[] {
  const own = new Set<string>(contactFields);
  const split = (known: boolean) => Object.fromEntries(Object.entries(set).filter(([name]) => own.has(name) === known));
  const fields = Object.fromEntries(Object.entries(split(true)).map(([name, value]) => [name, String(value)]));
  const tag =
    (name: string) =>
    (tag: string): EffectBody => ({ type: "event", name, properties: { tag } });
  return [
    ...(Object.keys(set).length > 0
      ? [{ type: "event" as const, name: "Contact Updated", properties: { fields, traits: split(false) } }]
      : []),
    ...addTags.map(tag("Tag Added")),
    ...removeTags.map(tag("Tag Removed")),
  ];
}

function withEffects(
  step: { readonly id: string; readonly next: string },
  { run, now, version }: Situation,
  effects: readonly EffectBody[],
): Move & { readonly do: "go" } {
  return {
    do: "go",
    next: step.next,
    outcome: "passed",
    effects: effects.map((effect) => ({ ...effect, version, stepId: step.id, at: now })),
    changes: { times: { ...run.times, [step.id]: timesOf(step, run) + 1 } },
  };
}

/** Names one mail: a loop's second visit of a step is another one. Ids and entry keys have no dots. */
function keyOf(step: { readonly id: string }, run: Run): string {
  const times = timesOf(step, run);
  return [run.journeyId, run.entryKey, run.rotation, step.id, ...(times === 0 ? [] : [times + 1])].join(".");
}

function timesOf({ id }: { readonly id: string }, { times }: Run): number {
  return times[id] ?? 0;
}

function plus(instant: string, duration: string): string {
  return new Date(Date.parse(instant) + millisecondsOf(duration)).toISOString();
}
