import * as z from "zod/mini";
import { cleanText } from "../email/clean-text.ts";
import type { Violation } from "../errors.ts";
import { commentId, notApplicable, type Survey, scoreId, scoresOf } from "./survey.ts";

/** Longer comments are refused, never cut: who wrote so much should know. */
export const longestComment = 5_000;

/** What was answered, by question: a score, `n/a`, an option's id or a text. Blank questions are left out. */
export const answersSchema = z.record(z.string(), z.union([z.string(), z.number()]));
export type Answers = z.infer<typeof answersSchema>;

/**
 * The answers in a form post, or what is wrong with them. Fields of other names are not read.
 *
 * @param entries as a browser posts a form: what is blank is "" or left out
 */
export function answersFrom(survey: Survey, entries: URLSearchParams): Answers | readonly Violation[] {
  const answers: Record<string, string | number> = {};
  const violations: Violation[] = [];
  for (const [id, read] of readersOf(survey)) {
    const given = cleanText(entries.get(id) ?? "").trim();
    if (given === "") continue;
    const value = read(given);
    if (typeof value === "object") violations.push({ pointer: `/${id}`, code: "invalid_value", ...value });
    else answers[id] = value;
  }
  if (violations.length > 0) return violations;
  if (Object.keys(answers).length > 0) return answers;
  const first = survey.kind === "questions" ? (survey.questions[0]?.id ?? "") : scoreId;
  return [{ pointer: `/${first}`, code: "nothing_answered", message: "nothing is answered yet" }];
}

/** The score that a one-tap link names; undefined for anything else. */
export function scoreFrom(survey: Survey, given: string | undefined): number | undefined {
  const score = given !== undefined && /^\d{1,2}$/.test(given) ? Number(given) : undefined;
  return score !== undefined && scoresOf(survey).includes(score) ? score : undefined;
}

type Reader = (given: string) => string | number | { readonly message: string };

function readersOf(survey: Survey): readonly (readonly [id: string, read: Reader])[] {
  const scored: readonly (readonly [string, Reader])[] =
    survey.kind === "questions"
      ? []
      : [
          [scoreId, (given) => readScore(survey, given)],
          [commentId, readText],
        ];
  const asked = survey.questions.map((question): readonly [string, Reader] => [
    question.id,
    question.type === "text" ? readText : (given) => readChoice(question.options, given),
  ]);
  return [...scored, ...asked];
}

function readScore(survey: Survey, given: string): ReturnType<Reader> {
  if (given === notApplicable) return given;
  const scores = scoresOf(survey);
  return scoreFrom(survey, given) ?? { message: `choose a number from ${scores[0]} to ${scores.at(-1)}` };
}

function readText(given: string): ReturnType<Reader> {
  return given.length <= longestComment
    ? given
    : { message: `has ${given.length} characters; ${longestComment} are taken` };
}

function readChoice(options: readonly { readonly id: string }[], given: string): ReturnType<Reader> {
  return options.some(({ id }) => id === given) ? given : { message: "choose one of the options" };
}
