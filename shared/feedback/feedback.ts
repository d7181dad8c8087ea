import * as z from "zod/mini";
import { ownedBy } from "../events/event-keys.ts";
import { entryOf, type KpiEntry, personOf } from "../kpis/entry.ts";
import type { Answer } from "../surveys/answer.ts";
import { commentId } from "../surveys/survey.ts";
import { digestOf } from "../table/hash.ts";
import { keySchema } from "../table/item.ts";
import { type FeedbackPayload, saidShape } from "./feedback-input.ts";
import { sentimentOf } from "./sentiment.ts";

/** What somebody said of us in their own words. It stands by the UTC month and the instant in which it was said. */
export const feedbackSchema = z.extend(keySchema, {
  kind: z.literal("feedback"),
  id: z.string(),
  ...saidShape,
  /** −1 to 1; null where it cannot be told (`sentiment.ts`). */
  sentiment: z.nullable(z.number()),
  occurredAt: z.string(),
  /** Goes up when the comment of a survey is written anew. */
  version: z.number(),
});
export type Feedback = z.infer<typeof feedbackSchema>;

export function feedbackPartition(month: string): string {
  return `FEEDBACK#${month}`;
}

type Said = Omit<Feedback, "pk" | "sk" | "kind" | "sentiment">;

function feedbackOf(said: Said): Feedback {
  const key = { pk: feedbackPartition(said.occurredAt.slice(0, 7)), sk: `${said.occurredAt}#${said.id}` };
  const owned = said.contactId === undefined ? {} : ownedBy(said.contactId, key);
  return { ...key, ...owned, kind: "feedback", ...said, sentiment: sentimentOf(said.text, said.language) };
}

/** Feedback as it came by the API; of nobody when its contact is not known. */
export function receivedFeedback(
  { feedbackKind, source, text, rating, language, url, author }: FeedbackPayload,
  about: Pick<Said, "id" | "occurredAt" | "contactId">,
): Feedback {
  return feedbackOf({ ...about, feedbackKind, source, text, rating, language, url, author, version: 1 });
}

/** The comment in an answer to a survey, if there is one. */
export function commentOf(answer: Answer): Feedback | undefined {
  const { surveyId, invitationId, contactId, language, values, commentAt, version } = answer;
  const comment = values[commentId]?.value;
  if (commentAt === undefined || typeof comment !== "string") return undefined;
  return feedbackOf({
    id: digestOf(["comment", surveyId, invitationId], 24),
    feedbackKind: "comment",
    source: `survey ${surveyId}`,
    text: comment,
    language,
    contactId,
    occurredAt: commentAt,
    version,
  });
}

/** What KPIs count of it. It stays when its person is erased. */
export function feedbackEntry(feedback: Feedback): KpiEntry {
  const { id, occurredAt, contactId, feedbackKind, source, language, rating, sentiment, version } = feedback;
  return entryOf({
    fact: "Feedback Received",
    at: occurredAt,
    person: contactId === undefined ? digestOf(["feedback", id], 16) : personOf(contactId),
    id: digestOf(["feedback", id], 20),
    properties: { kind: feedbackKind, source, language, rating, sentiment: sentiment ?? undefined },
    version,
  });
}
