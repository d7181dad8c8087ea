import type { Violation } from "../errors.ts";
import type { House } from "../http/house.ts";
import { type Html, html } from "../http/html.ts";
import { pageReply } from "../http/page.ts";
import type { Reply } from "../http/reply.ts";
import { longestComment } from "./answers.ts";
import { commentId, notApplicable, type Question, type Survey, scoreId, scoresOf } from "./survey.ts";
import { surveyWords } from "./survey-words.ts";
import { textIn } from "./texts.ts";

/** A survey as one person is shown it. */
export interface Showing {
  readonly house: House;
  readonly survey: Survey;
  /** The most wanted first; the survey's own comes behind them. */
  readonly languages: readonly string[];
  /** Under which name an open link's answer is kept; absent for an invited contact. */
  readonly respondent?: string | undefined;
  /** What is filled in already. */
  readonly entries?: URLSearchParams | undefined;
  /** What was wrong with the post before. */
  readonly violations?: readonly Violation[] | undefined;
}

/** The survey, with the tapped score chosen. It asks before anything is kept: mail scanners follow links, people press buttons. */
export function surveyPage(showing: Showing): Reply {
  const { survey } = showing;
  const scored = survey.kind !== "questions";
  return page(
    showing,
    textOf(showing, survey.title),
    html`${problems(showing)}
<form method="post">${respondentField(showing)}
${scored && scoreField(showing)}
${!scored && survey.questions.map((question) => questionField(showing, question))}
<button>${wordsOf(showing).send}</button></form>`,
  );
}

/** After the score: the comment and what else the survey asks; all of it may be left out. */
export function morePage(showing: Showing): Reply {
  const { survey, violations = [] } = showing;
  const words = wordsOf(showing);
  const comment = textField(commentId, words.comment, showing.entries?.get(commentId) ?? "");
  return page(
    showing,
    words.thanks,
    html`${violations.length === 0 && html`<p>${words.kept} ${words.changeable}</p>`}
${problems(showing)}
<p>${words.more}</p>
<form method="post"><input type="hidden" name="step" value="more">${respondentField(showing)}
${comment}
${survey.questions.map((question) => questionField(showing, question))}
<button>${words.sendComment}</button></form>`,
  );
}

export function thanksPage(showing: Showing): Reply {
  const words = wordsOf(showing);
  return page(showing, words.thanks, html`<p>${words.kept} ${words.changeable}</p>`);
}

export function closedPage(showing: Showing): Reply {
  const { title, told } = wordsOf(showing).closed;
  return { ...page(showing, title, html`<p>${told}</p>`), status: 410 };
}

function page(showing: Showing, title: string, body: Html): Reply {
  const { house, violations = [] } = showing;
  return pageReply({
    title,
    body,
    house,
    language: languageOf(showing),
    // The address of the page is the person's own link: no other site may learn it.
    referrerPolicy: "no-referrer",
    ...(violations.length > 0 && { status: 422, refused: true }),
  });
}

/** In which language the survey is shown. */
export function languageOf({ survey, languages }: Pick<Showing, "survey" | "languages">): string {
  return textIn(survey.title, [...languages, survey.language]).language;
}

function wordsOf(showing: Showing) {
  return surveyWords(languageOf(showing));
}

function textOf({ survey, languages }: Showing, texts: Survey["title"]): string {
  return textIn(texts, [...languages, survey.language]).text;
}

function respondentField({ respondent }: Showing): Html | undefined {
  return respondent === undefined ? undefined : html`<input type="hidden" name="respondent" value="${respondent}">`;
}

function problems(showing: Showing): Html | undefined {
  const { violations = [], survey } = showing;
  if (violations.length === 0) return undefined;
  const words = wordsOf(showing);
  const scores = scoresOf(survey);
  const sentences = violations.map(({ pointer, message }) => {
    if (pointer === `/${scoreId}`) return words.wrongScore(scores[0] ?? 0, scores.at(-1) ?? 0);
    return message.includes("characters") ? words.tooLong(longestComment) : words.wrongChoice;
  });
  return html`<div class="problems" role="alert">${[...new Set(sentences)].map((sentence) => html`<p>${sentence}</p>`)}</div>`;
}

function scoreField(showing: Showing): Html {
  const { survey, entries } = showing;
  const chosen = entries?.get(scoreId);
  const option = (value: string, label: string) =>
    html`<div class="tick"><input type="radio" id="score-${value}" name="${scoreId}" value="${value}"${
      chosen === value && html` checked`
    }><label for="score-${value}">${label}</label></div>
`;
  return html`<div class="field" role="radiogroup" aria-labelledby="question"><p id="question">${
    survey.question !== undefined && textOf(showing, survey.question)
  }</p>
${scoresOf(survey).map((score) => option(String(score), String(score)))}
${option(notApplicable, wordsOf(showing).notApplicable)}</div>`;
}

function questionField(showing: Showing, question: Question): Html {
  const label = textOf(showing, question.text);
  const chosen = showing.entries?.get(question.id) ?? "";
  if (question.type === "text") return textField(question.id, label, chosen);
  return html`<div class="field" role="radiogroup" aria-label="${label}"><p>${label}</p>
${question.options.map(
  ({
    id,
    text,
  }) => html`<div class="tick"><input type="radio" id="${question.id}-${id}" name="${question.id}" value="${id}"${
    chosen === id && html` checked`
  }><label for="${question.id}-${id}">${textOf(showing, text)}</label></div>
`,
)}</div>
`;
}

function textField(id: string, label: string, value: string): Html {
  return html`<div class="field"><label for="${id}">${label}</label>
<textarea id="${id}" name="${id}" maxlength="${longestComment}">${value}</textarea></div>
`;
}
