import type { Violation } from "../errors.ts";
import { type Html, html } from "../http/html.ts";
import type { Field, Form } from "./form.ts";
import type { Entries } from "./submission.ts";

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

/** What was posted, and what is wrong with it; both are empty on a page that is shown for the first time. */
export interface Filled {
  readonly entries: Entries;
  readonly violations: readonly Violation[];
}

/** What is wrong with a form's field, in words for whoever filled it in. */
export interface Problem {
  readonly name: string;
  readonly label: string;
  readonly message: string;
}

/** The violations that stand beside a field of the form, in the form's order. */
export function problemsOf(form: Form, violations: readonly Violation[]): readonly Problem[] {
  const boxes = form.marketing === undefined ? [] : [marketingBox(form.marketing.text)];
  return [...form.fields.filter(({ type }) => type !== "hidden"), ...boxes].flatMap((field) => {
    const found = violations.find(({ pointer }) => pointer === `/${field.name}`);
    return found === undefined ? [] : [{ name: field.name, label: field.label, message: adviceOn(field, found) }];
  });
}

/** Every control of a form, with what was typed and what is wrong. */
export function controlsOf(form: Form, { entries, violations }: Filled): Html[] {
  const problems = new Map(problemsOf(form, violations).map((problem) => [problem.name, problem.message]));
  const fields = form.marketing === undefined ? form.fields : [...form.fields, marketingBox(form.marketing.text)];
  return fields.map((field) => fieldMarkup(field, textOf(entries.get(field.name)), problems.get(field.name)));
}

function marketingBox(label: string): Field {
  return { name: "marketing", label, type: "checkbox", required: false };
}

/** How to mend a field. The API's own messages follow a pointer; these stand alone. */
function adviceOn({ type, maxLength }: Field, { code, message }: Violation): string {
  switch (code) {
    case "missing":
      return type === "checkbox" ? "Please tick this box." : "Please fill this in.";
    case "invalid_email":
      return "Enter an e-mail address such as name@example.com.";
    case "invalid_phone":
      return "Enter a telephone number such as +1 212 555 0100.";
    case "invalid_option":
      return "Choose from the list.";
    case "invalid_number":
      return "Enter a number.";
    case "invalid_date":
      return "Enter a date such as 2026-05-31.";
    case "invalid_url":
      return "Enter a web address such as https://www.example.com.";
    case "too_long":
      return `Shorten this to ${maxLength ?? longestOf(type)} characters.`;
    case "invalid_characters":
      return "Take out characters that cannot be typed, such as line breaks in a single line.";
    default:
      return `This ${message}.`;
  }
}

function longestOf(type: Field["type"]): number {
  return type === "textarea" ? 5_000 : 200;
}

function textOf(raw: unknown): string {
  return typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean" ? String(raw) : "";
}

function fieldMarkup(field: Field, value: string, problem: string | undefined): Html {
  const { name, label, type, required } = field;
  if (type === "hidden") return html`<input type="hidden" name="${name}" value="${value}">`;
  const said = problem !== undefined && html`<p class="wrong" id="${name}-wrong">${problem}</p>`;
  const wrong = problem !== undefined && html` aria-invalid="true" aria-describedby="${name}-wrong"`;
  const needed = html`${required && html` required`}${wrong}`;
  const hint = required && html` <span class="hint">(required)</span>`;
  if (type === "checkbox") {
    const checked = value !== "" && !/^(off|no|false|0)$/i.test(value) && html` checked`;
    return html`<div class="field tick"><input id="${name}" name="${name}" type="checkbox" value="yes"${checked}${needed}>
<label for="${name}">${label}${hint}</label>${said}</div>
`;
  }
  return html`<div class="field"><label for="${name}">${label}${hint}</label>
${control(field, value, needed)}${said}</div>
`;
}

function control({ name, type, maxLength, options = [], autocomplete }: Field, value: string, needed: Html): Html {
  const filled = autocomplete ?? autocompleteOf[name];
  const hint = filled !== undefined && html` autocomplete="${filled}"`;
  const longest = html` maxlength="${maxLength ?? longestOf(type)}"`;
  if (type === "textarea") {
    // HTML drops a line break that stands first: this one goes, one of the writer's own stays.
    return html`<textarea id="${name}" name="${name}"${longest}${hint}${needed}>
${value}</textarea>`;
  }
  if (type === "select") {
    const choices = options.map((option) => html`<option${option === value && html` selected`}>${option}</option>`);
    return html`<select id="${name}" name="${name}"${hint}${needed}>
<option value="">Please choose</option>${choices}
</select>`;
  }
  const step = type === "number" && html` step="any"`;
  const hasLength = type !== "number" && type !== "date" && longest;
  const typed = value !== "" && html` value="${value}"`;
  return html`<input id="${name}" name="${name}" type="${type}"${typed}${step}${hasLength}${hint}${needed}>`;
}
