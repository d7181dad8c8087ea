import type { Stream } from "../ledger.ts";

/** A mail as data. Texts are Liquid; the bodies come into the shared layout. */
export interface Template {
  readonly id: string;
  /** What a marketing mail is about, as consents name it; without one it goes to whoever wants any marketing. */
  readonly topic?: string | undefined;
  /** Goes up with every change of wording, so that the ledger tells which text was sent. */
  readonly version: number;
  readonly stream: Stream;
  /** It asks to confirm a subscription: it is given `confirmUrl`, and not sent when nothing is to be confirmed. */
  readonly asksForConsent: boolean;
  /** The survey whose signed answer links the mail carries, as `survey`. */
  readonly survey?: string | undefined;
  readonly subject: string;
  /** What the list of mails shows beside the subject. */
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
  /** Says why the reader gets the mail; stands above the postal address. */
  readonly why: string;
  /** Values for what a request may leave out of `data`. */
  readonly defaults: Readonly<Record<string, string>>;
  /** `own` when the HTML is a whole page already, as MJML makes it; without it the shared layout is put around it. */
  readonly frame?: "own" | undefined;
  /** Who goes first when a contact may get one more mail only; `broadcast` without it. */
  readonly priority?: Priority | undefined;
  /** It answers what the reader did a moment ago, so quiet hours do not hold it back. */
  readonly atOnce?: true | undefined;
  /** Other wordings by language tag, for contacts whose locale is known. */
  readonly locales?: Readonly<Record<string, Wording>> | undefined;
}

/** What differs between the languages of a template. */
export type Wording = Pick<Template, "subject" | "preheader" | "html" | "text">;

/** First come first. */
export const priorities = ["cart", "welcome", "win-back", "broadcast"] as const;
export type Priority = (typeof priorities)[number];

/** The wording for a locale: the same tag, else the same language, else the template's own. */
export function wordingFor(template: Template, locale: string | undefined): Wording {
  const { locales = {} } = template;
  const wanted = locale?.toLowerCase().replace("_", "-");
  if (wanted === undefined) return template;
  const language = wanted.split("-")[0];
  const entries = Object.entries(locales).map(([tag, wording]) => [tag.toLowerCase(), wording] as const);
  const found = entries.find(([tag]) => tag === wanted) ?? entries.find(([tag]) => tag.split("-")[0] === language);
  return found?.[1] ?? template;
}

/** Whether any wording of a template names a variable. */
export function mentions(template: Template, variable: string): boolean {
  const wordings = [template, ...Object.values(template.locales ?? {})];
  return wordings.some(({ subject, html, text }) => [subject, html, text].some((source) => source.includes(variable)));
}

/** "Hello Ann," or, without a name that can be used, "Hello,". */
export const greeting = "{% if contact.firstName %}Hello {{ contact.firstName }},{% else %}Hello,{% endif %}";

export function paragraph(content: string): string {
  return `<p style="margin:0 0 16px">${content}</p>`;
}

/** A button to a page of the shop, whose clicks count. */
export function linkButton(url: string, label: string): string {
  return button(url, label).replace(" ses:no-track", "");
}

/** A button that also works where styles and images do not; the link is not rewritten for click counts. */
export function button(url: string, label: string): string {
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0"><tr><td style="border-radius:6px;background-color:#1a5fb4"><a href="${url}" ses:no-track style="display:inline-block;padding:14px 28px;border:1px solid #1a5fb4;border-radius:6px;color:#ffffff;font-weight:bold;text-decoration:none">${label}</a></td></tr></table>`;
}
