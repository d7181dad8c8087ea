import { ledgerEntrySchema } from "../email/ledger.ts";
import { outcomeOf } from "../email/outcome.ts";
import { eventSchema } from "../events/event.ts";
import { contactIdOf } from "../events/event-keys.ts";
import type { Change, Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { putNewer } from "../table/put-newer.ts";
import { queryAll } from "../table/query-all.ts";
import {
  outcomeOfMail,
  outcomeOfWebhook,
  outcomesOf,
  partsOfKey,
  type StepOutcome,
  stepOutcomeSchema,
} from "./outcome.ts";
import type { Run } from "./run.ts";

interface OutcomeDependencies {
  readonly table: Table;
  readonly now: () => Date;
}

/** Keeps what became of a journey's mail beside its run's progress: of one sent at the first try nothing, as is usual. */
export function mailOutcomeStage({ table, now }: OutcomeDependencies): Stage {
  return {
    name: "mail-outcome",
    kind: "message",
    wants: (change) => change.item.campaign !== undefined && tells(change),
    async run({ item }) {
      const entry = ledgerEntrySchema.parse(item);
      const outcome = outcomeOfMail(entry, contactIdOf(entry.pk), now());
      if (outcome !== undefined) await putNewer(table, outcome);
    },
  };
}

/** Without the image before, that a mail was sent is written too: it may have been of unknown fate. */
function tells({ item, previous }: Change): boolean {
  if (outcomeOf(item.state) === undefined || item.state === previous?.state) return false;
  const isReplay = (partsOfKey(String(item.messageKey))?.replays ?? 0) > 0;
  return item.state !== "SENT" || previous?.state !== "SENDING" || item.attempt !== 1 || isReplay;
}

/** Keeps the same of a journey's webhook. */
export function webhookOutcomeStage({ table, now }: OutcomeDependencies): Stage {
  return {
    name: "webhook-outcome",
    kind: "event",
    wants: ({ item, previous }) =>
      previous === undefined && (item.name === "Webhook Failed" || item.name === "Webhook Delivered"),
    async run({ item }) {
      const outcome = outcomeOfWebhook(eventSchema.parse(item), now());
      if (outcome !== undefined) await putNewer(table, outcome);
    },
  };
}

/** What became of a run's mails and webhooks, where it is not that all is well; one Query. */
export async function readOutcomes(table: Table, run: Run): Promise<readonly StepOutcome[]> {
  const items = await queryAll(table, { ...outcomesOf(run), consistent: true });
  return items.map((item) => stepOutcomeSchema.parse(item));
}
