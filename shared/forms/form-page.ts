import type { Violation } from "../errors.ts";
import type { House } from "../http/house.ts";
import { type Html, html } from "../http/html.ts";
import { type Page, pageReply } from "../http/page.ts";
import type { Reply } from "../http/reply.ts";
import type { Form } from "./form.ts";
import { controlsOf, type Filled, problemsOf } from "./form-fields.ts";
import { campaignNames, type Entries, ownNames } from "./submission.ts";

/** What a shown page knows of its own showing. */
export interface Showing {
  readonly nonce: string;
  readonly now: Date;
  readonly house: House;
  /** What the page starts with, by the names of a post: where people came from, and what they typed before. */
  readonly entries: Entries;
}

/** The hosted page of a form: it needs no script, and its post is an ordinary form post. */
export function formPage(form: Form, showing: Showing): Reply {
  return pageReply({
    ...pageOfForm(form, showing.house),
    title: form.title,
    body: formMarkup(form, showing, []),
  });
}

/** The same page after a post that does not fit: with what was typed, and each message beside its field. */
export function refusedFormPage(form: Form, showing: Showing, violations: readonly Violation[], status: number): Reply {
  return pageReply({
    ...pageOfForm(form, showing.house),
    status,
    refused: true,
    title: form.title,
    body: html`${summary(form, violations)}
${formMarkup(form, showing, violations)}`,
  });
}

/** The page after a post, for forms that name none of their own. */
export function thanksPage(form: Form, house: House): Reply {
  return pageReply({
    ...pageOfForm(form, house),
    title: "Thank you",
    body: html`<p>We have received what you sent.</p>
${
  form.marketing?.doubleOptIn === true &&
  html`<p>Did you ask for news by e-mail? Then open the message that we have just sent you, and confirm.</p>`
}`,
  });
}

/** What every page of a form has in common. Sites that embed the form must be able to show each of them. */
export function pageOfForm(
  form: Form,
  house: House,
): Required<Pick<Page, "language" | "house" | "frameAncestors" | "formTargets">> {
  return {
    language: form.language,
    house,
    frameAncestors: form.origins,
    formTargets: form.thankYouUrl === undefined ? [] : [new URL(form.thankYouUrl).origin],
  };
}

function formMarkup(form: Form, showing: Showing, violations: Filled["violations"]): Html {
  return html`<form method="post" action="/v1/forms/${form.id}/submissions">
${controlsOf(form, { entries: showing.entries, violations })}
<div class="trap" aria-hidden="true"><label for="${ownNames.trap}">Leave this empty</label>
<input id="${ownNames.trap}" name="${ownNames.trap}" tabindex="-1" autocomplete="off"></div>
${hiddenValues(showing)}
<button>${form.submitLabel}</button>
</form>`;
}

/** What is wrong, first on the page and focused, each with a link to its field; then what no field can show. */
function summary(form: Form, violations: readonly Violation[]): Html {
  const problems = problemsOf(form, violations);
  const shown = new Set(problems.map(({ name }) => `/${name}`));
  const others = violations.filter(({ pointer }) => !shown.has(pointer));
  return html`<section class="problems" aria-labelledby="problems" tabindex="-1" autofocus>
<h2 id="problems">Please check what you entered</h2>
<ul>
${problems.map(
  ({ name, label, message }) => html`<li><a href="#${name}">${label}</a>: ${message}</li>
`,
)}${others.map(
  ({ message }) => html`<li>${message}</li>
`,
)}</ul>
<p>Nothing was stored. What you typed is still here.</p>
</section>`;
}

function hiddenValues({ nonce, now, entries }: Showing): Html[] {
  const startedAt = entries.get(ownNames.startedAt);
  const values: [string, unknown][] = [
    [ownNames.nonce, nonce],
    // Whoever corrects a slip began when the first page was shown.
    [ownNames.startedAt, /^\d{1,15}$/.test(String(startedAt)) ? startedAt : now.getTime()],
    ...[ownNames.url, ownNames.referrer, ...Object.keys(campaignNames)].map((name): [string, unknown] => [
      name,
      entries.get(name),
    ]),
  ];
  return values.flatMap(([name, value]) =>
    typeof value === "string" || typeof value === "number"
      ? [html`<input type="hidden" name="${name}" value="${value}">`]
      : [],
  );
}
