import { putDue } from "../due/due-store.ts";
import type { Campaign } from "../email/campaign.ts";
import { ledgerKey } from "../email/ledger.ts";
import { openLedger } from "../email/ledger-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { mailOf, webhookOf } from "./asked-store.ts";
import { readTrigger } from "./facts-store.ts";
import { mailDataOf } from "./mail-data.ts";
import { partsOfKey, replayKey, type StepOutcome } from "./outcome.ts";
import { readOutcomes } from "./outcome-store.ts";
import type { Effect, EffectOf, Run } from "./run.ts";

interface ReplayDependencies {
  readonly table: Table;
  readonly now: Date;
}

/**
 * Asks again, within a minute, for the mails and webhooks of a run that have failed for good. Asking twice is asking
 * once: the key is made of that of what failed. A mail that might have been sent has not failed.
 *
 * @returns the steps that asked for them
 */
export async function replayFailed(deps: ReplayDependencies, run: Run): Promise<readonly string[]> {
  const failed = (await readOutcomes(deps.table, run)).filter(({ outcome }) => outcome === "failed");
  const asked = await Promise.all(
    failed.map(async (outcome) => {
      const effect = run.effects.find((candidate) => asksFor(candidate, outcome));
      if (effect?.type === "email") return replayMail(deps, run, effect, outcome);
      return effect?.type === "webhook" && replayWebhook(deps, run, effect, outcome);
    }),
  );
  return failed.flatMap(({ stepId }, at) => (asked[at] === true ? [stepId] : []));
}

function asksFor(effect: Effect, { stepId, nth }: StepOutcome): boolean {
  if (effect.type !== "email" && effect.type !== "webhook") return false;
  return effect.stepId === stepId && partsOfKey(effect.messageKey)?.nth === nth;
}

/** Whoever has left the journey gets no more of its mail. */
const leftBy: ReadonlySet<unknown> = new Set<Run["endedBy"]>(["goal", "exit", "archived", "erased"]);

async function replayMail(
  { table, now }: ReplayDependencies,
  run: Run,
  effect: EffectOf<"email">,
  { replays }: StepOutcome,
): Promise<boolean> {
  const { contactId } = run;
  const { messageKey, notAfter, at, campaign } = effect;
  const key = replays === 0 ? messageKey : replayKey(messageKey, replays);
  const entry = leftBy.has(run.endedBy) ? undefined : await openLedger(table).read(ledgerKey({ contactId }, key));
  if (entry?.state !== "FAILED") return false;
  const late = now.getTime() - Date.parse(at);
  // The first mail stands in the comparison with those held out already, whatever became of it.
  const fresh: EffectOf<"email"> = {
    ...effect,
    at: now.toISOString(),
    messageKey: replayKey(messageKey, replays + 1),
    campaign: campaign && withoutFirst(campaign),
    ...(notAfter !== undefined && { notAfter: new Date(Date.parse(notAfter) + late).toISOString() }),
  };
  const body = mailOf(run, fresh, mailDataOf(run, await readTrigger(table, run)));
  await putDue(table, { at: now, id: digestOf([contactId, fresh.messageKey]), queue: "mail", body, contactId });
  return true;
}

/** A webhook's receiver tells by its id what it has already, so that one which may have arrived may go again. */
async function replayWebhook(
  { table, now }: ReplayDependencies,
  run: Run,
  effect: EffectOf<"webhook">,
  { replays }: StepOutcome,
): Promise<boolean> {
  const { contactId } = run;
  const message = await webhookOf(table, run, effect);
  const replay = replays + 1;
  const properties = { ...message.about?.properties, messageKey: replayKey(effect.messageKey, replay) };
  const body = { ...message, replay, about: { contactId, properties } };
  await putDue(table, { at: now, id: `webhook-${message.id}-replay-${replay}`, queue: "webhooks", body, contactId });
  return true;
}

function withoutFirst({ first: _first, ...campaign }: Campaign): Campaign {
  return campaign;
}
