import * as z from "zod/mini";
import type { LedgerEntry } from "../email/ledger.ts";
import { type Outcome, outcomeOf, outcomes } from "../email/outcome.ts";
import { contactOf, type Event } from "../events/event.ts";
import { digestOf, shardOf } from "../table/hash.ts";
import { expiryAfter, type Key } from "../table/item.ts";
import { progressPk, progressShards } from "./progress.ts";
import { type Run, runKey, type Visit } from "./run.ts";

/** Longer than a run is counted, since what became of its steps counts only beside it. */
const keptDays = 800;
/** More than the writes that tell of one mail: what is asked for again is newer than all of before. */
const writesOfOne = 10_000;

/** What became of a mail or a webhook that a step asked for. It names no contact. */
export const stepOutcomeSchema = z.object({
  version: z.number(),
  stepId: z.string(),
  /** Which of the run's mails or webhooks of the step it is, from 1. */
  nth: z.number(),
  /** How often it was asked for again. */
  replays: z.number(),
  outcome: z.enum(outcomes),
  reason: z.optional(z.string()),
});
export type StepOutcome = z.output<typeof stepOutcomeSchema>;

/** The parts of the key of what a step asks for; undefined for other keys, those of before they had dots among them. */
export function partsOfKey(messageKey: string) {
  const [, journeyId, entryKey, rotation, stepId, nth = "1", replays = "0"] =
    /^([\w-]+)\.([\w-]+)\.(\d+)\.([\w-]+?)(?:\.(\d+))?(?:~(\d+))?$/.exec(messageKey) ?? [];
  if (journeyId === undefined || entryKey === undefined || rotation === undefined || stepId === undefined) return;
  return { journeyId, entryKey, rotation: Number(rotation), stepId, nth: Number(nth), replays: Number(replays) };
}

/** The key under which something is asked for again, so many times. */
export function replayKey(messageKey: string, replays: number): string {
  return `${messageKey}~${replays}`;
}

type RunPlace = Pick<Run, "contactId" | "journeyId" | "entryKey" | "rotation">;

/** Where the outcomes of a run's steps stand: behind its progress. */
export function outcomesOf(run: RunPlace): { readonly pk: string; readonly prefix: string } {
  const { pk, sk } = runKey({ ...run, eventId: "" });
  const id = digestOf([pk, sk]);
  return { pk: progressPk(run.journeyId, shardOf(id, progressShards)), prefix: `${id}#` };
}

export type OutcomeItem = Key & StepOutcome & { readonly kind: "stepOutcome"; readonly expiresAt: number };

function itemOf(
  contactId: string,
  messageKey: string,
  { outcome, reason, write }: Pick<StepOutcome, "outcome" | "reason"> & { readonly write: number },
  now: Date,
): OutcomeItem | undefined {
  const parts = partsOfKey(messageKey);
  if (parts === undefined) return undefined;
  const { stepId, nth, replays, ...run } = parts;
  const { pk, prefix } = outcomesOf({ contactId, ...run });
  return {
    pk,
    sk: `${prefix}${stepId}#${nth}`,
    kind: "stepOutcome",
    version: replays * writesOfOne + write,
    stepId,
    nth,
    replays,
    outcome,
    ...(reason !== undefined && { reason: reason.slice(0, 100) }),
    expiresAt: expiryAfter(now, keptDays),
  };
}

/** The item that says what became of a journey's mail; undefined for other mail, and while it has no outcome. */
export function outcomeOfMail(entry: LedgerEntry, contactId: string, now: Date): OutcomeItem | undefined {
  const outcome = outcomeOf(entry.state);
  if (entry.campaign?.type !== "journey" || outcome === undefined) return undefined;
  const reason = outcome === "sent" ? undefined : entry.reason;
  return itemOf(contactId, entry.messageKey, { outcome, reason, write: entry.version }, now);
}

const webhookSchema = z.object({ messageKey: z.string(), reason: z.optional(z.string()) });
/** Of one that came twice, once in vain, what arrived counts. */
const webhookOutcomes: Readonly<Record<string, { readonly outcome: Outcome; readonly write: number }>> = {
  "Webhook Failed": { outcome: "failed", write: 1 },
  "Webhook Delivered": { outcome: "sent", write: 2 },
};

/** The same of a webhook, by the event that tells of it; undefined for other events. */
export function outcomeOfWebhook(event: Event, now: Date): OutcomeItem | undefined {
  const told = webhookSchema.safeParse(event.properties).data;
  const known = webhookOutcomes[event.name];
  if (told === undefined || known === undefined) return undefined;
  return itemOf(contactOf(event), told.messageKey, { ...known, reason: told.reason }, now);
}

/** A visit of a step, with what became of the mail or webhook that it asked for. */
export type SettledVisit = Omit<Visit, "outcome"> & { readonly outcome?: Visit["outcome"] | Outcome };

/** A run's log with what became of the mails and webhooks that its steps asked for, where that is not that all is well. */
export function withOutcomes(
  { log, times }: Pick<Run, "log" | "times">,
  known: readonly StepOutcome[],
): readonly SettledVisit[] {
  const told = new Map<Visit, StepOutcome>();
  for (const outcome of known) {
    const asking = log.filter((visit) => visit.stepId === outcome.stepId && visit.outcome === "passed");
    const visit = asking.at(outcome.nth - 1 - (times[outcome.stepId] ?? 0));
    if (visit !== undefined && outcome.outcome !== "sent") told.set(visit, outcome);
  }
  return log.map((visit) => {
    const { outcome, reason = "" } = told.get(visit) ?? {};
    return outcome === undefined ? visit : { ...visit, outcome, reason };
  });
}
