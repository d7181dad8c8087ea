import { html } from "../http/html.ts";
import { type Survey, scoresOf } from "./survey.ts";
import { textIn } from "./texts.ts";

/** What a mail's template merges as `survey`. */
export interface SurveyMail {
  readonly title: string;
  /** What the score answers; of free questions the title again. */
  readonly question: string;
  /** The page without a score chosen. */
  readonly url: string;
  /** One for each score, lowest first; none for free questions. */
  readonly links: readonly { readonly score: number; readonly url: string }[];
  /** All of them as buttons, ready for HTML: `{{ survey.buttons | raw }}`. */
  readonly buttons: string;
}

/**
 * A survey as a mail shows it to one person.
 *
 * @param url of the person's signed page
 * @param locale of the person
 */
export function surveyMailOf(survey: Survey, url: string, locale: string | undefined): SurveyMail {
  const wanted = locale === undefined ? [survey.language] : [locale, survey.language];
  const title = textIn(survey.title, wanted).text;
  const links = scoresOf(survey).map((score) => ({ score, url: `${url}?score=${score}` }));
  return {
    title,
    question: survey.question === undefined ? title : textIn(survey.question, wanted).text,
    url,
    links,
    buttons: buttonsOf(links.length === 0 ? [{ score: title, url }] : links),
  };
}

/** The links are not rewritten for click counts: they speak for the person. */
function buttonsOf(links: readonly { readonly score: number | string; readonly url: string }[]): string {
  const cells = links.map(
    ({ score, url }) =>
      html`<a href="${url}" ses:no-track style="display:inline-block;min-width:20px;margin:0 4px 8px 0;padding:10px 12px;border-radius:6px;background-color:#1a5fb4;color:#ffffff;font-weight:bold;text-align:center;text-decoration:none">${score}</a>`,
  );
  return html`<p style="margin:16px 0">${cells}</p>`.toString();
}
