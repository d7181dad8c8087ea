import type { Stream } from "../ledger.ts";

/** A mail as data. Texts are Liquid; the bodies come into the shared layout. */
export interface Template {
  readonly id: string;
  /** Goes up with every change of wording, so that the ledger tells which text was sent. */
  readonly version: number;
  readonly stream: Stream;
  /** It asks to confirm a subscription: it is given `confirmUrl`, and not sent when nothing is to be confirmed. */
  readonly asksForConsent: boolean;
  readonly subject: string;
  /** What the list of mails shows beside the subject. */
  readonly preheader: string;
  readonly html: string;
  readonly text: string;
  /** Says why the reader gets the mail; stands above the postal address. */
  readonly why: string;
  /** Values for what a request may leave out of `data`. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** "Hello Ann," or, without a name that can be used, "Hello,". */
export const greeting = '{% if firstName != "" %}Hello {{ firstName }},{% else %}Hello,{% endif %}';

/** A button that also works where styles and images do not; the link is not rewritten for click counts. */
export function button(url: string, label: string): string {
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0"><tr><td style="border-radius:6px;background-color:#1a5fb4"><a href="${url}" ses:no-track style="display:inline-block;padding:14px 28px;border:1px solid #1a5fb4;border-radius:6px;color:#ffffff;font-weight:bold;text-decoration:none">${label}</a></td></tr></table>`;
}
