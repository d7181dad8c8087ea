import type { MailMessageInput } from "../email/mail-message.ts";
import { contactOf, eventSchema, mayStart } from "../events/event.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import type { Journey } from "./definition.ts";
import { advance, triggers } from "./engine.ts";
import { runItemSchema } from "./run.ts";
import { createRun } from "./run-store.ts";
import { welcome } from "./shipped/welcome.ts";

/** The journeys that are on. */
export const shippedJourneys: readonly Journey[] = [welcome];

export interface TriggerDependencies {
  readonly table: Table;
  readonly journeys: readonly Journey[];
  readonly now: () => Date;
}

/** Starts a run of every journey that an event triggers, with the effects of its first steps in the same write. */
export function triggerStage({ table, journeys, now }: TriggerDependencies): Stage {
  const names: ReadonlySet<unknown> = new Set(journeys.map(({ trigger }) => trigger.event));
  return {
    name: "trigger",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && names.has(item.name),
    async run({ item }) {
      const event = eventSchema.parse(item);
      if (!mayStart(event)) return;
      const facts = { contactId: contactOf(event), event };
      for (const journey of journeys.filter((candidate) => triggers(candidate, event))) {
        await createRun(table, advance(journey, undefined, facts, now().toISOString()).run);
      }
    },
  };
}

export interface RunDependencies {
  readonly sendMail: (message: MailMessageInput) => Promise<void>;
}

/** Does what a run's last write wants done; without the image before, all that the run ever wanted: keys make it once. */
export function runStage({ sendMail }: RunDependencies): Stage {
  return {
    name: "run",
    kind: "run",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item, previous }) {
      const { contactId, eventId, effects, startedAt } = runItemSchema.parse(item);
      const done = previous === undefined ? 0 : runItemSchema.parse(previous).version;
      const wanted = effects.filter(({ version }) => version > done);
      await Promise.all(
        wanted.map(({ templateId, messageKey }) =>
          sendMail({
            owner: { contactId },
            messageKey,
            templateId,
            requestedAt: startedAt,
            correlationId: eventId,
          }),
        ),
      );
    },
  };
}
