import * as z from "zod/mini";
import { ownedBy } from "../events/event-keys.ts";
import type { Intake } from "../intake/intake.ts";
import { entryOf, type KpiEntry, lagBetween, personOf } from "../kpis/entry.ts";
import { digestOf } from "../table/hash.ts";
import { type Key, keySchema } from "../table/item.ts";
import { commentId, notApplicable, scoreId, surveyKinds } from "./survey.ts";

export type AnswerIntake = Extract<Intake, { type: "survey" }>;

/** What one person says to one question, and which post of theirs said so last. */
const valueSchema = z.object({ value: z.union([z.string(), z.number()]), at: z.string(), intakeId: z.string() });

/** The answer to one invitation. It is changed by later posts until the invitation closes. */
export const answerSchema = z.extend(keySchema, {
  kind: z.literal("surveyAnswer"),
  surveyId: z.string(),
  surveyKind: z.enum(surveyKinds),
  invitationId: z.string(),
  contactId: z.optional(z.string()),
  channel: z.string(),
  language: z.optional(z.string()),
  invitedAt: z.string(),
  values: z.record(z.string(), valueSchema),
  /** When the score was given that stands; without one, when the first word came. */
  standsAt: z.string(),
  /** Where it stood before: what KPIs counted there is withdrawn. */
  stoodAt: z.array(z.string()),
  /** When the comment was heard of first: there its feedback stays, however often it is written anew. */
  commentAt: z.optional(z.string()),
  version: z.number(),
});
export type Answer = z.infer<typeof answerSchema>;

/** Answers stand by the month of their invitation, which never changes. */
export function answerPartition(surveyId: string, month: string): string {
  return `ANSWERS#${surveyId}#${month}`;
}

export function answerKey({ surveyId, invitedAt, invitationId }: AnswerIntake["payload"]): Key {
  return { pk: answerPartition(surveyId, invitedAt.slice(0, 7)), sk: invitationId };
}

/** More changes of one answer are kept as what they say, not as when. */
const mostStands = 20;

/**
 * An answer after one more post, in whatever order they come: of each question the latest post stands.
 *
 * @returns the answer itself when the post changes nothing
 */
export function withPost(answer: Answer | undefined, { intakeId, receivedAt, payload }: AnswerIntake): Answer {
  const values = { ...answer?.values };
  let changed = answer === undefined;
  for (const [question, value] of Object.entries(payload.answers)) {
    const known = Object.hasOwn(values, question) ? values[question] : undefined;
    if (known !== undefined && `${known.at} ${known.intakeId}` >= `${receivedAt} ${intakeId}`) continue;
    values[question] = { value, at: receivedAt, intakeId };
    changed = true;
  }
  if (answer !== undefined && !changed) return answer;
  const standsAt = standingAt(values);
  const stood = answer === undefined || answer.standsAt === standsAt ? [] : [answer.standsAt];
  const stoodAt = [...(answer?.stoodAt ?? []), ...stood].filter((at) => at !== standsAt);
  const { surveyId, surveyKind, invitationId, contactId, channel, language, invitedAt } = payload;
  const key = answerKey(payload);
  const commentAt = answer?.commentAt ?? values[commentId]?.at;
  return {
    ...key,
    kind: "surveyAnswer",
    surveyId,
    surveyKind,
    invitationId,
    ...(contactId !== undefined && { contactId, ...ownedBy(contactId, key) }),
    channel,
    ...(language !== undefined && { language }),
    invitedAt,
    values,
    standsAt,
    stoodAt: [...new Set(stoodAt)].slice(-mostStands),
    ...(commentAt !== undefined && { commentAt }),
    version: (answer?.version ?? 0) + 1,
  };
}

function standingAt(values: Answer["values"]): string {
  const score = values[scoreId];
  if (score !== undefined) return score.at;
  const [first = ""] = Object.values(values)
    .map(({ at }) => at)
    .sort();
  return first;
}

/** What the answer says of the score: a number, or why there is none. */
export function scoreOf({ values }: Pick<Answer, "values">): number | typeof notApplicable | undefined {
  const value = values[scoreId]?.value;
  return typeof value === "number" ? value : value === notApplicable ? notApplicable : undefined;
}

/**
 * What KPIs count of an answer: one fact on the day of the score that stands. Blank and not applicable are facts without a
 * score. A contact's answers are one person's; each answer of an open link is a person of its own.
 */
export function answerEntries(answer: Answer): readonly KpiEntry[] {
  const { surveyId, surveyKind, invitationId, contactId, channel, language, standsAt, stoodAt, version } = answer;
  const score = scoreOf(answer);
  const state = typeof score === "number" ? "score" : (score ?? (surveyKind === "questions" ? "text" : "blank"));
  return [standsAt, ...stoodAt].map((at) =>
    entryOf({
      fact: "Survey Answered",
      at,
      person: contactId === undefined ? digestOf(["respondent", invitationId], 16) : personOf(contactId),
      id: digestOf(["answer", surveyId, invitationId, at], 20),
      properties: {
        score: typeof score === "number" ? score : undefined,
        survey: surveyId,
        kind: surveyKind,
        channel,
        language,
        answer: state,
      },
      version,
      withdrawn: at !== standsAt,
    }),
  );
}

/** What makes one invitation by mail one fact, whoever tells of it. */
export interface MailedInvitation {
  readonly surveyId: string;
  readonly invitationId: string;
  readonly contactId: string;
  /** To the second. */
  readonly invitedAt: string;
}

export const mailChannel = "email";

/** That an invitation has reached somebody: its mail was delivered, or was answered, whichever is heard of first. */
export function invitedEntry(invitation: MailedInvitation): KpiEntry {
  return mailedEntry("Survey Invited", invitation, {});
}

/** The answer to a mailed invitation, on the invitation's day; its lag is until the first word. */
export function responseEntries(answer: Answer): readonly KpiEntry[] {
  const { contactId, channel, invitedAt, version } = answer;
  if (contactId === undefined || channel !== mailChannel) return [];
  const invitation = { ...answer, contactId };
  const lag = lagBetween(invitedAt, firstWordAt(answer)) ?? 0;
  return [invitedEntry(invitation), { ...mailedEntry("Survey Response", invitation, { lag }), version }];
}

function mailedEntry(
  fact: "Survey Invited" | "Survey Response",
  { surveyId, invitationId, contactId, invitedAt }: MailedInvitation,
  more: { readonly lag?: number },
): KpiEntry {
  return entryOf({
    fact,
    at: invitedAt,
    person: personOf(contactId),
    id: digestOf(["invitation", surveyId, invitationId], 20),
    properties: { survey: surveyId, channel: mailChannel, ...more },
  });
}

/** When somebody first said anything; what is said later, or anew, is no later answer. */
function firstWordAt({ values, standsAt, stoodAt, commentAt }: Answer): string {
  const heard = [standsAt, ...stoodAt, ...(commentAt === undefined ? [] : [commentAt])];
  const [first = standsAt] = [...heard, ...Object.values(values).map(({ at }) => at)].sort();
  return first;
}
