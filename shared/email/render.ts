import { Liquid, type Template as Parsed, UndefinedVariableError } from "liquidjs";
import type { SurveyMail } from "../surveys/survey-mail.ts";
import { cleanData, cleanLine } from "./clean-text.ts";
import { unsafeLinks } from "./links.ts";
import { goodsOf, present, productsOf } from "./templates/goods.ts";
import { htmlLayout, textLayout } from "./templates/layout.ts";
import { type Template, wordingFor } from "./templates/template.ts";

/** The parts of a mail that a person sees. */
export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** A template's mail, with what the list of mails shows beside the subject. */
export interface TemplateMail extends RenderedMail {
  readonly preheader: string;
}

/** A mail that is not sent rather than sent with a hole; the reason goes into the ledger and names no person's data. */
export class UnsendableError extends Error {
  override readonly name = "UnsendableError";
}

/** What any template can merge beside its own data. An address of "" leaves its link out. */
export interface MergeValues {
  /** "" when it is unknown or unfit to be printed. */
  readonly firstName: string;
  /** What else is known of the contact, and fit to be printed. */
  readonly contact?: Readonly<Record<string, unknown>> | undefined;
  /** Chooses among a template's wordings, and how amounts are written. */
  readonly locale?: string | undefined;
  readonly publicName: string;
  readonly postalAddress: string;
  readonly unsubscribeUrl: string;
  readonly preferencesUrl: string;
  readonly confirmUrl: string;
  /** Of a template that names a survey. */
  readonly survey?: SurveyMail | undefined;
}

/** Gmail cuts a longer mail, and with it the link to unsubscribe. */
export const maximumHtmlBytes = 102 * 1024;

/**
 * `templates: {}` leaves Liquid no file to include; the limits end what would run for ever. Without a locale it would ask
 * `Intl` for the machine's, 12 ms of each start.
 */
const strict = {
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  lenientIf: true,
  cache: false,
  templates: {},
  locale: "en-US",
  parseLimit: 500_000,
  renderLimit: 2_000,
  memoryLimit: 20_000_000,
} as const;
const htmlEngine = new Liquid({ ...strict, outputEscape: "escape" });
const textEngine = new Liquid(strict);

const keptTexts = 500;
const parsedHtml = new Map<string, Parsed[]>();
const parsedText = new Map<string, Parsed[]>();

/**
 * Renders a template. Values are cleaned of control characters and, in HTML, escaped.
 *
 * @throws UnsendableError when a template uses a value that is not there, a link is neither http nor https, or the
 * HTML exceeds 102 KB.
 */
export function renderMail(
  template: Template,
  values: MergeValues,
  data: Readonly<Record<string, unknown>>,
): TemplateMail {
  const wording = wordingFor(template, values.locale);
  const scope = scopeOf(template, values, data);
  try {
    const subject = cleanLine(text(wording.subject, scope));
    if (subject === "") throw new UnsendableError("empty subject");
    const preheader = text(wording.preheader, scope);
    const frame = { ...scope, subject, preheader, why: text(template.why, scope) };
    const body = html(wording.html, template.frame === "own" ? frame : scope);
    const mail = checkedSize({
      subject,
      preheader,
      html: template.frame === "own" ? body : html(htmlLayout, { ...frame, body }),
      text: text(textLayout, { ...frame, body: text(wording.text, scope) }),
    });
    if (unsafeLinks(mail.html).length > 0) throw new UnsendableError("unsafe link");
    return mail;
  } catch (error) {
    if (error instanceof UndefinedVariableError) throw missingValue(error);
    throw error;
  }
}

/** Liquid's message names the variable, never a value. */
function missingValue(error: UndefinedVariableError): UnsendableError {
  const name = /undefined variable: ([\w.[\]-]+)/.exec(error.message)?.[1] ?? "unknown";
  return new UnsendableError(`missing value: ${name}`, { cause: error });
}

/**
 * The same mail, unless its HTML is too large.
 *
 * @throws UnsendableError when it is.
 */
export function checkedSize<Mail extends Pick<RenderedMail, "html">>(mail: Mail): Mail {
  const bytes = Buffer.byteLength(mail.html);
  if (bytes > maximumHtmlBytes) {
    throw new UnsendableError(`The HTML has ${bytes} bytes; mailboxes cut it after 102 KB.`);
  }
  return mail;
}

/** Our own values stand last, so that a request's data cannot replace a link. */
function scopeOf(template: Template, values: MergeValues, data: Readonly<Record<string, unknown>>): object {
  const { firstName, contact, locale = "en-US", survey, ...own } = values;
  const postalAddress = cleanLine(values.postalAddress);
  const cleaned = cleanData({
    ...template.defaults,
    ...data,
    data,
    ...present({
      cart: goodsOf(data.cart, locale),
      order: goodsOf(data.order, locale),
      recommendations: productsOf(data.recommendations, locale),
    }),
    contact: present({ ...contact, firstName }),
    ...own,
    unsubscribe_url: values.unsubscribeUrl,
    ...(template.survey !== undefined && { survey }),
    postalAddress,
    account: { name: values.publicName, postalAddress },
  });
  return cleaned !== null && typeof cleaned === "object" ? cleaned : {};
}

function html(source: string, scope: object): string {
  return String(htmlEngine.renderSync(parse(htmlEngine, parsedHtml, source), scope));
}

function text(source: string, scope: object): string {
  return String(textEngine.renderSync(parse(textEngine, parsedText, source), scope));
}

/** Templates are few: each is parsed once per process, and forgotten when very many have come. */
function parse(engine: Liquid, parsed: Map<string, Parsed[]>, source: string): Parsed[] {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  if (parsed.size >= keptTexts) parsed.clear();
  const fresh = engine.parse(source);
  parsed.set(source, fresh);
  return fresh;
}
