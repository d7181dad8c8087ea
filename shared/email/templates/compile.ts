import { convert } from "html-to-text";
import mjml2html from "mjml";
import { DomainError, type Violation } from "../../errors.ts";
import { unsafeLinks } from "../links.ts";
import { maximumHtmlBytes, type RenderedMail, renderMail, UnsendableError } from "../render.ts";
import { exampleData, exampleValues } from "./example.ts";
import { type StoredTemplate, type TemplateInput, templateOfStored, type WordingInput } from "./stored.ts";
import type { Wording } from "./template.ts";
import { knownVariables, unknownVariables } from "./variables.ts";

/** What every mail must carry, put below the marketer's own page. */
const foot = `<mj-section css-class="foot"><mj-column><mj-text font-size="13px" line-height="1.5" color="#5a6270">
<p>{{ why }}</p>
{% if unsubscribeUrl != "" %}<p><a href="{{ unsubscribeUrl }}" ses:no-track="" style="color:#5a6270">Unsubscribe</a> from these mails, or <a href="{{ preferencesUrl }}" ses:no-track="" style="color:#5a6270">choose what you get</a>.</p>
{% endif %}<p>{{ publicName }}, {{ postalAddress }}</p>
</mj-text></mj-column></mj-section>`;

/**
 * Checks what a marketer wrote and makes of it what mails are rendered from.
 *
 * @throws DomainError invalid_input that lists every error: MJML, Liquid, unknown variables, links, size.
 */
export async function compileTemplate(
  id: string,
  version: number,
  source: TemplateInput,
  now: Date,
): Promise<StoredTemplate> {
  const violations: Violation[] = [];
  const compiled = await compileWording(source, "", violations);
  const locales: Record<string, Wording> = {};
  for (const [tag, wording] of Object.entries(source.locales ?? {})) {
    const place = `/locales/${tag}`;
    if ((wording.mjml === undefined) !== (source.mjml === undefined)) {
      violations.push({
        pointer: place,
        message: "must be written as the template itself, MJML or HTML",
        code: "mixed",
      });
    }
    locales[tag] = await compileWording(wording, place, violations);
  }
  check(source.why, "/why", violations);
  requireItsSurvey(source, violations);
  const savedAt = now.toISOString();
  const template: StoredTemplate = { id, version, savedAt, source, compiled, ...(source.locales && { locales }) };
  if (violations.length === 0) checkRendered(template, violations);
  if (violations.length === 0) return template;
  const [first] = violations;
  throw new DomainError("invalid_input", `The template cannot be saved: ${first?.pointer} ${first?.message}`, {
    errors: violations,
  });
}

/** `survey` is of one survey: the template says which. */
function requireItsSurvey({ survey, locales, ...own }: TemplateInput, violations: Violation[]): void {
  const texts = [own, ...Object.values(locales ?? {})].flatMap(({ subject, preheader, mjml, html, text }) => [
    ...[subject, preheader, mjml, html, text],
  ]);
  if (survey !== undefined || !texts.some((text) => text !== undefined && /\bsurvey\./.test(text))) return;
  const message = "name the survey whose links the mail is to carry";
  violations.push({ pointer: "/survey", message, code: "missing_survey" });
}

async function compileWording(wording: WordingInput, place: string, violations: Violation[]): Promise<Wording> {
  const { subject, preheader } = wording;
  for (const part of ["subject", "preheader", "text"] as const)
    check(wording[part] ?? "", `${place}/${part}`, violations);
  const part = wording.mjml === undefined ? "html" : "mjml";
  const pointer = `${place}/${part}`;
  const given = wording.mjml ?? wording.html ?? "";
  check(given, pointer, violations);
  const html = wording.mjml === undefined ? given : await htmlOfMjml(wording.mjml, preheader, pointer, violations);
  for (const link of unsafeLinks(html, { template: true })) {
    const message = `the link "${link.slice(0, 80)}" does not begin with http:// or https://`;
    violations.push({ pointer, message, code: "unsafe_link" });
  }
  if (/<\s*(script|iframe|object|embed|form)\b/i.test(html)) {
    violations.push({ pointer, message: "mailboxes refuse scripts, frames and forms", code: "forbidden_element" });
  }
  return { subject, preheader, html, text: wording.text ?? textOf(html) };
}

