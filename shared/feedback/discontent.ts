import type { SurveyKind } from "../surveys/survey.ts";
import type { Feedback } from "./feedback.ts";
import { moodOf } from "./mood.ts";

/** Scores up to these are of the discontent: of customer satisfaction 1 and 2, of the Net Promoter question its detractors. */
const lowest = { csat: 2, nps: 6 } as const;
const fewestStars = 2;

/** Whether somebody said something of discontent: by the stars they gave, else by the sentiment of their words. */
export function isDiscontented({ rating, sentiment }: Pick<Feedback, "rating" | "sentiment">): boolean {
  return rating === undefined ? moodOf(sentiment) === "negative" : rating <= fewestStars;
}

/** Whether a survey's score is a low one. */
export function isLowScore(kind: SurveyKind, score: unknown): boolean {
  return kind !== "questions" && typeof score === "number" && score <= lowest[kind];
}
