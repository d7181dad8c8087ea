import { type Html, html } from "../http/html.ts";
import { pageReply } from "../http/page.ts";
import type { Reply } from "../http/reply.ts";
import type { Field, Form } from "./form.ts";
import { campaignNames, ownNames } from "./submission.ts";

/** What a shown page knows of its own showing. */
export interface Showing {
  readonly nonce: string;
  readonly now: Date;
  /** The page's own query: campaign parameters travel on with the post. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly referrer: string | undefined;
  readonly footer: string;
}

/** The hosted page of a form: it needs no script, and its post is an ordinary form post. */
export function formPage(form: Form, showing: Showing): Reply {
  return pageReply({
    title: form.title,
    language: form.language,
    footer: showing.footer,
    frameAncestors: form.origins,
    formTargets: form.thankYouUrl === undefined ? [] : [new URL(form.thankYouUrl).origin],
    body: html`<form method="post" action="/v1/forms/${form.id}/submissions">
${form.fields.map(fieldMarkup)}
${form.marketing && tick("marketing", form.marketing.text, false)}
<div class="trap" aria-hidden="true"><label for="${ownNames.trap}">Leave this empty</label>
<input id="${ownNames.trap}" name="${ownNames.trap}" tabindex="-1" autocomplete="off"></div>
${hiddenValues(showing)}
<button>${form.submitLabel}</button>
</form>`,
  });
}

/** The page after a post, for forms that name none of their own. */
export function thanksPage(form: Form, footer: string): Reply {
  return pageReply({
    title: "Thank you",
    language: form.language,
    footer,
    frameAncestors: form.origins,
    body: html`<p>What you sent has arrived.</p>
${
  form.marketing?.doubleOptIn === true &&
  html`<p>If you asked for news by e-mail, please open the message that we have sent you and confirm.</p>`
}`,
  });
}

function hiddenValues({ nonce, now, query, referrer }: Showing): Html[] {
  const values: [string, string | undefined][] = [
    [ownNames.nonce, nonce],
    [ownNames.startedAt, String(now.getTime())],
    [ownNames.referrer, referrer],
    ...Object.keys(campaignNames).map((name): [string, string | undefined] => [name, query[name]]),
  ];
  return values
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}

/** What browsers fill in by themselves, for fields that do not say it. */
const autocompleteOf: Readonly<Record<string, string>> = {
  email: "email",
  name: "name",
  firstName: "given-name",
  lastName: "family-name",
  company: "organization",
  jobTitle: "organization-title",
  phone: "tel",
  website: "url",
  city: "address-level2",
  country: "country-name",
};

function fieldMarkup(field: Field): Html {
  const { name, label, type, required } = field;
  if (type === "hidden") return html`<input type="hidden" name="${name}">`;
  if (type === "checkbox") return tick(name, label, required);
  return html`<label for="${name}">${label}${required && html` <span class="hint">(required)</span>`}</label>
${control(field)}`;
}

function control({ name, type, required, maxLength, options = [], autocomplete }: Field): Html {
  const needed = required && html` required aria-required="true"`;
  const filled = autocomplete ?? autocompleteOf[name];
  const hint = filled !== undefined && html` autocomplete="${filled}"`;
  const longest = html` maxlength="${maxLength ?? (type === "textarea" ? 5_000 : 200)}"`;
  if (type === "textarea") return html`<textarea id="${name}" name="${name}"${longest}${hint}${needed}></textarea>`;
  if (type === "select") {
    return html`<select id="${name}" name="${name}"${hint}${needed}>
<option value=""></option>
${options.map((option) => html`<option>${option}</option>`)}
</select>`;
  }
  const step = type === "number" && html` step="any"`;
  const hasLength = type !== "number" && type !== "date" && longest;
  return html`<input id="${name}" name="${name}" type="${type}"${step}${hasLength}${hint}${needed}>`;
}

function tick(name: string, text: string, required: boolean): Html {
  return html`<div class="tick"><input id="${name}" name="${name}" type="checkbox" value="yes"${required && html` required`}>
<label for="${name}">${text}</label></div>`;
}