async function htmlOfMjml(mjml: string, preheader: string, pointer: string, violations: Violation[]): Promise<string> {
  const fail = (message: string) => violations.push({ pointer, message, code: "mjml" });
  if (!/<\/mj-body>\s*<\/mjml>\s*$/.test(mjml)) {
    fail("must be one MJML document that ends with </mj-body></mjml>");
    return "";
  }
  const end = mjml.lastIndexOf("</mj-body>");
  const framed = withPreview(`${mjml.slice(0, end)}${foot}${mjml.slice(end)}`, preheader);
  try {
    const { html, errors } = await mjml2html(framed, { validationLevel: "soft", ignoreIncludes: true });
    for (const { line, message } of errors) {
      if (!message.includes("ses:no-track")) fail(`line ${line}: ${message}`);
    }
    return html;
  } catch (error) {
    fail(error instanceof Error ? error.message : "cannot be read");
    return "";
  }
}

/** The preheader of the template, unless the page brings a preview of its own. */
function withPreview(mjml: string, preheader: string): string {
  if (preheader === "" || mjml.includes("<mj-preview>")) return mjml;
  const preview = "<mj-preview>{{ preheader }}</mj-preview>";
  return mjml.includes("<mj-head>")
    ? mjml.replace("<mj-head>", `<mj-head>${preview}`)
    : mjml.replace(/<mjml[^>]*>/, (opening) => `${opening}<mj-head>${preview}</mj-head>`);
}

/** The text part: links behind their words, no pictures, nothing of the frame, which the text's own layout brings. */
export function textOf(html: string): string {
  return convert(html, {
    wordwrap: false,
    selectors: [
      { selector: "img", format: "skip" },
      { selector: ".foot", format: "skip" },
      { selector: 'div[style*="display:none"]', format: "skip" },
      { selector: "a", options: { hideLinkHrefIfSameAsText: true, linkBrackets: ["(", ")"] } },
      ...["h1", "h2", "h3"].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  }).trim();
}

function check(source: string, pointer: string, violations: Violation[]): void {
  try {
    for (const name of new Set(unknownVariables(source))) {
      const message = `no mail has the variable ${name}; there are: ${knownVariables.join(", ")}`;
      violations.push({ pointer, message, code: "unknown_variable" });
    }
  } catch (error) {
    violations.push({ pointer, message: error instanceof Error ? error.message : "not Liquid", code: "liquid" });
  }
}

/** What an example cannot foresee; a mail without it is skipped when its time comes. */
const openValue = /^missing value: (event|data|contact\.traits)\b/;

/** Renders with a value for every variable: what fails now would fail for everyone. */
function checkRendered(template: StoredTemplate, violations: Violation[]): void {
  for (const locale of [undefined, ...Object.keys(template.locales ?? {})]) {
    try {
      renderExample(template, locale);
    } catch (error) {
      if (error instanceof UnsendableError && openValue.test(error.message)) continue;
      const pointer = locale === undefined ? "" : `/locales/${locale}`;
      const message = error instanceof Error ? error.message : "cannot be rendered";
      violations.push({ pointer, message, code: /bytes/.test(message) ? "too_large" : "liquid" });
    }
  }
  const largest = Buffer.byteLength(template.compiled.html);
  if (largest > maximumHtmlBytes && violations.length === 0) {
    violations.push({ pointer: "", message: `the HTML has ${largest} bytes; mailboxes cut it`, code: "too_large" });
  }
}

function renderExample(template: StoredTemplate, locale: string | undefined): RenderedMail {
  return renderMail(templateOfStored(template), { ...exampleValues, locale }, exampleData);
}
