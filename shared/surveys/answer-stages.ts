import { isErased } from "../contacts/contact-store.ts";
import { intakeSchema } from "../intake/intake.ts";
import { putEntry } from "../kpis/entry-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { answerEntries, answerSchema } from "./answer.ts";
import { foldPost } from "./answer-store.ts";

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
      for (const entry of answerEntries(answerSchema.parse(item))) await putEntry(table, entry);
    },
  };
}
