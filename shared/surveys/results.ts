import { type Answer, scoreOf } from "./answer.ts";
import { commentId, notApplicable, type Survey, scoresOf } from "./survey.ts";

/** What the answers to a survey say. */
export interface Results {
  /** Everybody who said anything. */
  readonly respondents: number;
  /** Who gave a score; of free questions, who answered one. */
  readonly answered: number;
  /** A comment without a score. */
  readonly blank: number;
  readonly notApplicable: number;
  readonly comments: number;
  /** CSAT as a share from 0 to 1, NPS from −100 to 100; null without answers and for free questions. */
  readonly value: number | null;
  readonly mean: number | null;
  readonly scores: readonly { readonly score: number; readonly count: number }[];
  /** How often each option of a choice was chosen. */
  readonly choices: readonly {
    readonly question: string;
    readonly options: readonly { readonly option: string; readonly count: number }[];
  }[];
}

/** Counts the answers to a survey; for NPS each person counts by the latest of theirs. */
export function resultsOf(survey: Survey, answers: readonly Answer[]): Results {
  const scores = answers.flatMap((answer) => numberIn(answer));
  const count = (filter: (score: number) => boolean, of: readonly number[] = scores) => of.filter(filter).length;
  const withoutScore = answers.filter((answer) => typeof scoreOf(answer) !== "number");
  const off = withoutScore.filter((answer) => scoreOf(answer) === notApplicable).length;
  const isScored = survey.kind !== "questions";
  return {
    respondents: answers.length,
    answered: isScored ? scores.length : answers.length,
    blank: isScored ? withoutScore.length - off : 0,
    notApplicable: off,
    comments: answers.filter(({ values }) => commentId in values).length,
    value: headlineOf(survey, answers),
    mean: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
    scores: scoresOf(survey).map((score) => ({ score, count: count((each) => each === score) })),
    choices: survey.questions.flatMap((question) =>
      question.type === "text"
        ? []
        : [
            {
              question: question.id,
              options: question.options.map(({ id }) => ({
                option: id,
                count: answers.filter(({ values }) => values[question.id]?.value === id).length,
              })),
            },
          ],
    ),
  };
}

function numberIn(answer: Answer): number[] {
  const score = scoreOf(answer);
  return typeof score === "number" ? [score] : [];
}

function headlineOf({ kind }: Survey, answers: readonly Answer[]): number | null {
  if (kind === "questions") return null;
  const scored = answers.filter((answer) => typeof scoreOf(answer) === "number");
  const latest = new Map(
    scored
      .toSorted((a, b) => (a.standsAt < b.standsAt ? -1 : 1))
      .map((answer) => [answer.contactId ?? answer.invitationId, answer] as const),
  );
  const scores = (kind === "nps" ? [...latest.values()] : scored).flatMap(numberIn);
  if (scores.length === 0) return null;
  const share = (filter: (score: number) => boolean) => scores.filter(filter).length / scores.length;
  return kind === "csat"
    ? share((score) => score >= 4)
    : 100 * (share((score) => score >= 9) - share((score) => score <= 6));
}
