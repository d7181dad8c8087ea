import { getContact } from "../contacts/contact-store.ts";
import { viewOfContact } from "../contacts/contact-view.ts";
import type { MailMessageInput } from "../email/mail-message.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { WebhookMessageInput } from "../webhooks/webhook.ts";
import { valueAt } from "./condition.ts";
import { readTrigger } from "./facts-store.ts";
import { type EffectOf, type Run, runKey } from "./run.ts";

/** The request of a mail that a run's step wants. */
export function mailOf(run: Run, effect: EffectOf<"email">, data: Readonly<Record<string, unknown>>): MailMessageInput {
  const { templateId, messageKey, campaign, notAfter, stepId, at } = effect;
  return {
    owner: { contactId: run.contactId },
    messageKey,
    templateId,
    data: { ...data },
    run: { sk: runKey(run).sk, stepId },
    ...(campaign !== undefined && { campaign }),
    ...(notAfter !== undefined && { notAfter }),
    requestedAt: at,
    correlationId: run.eventId,
  };
}

/** What a webhook tells: whose run stands where, and of the facts what its step names. */
export async function webhookOf(table: Table, run: Run, effect: EffectOf<"webhook">): Promise<WebhookMessageInput> {
  const { contactId, journeyId, journeyVersion } = run;
  const { endpointId, send, stepId, at, messageKey } = effect;
  const facts = send.length === 0 ? {} : await factsOf(table, run);
  const values = send.map((path) => [path, valueAt(path, facts) ?? null] as const);
  return {
    endpointId,
    id: `msg_${digestOf(["webhook", contactId, messageKey])}`,
    type: "journey.step",
    timestamp: at,
    data: { contactId, journeyId, journeyVersion, stepId, values: Object.fromEntries(values) },
    about: { contactId, properties: { journeyId, stepId, messageKey } },
  };
}

/** The contact as the API shows it, and the trigger's properties. */
export async function factsOf(table: Table, run: Run) {
  const [contact, trigger] = await Promise.all([getContact(table, run.contactId), readTrigger(table, run)]);
  return { contact: contact && viewOfContact(contact), event: trigger?.properties };
}
