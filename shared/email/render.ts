import { Liquid, type Template as Parsed } from "liquidjs";
import { cleanData, cleanLine } from "./clean-text.ts";
import { htmlLayout, textLayout } from "./templates/layout.ts";
import type { Template } from "./templates/template.ts";

/** The parts of a mail that a person sees. */
export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What any template can merge beside its own data. An address of "" leaves its link out. */
export interface MergeValues {
  readonly firstName: string;
  readonly publicName: string;
  readonly postalAddress: string;
  readonly unsubscribeUrl: string;
  readonly confirmUrl: string;
}

/** Gmail cuts a longer mail, and with it the link to unsubscribe. */
const maximumHtmlBytes = 102 * 1024;

const strict = { strictVariables: true, strictFilters: true, ownPropertyOnly: true, cache: false } as const;
const htmlEngine = new Liquid({ ...strict, outputEscape: "escape" });
const textEngine = new Liquid(strict);

const parsedHtml = new Map<string, Parsed[]>();
const parsedText = new Map<string, Parsed[]>();

/**
 * Renders a template. Values are cleaned of control characters and, in HTML, escaped.
 *
 * @throws Error when a template uses a value that it was not given, or when the HTML exceeds 102 KB.
 */
export function renderMail(
  template: Template,
  values: MergeValues,
  data: Readonly<Record<string, unknown>>,
): RenderedMail {
  const scope = scopeOf(template, values, data);
  const subject = cleanLine(text(template.subject, scope));
  const frame = { ...scope, subject, preheader: text(template.preheader, scope), why: text(template.why, scope) };
  return checkedSize({
    subject,
    html: html(htmlLayout, { ...frame, body: html(template.html, scope) }),
    text: text(textLayout, { ...frame, body: text(template.text, scope) }),
  });
}

/**
 * The same mail, unless its HTML is too large.
 *
 * @throws Error when it is.
 */
export function checkedSize<Mail extends Pick<RenderedMail, "html">>(mail: Mail): Mail {
  const bytes = Buffer.byteLength(mail.html);
  if (bytes > maximumHtmlBytes) throw new Error(`The HTML has ${bytes} bytes; mailboxes cut it after 102 KB.`);
  return mail;
}

/** Our own values stand last, so that a request's data cannot replace a link. */
function scopeOf(template: Template, values: MergeValues, data: Readonly<Record<string, unknown>>): object {
  const cleaned = cleanData({
    ...template.defaults,
    ...data,
    ...values,
    postalAddress: cleanLine(values.postalAddress),
  });
  return cleaned !== null && typeof cleaned === "object" ? cleaned : {};
}

function html(source: string, scope: object): string {
  return String(htmlEngine.renderSync(parse(htmlEngine, parsedHtml, source), scope));
}

function text(source: string, scope: object): string {
  return String(textEngine.renderSync(parse(textEngine, parsedText, source), scope));
}

/** Our templates are few and constant: each is parsed once per process. */
function parse(engine: Liquid, parsed: Map<string, Parsed[]>, source: string): Parsed[] {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const fresh = engine.parse(source);
  parsed.set(source, fresh);
  return fresh;
}
