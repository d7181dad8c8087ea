import { getContact, isErased } from "../contacts/contact-store.ts";
import { addressHash, normaliseEmail } from "../contacts/email-address.ts";
import { findByEmail } from "../contacts/identity-store.ts";
import { intakeSchema } from "../intake/intake.ts";
import { putEntry } from "../kpis/entry-store.ts";
import { readErasedOwner } from "../privacy/refusal-store.ts";
import type { Stage } from "../stream/stage.ts";
import { answerSchema } from "../surveys/answer.ts";
import type { Table } from "../table/client.ts";
import { commentOf, feedbackEntry, feedbackSchema, receivedFeedback } from "./feedback.ts";
import type { FeedbackPayload } from "./feedback-input.ts";
import { putFeedback } from "./feedback-store.ts";

/**
 * The contact whose feedback it is, if there is one. Somebody who has been erased is one, too: by their id, and by their
 * address for what was said before.
 */
export async function feedbackOwner(
  table: Table,
  { contactId, email }: Pick<FeedbackPayload, "contactId" | "email">,
  occurredAt: string,
): Promise<string | undefined> {
  if (contactId === undefined) return email === undefined ? undefined : ownerOfAddress(table, email, occurredAt);
  const isKnown = (await getContact(table, contactId)) !== undefined || (await isErased(table, contactId));
  return isKnown ? contactId : undefined;
}

async function ownerOfAddress(table: Table, email: string, occurredAt: string): Promise<string | undefined> {
  const address = normaliseEmail(email);
  const holder = await findByEmail(table, address);
  if (holder !== undefined) return holder;
  const erased = await readErasedOwner(table, addressHash(address));
  return erased !== undefined && occurredAt < erased.at ? erased.contactId : undefined;
}

/** Keeps what a server told that somebody said. What is told of somebody who has been erased is not kept. */
export function feedbackStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "feedback",
    kind: "intake",
    wants: ({ item, previous }) => item.type === "feedback" && previous === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      if (intake.type !== "feedback") return;
      const contactId = intake.contactId ?? (await feedbackOwner(table, intake.payload, intake.occurredAt));
      if (contactId !== undefined && (await isErased(table, contactId))) return;
      const about = { id: intake.intakeId.slice(0, 24), occurredAt: intake.occurredAt, contactId };
      await putFeedback(table, receivedFeedback(intake.payload, about));
    },
  };
}

/** The comment of a survey's answer is feedback like any other. */
export function answerCommentStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "survey-comment",
    kind: "surveyAnswer",
    wants: ({ item, previous }) => item.commentAt !== undefined && item.version !== previous?.version,
    async run({ item }) {
      const comment = commentOf(answerSchema.parse(item));
      if (comment === undefined) return;
      // Its answer may have been read before its person was erased.
      if (comment.contactId !== undefined && (await isErased(table, comment.contactId))) return;
      await putFeedback(table, comment);
    },
  };
}

export function feedbackEntryStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "kpi-feedback",
    kind: "feedback",
    wants: ({ item, previous }) => item.version !== previous?.version,
    run: ({ item }) => putEntry(table, feedbackEntry(feedbackSchema.parse(item))),
  };
}
