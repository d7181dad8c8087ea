import { isErased } from "../contacts/contact-store.ts";
import type { MailMessageInput } from "../email/mail-message.ts";
import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { html } from "../http/html.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { Task } from "../tasks/task.ts";
import { createTask } from "../tasks/task-store.ts";
import { filledTitle } from "../tasks/title.ts";
import type { WebhookMessageInput } from "../webhooks/webhook.ts";
import { factsOf, mailOf, webhookOf } from "./asked-store.ts";
import { readTrigger } from "./facts-store.ts";
import { mailDataOf } from "./mail-data.ts";
import { type Effect, type EffectOf, type Run, runItemSchema, runKey } from "./run.ts";
import type { WakeUp } from "./wake-up.ts";

export interface RunDependencies {
  readonly table: Table;
  readonly sendMail: (message: MailMessageInput) => Promise<void>;
  readonly sendWebhook: (message: WebhookMessageInput) => Promise<void>;
  /** Has a wake-up come at an instant. */
  readonly wakeUp: (wakeUp: WakeUp, at: Date) => Promise<void>;
}

/**
 * Does what a run's last write wants done; without the image before, all that the run ever wanted: keys make it once.
 * Of wake-ups only the newest write's counts, since any other would do nothing.
 */
export function runStage(deps: RunDependencies): Stage {
  return {
    name: "run",
    kind: "run",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item, previous }) {
      const run = runItemSchema.parse(item);
      const done = previous === undefined ? 0 : runItemSchema.parse(previous).version;
      const wanted = run.effects.filter(({ version }) => version > done);
      const mails = wanted.filter((effect) => effect.type === "email");
      const data = mails.length === 0 ? {} : mailDataOf(run, await readTrigger(deps.table, run));
      await Promise.all(wanted.map((effect) => perform(deps, run, effect, data)));
    },
  };
}

async function perform(
  { table, sendMail, sendWebhook, wakeUp }: RunDependencies,
  run: Run,
  effect: Effect,
  data: Record<string, unknown>,
): Promise<void> {
  const { sk } = runKey(run);
  const { contactId, eventId: correlationId } = run;
  switch (effect.type) {
    case "email":
      return sendMail(mailOf(run, effect, data));
    case "notify":
      return sendMail(notice(run, effect));
    case "task":
      if (!(await isErased(table, contactId))) await createTask(table, await taskOf(table, run, effect));
      return;
    case "webhook":
      if (!(await isErased(table, contactId))) await sendWebhook(await webhookOf(table, run, effect));
      return;
    case "event": {
      const { name, at, properties, stepId, version } = effect;
      const origin = ["run", contactId, sk, stepId, String(version), name, JSON.stringify(properties)];
      await putEvent(
        table,
        createEvent({ contactId, origin, name, occurredAt: at, receivedAt: at, source: "journey", properties }),
      );
      return;
    }
    case "wakeUp": {
      const { stepId, version, at } = effect;
      if (run.state === "active" && version === run.version) {
        await wakeUp({ contactId, sk, stepId, version, correlationId }, new Date(at));
      }
    }
  }
}

async function taskOf(table: Table, run: Run, effect: EffectOf<"task">): Promise<Task> {
  const { contactId, journeyId } = run;
  const { owner, dueAt, stepId, at, taskKey } = effect;
  const facts = await factsOf(table, run);
  const id = digestOf(["task", contactId, taskKey]);
  const title = filledTitle(effect.title, facts);
  return { id, title, owner, contactId, dueAt, state: "open", journeyId, stepId, createdAt: at, version: 1 };
}

function notice(run: Run, { to, subject, text, messageKey, at }: EffectOf<"notify">): MailMessageInput {
  const about = `Journey ${run.journeyId}, contact ${run.contactId}`;
  const body = html`<!doctype html><html lang="en"><body><p style="white-space:pre-line">${text}</p><p>${about}</p></body></html>`;
  return {
    owner: { staff: to },
    messageKey: `${messageKey}-${run.contactId}`,
    content: { subject, text: `${text}\n\n${about}\n`, html: String(body) },
    requestedAt: at,
    correlationId: run.eventId,
  };
}
