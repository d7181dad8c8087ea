import { describe, expect, it } from "vitest";
import { DomainError } from "../../../shared/errors.ts";
import { parsePart } from "../../../shared/http/request.ts";
import { answersFrom } from "../../../shared/surveys/answers.ts";
import { shippedSurveys } from "../../../shared/surveys/shipped.ts";
import { surveyInputSchema, surveySchema } from "../../../shared/surveys/survey.ts";
import { languagesOf, textIn } from "../../../shared/surveys/texts.ts";

const nps = { kind: "nps", title: { en: "Us" }, question: { en: "Recommend?" } };
const choice = { id: "why", type: "choice", text: { en: "Why?" } };
const options = [
  { id: "price", text: { en: "Price" } },
  { id: "speed", text: { en: "Speed" } },
];

function faultsOf(input: object): readonly string[] {
  try {
    parsePart(surveyInputSchema, input, "");
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.errors.map(({ pointer, message }) => `${pointer} ${message}`);
  }
}

describe("a survey", () => {
  it("is taken when it is whole", () => {
    expect(faultsOf(nps)).toEqual([]);
    expect(faultsOf({ ...nps, questions: [{ ...choice, options }], closesAt: "2026-12-01T00:00:00Z" })).toEqual([]);
    for (const survey of shippedSurveys.values()) expect(surveySchema.parse(survey)).toEqual(survey);
  });

  it.each<[object, string]>([
    [{ ...nps, question: undefined }, "/question a survey of the kind nps asks one"],
    [{ ...nps, kind: "questions" }, "/question is for csat and nps; use questions"],
    [{ kind: "questions", title: { en: "Us" } }, "/questions ask at least one"],
    [{ ...nps, language: "de" }, "/title is missing in de, the survey's own language"],
    [{ ...nps, questions: [{ ...choice, options: [options[0], options[0]] }] }, "/questions/0/options has price twice"],
    [{ ...nps, questions: [{ id: "score", type: "text", text: { en: "x" } }] }, "/questions/0/id is taken by"],
    [{ ...nps, closesAt: "2026-02-30T00:00:00Z" }, "/closesAt "],
    [{ ...nps, openDays: 0 }, "/openDays "],
    [{ ...nps, title: {} }, "/title give the text in at least one language"],
    [{ ...nps, kind: "stars" }, "/kind "],
  ])("%o is refused", (input, fault) => {
    expect(faultsOf(input)).toContainEqual(expect.stringContaining(fault));
  });
});

describe("a text", () => {
  const texts = { en: "en", de: "de", "pt-BR": "pt-BR" };
  it.each([
    [["de-AT", "en"], "de"],
    [["pt_br"], "pt-BR"],
    [["pt"], "pt-BR"],
    [["fr", "en"], "en"],
    [[], "en"],
  ])("wanted in %j is shown in %s", (wanted, language) => {
    expect(textIn(texts, wanted)).toEqual({ language, text: language });
  });

  it("goes by what a browser likes best", () => {
    expect(languagesOf("en;q=0.5, de-AT, fr;q=0, *;q=0.1")).toEqual(["de-AT", "en"]);
    expect(languagesOf(undefined)).toEqual([]);
  });
});

describe("a post", () => {
  const survey = surveySchema.parse({
    ...surveyInputSchema.parse({ ...nps, questions: [{ ...choice, options }] }),
    ...{ id: "x", version: 1, savedAt: null, savedBy: null },
  });
  it.each<[string, object]>([
    ["score=10", { score: 10 }],
    ["score=0&comment=&why=", { score: 0 }],
    ["score=n/a", { score: "n/a" }],
    ["comment=%20Slow%00%20", { comment: "Slow" }],
    ["score=7&why=price&other=1", { score: 7, why: "price" }],
  ])("%s says", (body, answers) => {
    expect(answersFrom(survey, new URLSearchParams(body))).toEqual(answers);
  });

  it.each<[string, string, string]>([
    ["score=11", "/score", "choose a number from 0 to 10"],
    ["score=-1", "/score", "choose a number from 0 to 10"],
    ["score=1e1", "/score", "choose a number from 0 to 10"],
    ["score=7.5", "/score", "choose a number from 0 to 10"],
    ["why=rain", "/why", "choose one of the options"],
    [`comment=${"x".repeat(5_001)}`, "/comment", "has 5001 characters; 5000 are taken"],
    ["", "/score", "nothing is answered yet"],
    ["score=%20", "/score", "nothing is answered yet"],
  ])("%.20s is refused", (body, pointer, message) => {
    expect(answersFrom(survey, new URLSearchParams(body))).toMatchObject([{ pointer, message }]);
  });
});
