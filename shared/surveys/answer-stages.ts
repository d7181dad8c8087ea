import * as z from "zod/mini";
import { isErased } from "../contacts/contact-store.ts";
import { contactOf, eventSchema } from "../events/event.ts";
import { intakeSchema } from "../intake/intake.ts";
import { putEntry } from "../kpis/entry-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { answerEntries, answerSchema, invitedEntry, responseEntries } from "./answer.ts";
import { foldPost } from "./answer-store.ts";
import { mailInvitationId } from "./invitation.ts";

/** A post of a survey's page becomes part of the answer to its invitation. Who has been erased answers nothing any more. */
export function surveyAnswerStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "survey-answer",
    kind: "intake",
    wants: ({ item, previous }) => item.type === "survey" && previous === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      if (intake.type !== "survey") return;
      const { contactId } = intake.payload;
      if (contactId === undefined || !(await isErased(table, contactId))) await foldPost(table, intake);
    },
  };
}

/** Keeps the KPI entries of an answer as it says now, and withdraws what it said before. */
export function answerEntryStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "kpi-survey-answer",
    kind: "surveyAnswer",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      const answer = answerSchema.parse(item);
      for (const entry of [...answerEntries(answer), ...responseEntries(answer)]) await putEntry(table, entry);
    },
  };
}

const deliveredSchema = z.object({
  messageKey: z.string(),
  survey: z.object({ id: z.string(), invitedAt: z.iso.datetime() }),
});

/** Counts an invitation once its mail has been delivered. */
export function invitationEntryStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "kpi-survey-invitation",
    kind: "event",
    wants: ({ item, previous }) =>
      previous === undefined && item.name === "Email Delivered" && deliveredSchema.safeParse(item.properties).success,
    async run({ item }) {
      const event = eventSchema.parse(item);
      const { messageKey, survey } = deliveredSchema.parse(event.properties);
      const contactId = contactOf(event);
      const invitationId = mailInvitationId(contactId, messageKey);
      const { id: surveyId, invitedAt } = survey;
      await putEntry(table, invitedEntry({ surveyId, invitationId, contactId, invitedAt }));
    },
  };
}
