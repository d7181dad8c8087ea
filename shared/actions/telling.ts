import * as z from "zod/mini";
import type { MailMessageInput } from "../email/mail-message.ts";
import type { Feedback } from "../feedback/feedback.ts";
import { moodOf } from "../feedback/mood.ts";
import { type Theme, themeSchema, themesIn } from "../feedback/theme.ts";
import { html } from "../http/html.ts";
import { personOf } from "../kpis/entry.ts";

/** What people are told: a template, or a subject and a text. */
export const tellInputSchema = z.strictObject({
  templateId: z.optional(z.string().check(z.minLength(1), z.maxLength(60))),
  subject: z.optional(z.string().check(z.trim(), z.minLength(1), z.maxLength(150), z.regex(/^[^\r\n]+$/, "one line"))),
  text: z.optional(z.string().check(z.trim(), z.minLength(1), z.maxLength(10_000))),
  /** Counts who would be told, and tells nobody. */
  dryRun: z._default(z.boolean(), false),
});
export type TellInput = z.output<typeof tellInputSchema>;

/** As the report of themes: of more comments the newest are read. */
export const mostComments = 5_000;

const counts = {
  /** Comments about the theme in the period. */
  comments: z.number(),
  /** Of these, praise, which is not answered. */
  positive: z.number(),
  /** Of the others, those of nobody who is known. */
  anonymous: z.number(),
};

/** How far the telling of one action has come. It names nobody. */
export const tellingSchema = z.object({
  action: z.string(),
  mail: z.object({ templateId: z.optional(z.string()), subject: z.optional(z.string()), text: z.optional(z.string()) }),
  /** As it was when the telling began. */
  theme: themeSchema,
  from: z.string(),
  to: z.string(),
  state: z.enum(["telling", "told"]),
  /** Where the next page of comments begins. */
  cursor: z.nullable(z.string()),
  lookedAt: z.number(),
  truncated: z.boolean(),
  ...counts,
  /** One-way hashes, so that who said more is counted once. */
  people: z.array(z.string()),
  startedAt: z.string(),
  startedBy: z.string(),
  version: z.number(),
});
export type Telling = z.output<typeof tellingSchema>;

export interface Sorted {
  readonly comments: number;
  readonly positive: number;
  readonly anonymous: number;
  /** Who is to be told, each once. */
  readonly contactIds: readonly string[];
}

/** Sorts comments out: what is about the theme, and is no praise, is a complaint of somebody or of nobody known. */
export function sortOut(all: readonly Feedback[], theme: Theme): Sorted {
  const about = all.filter(({ text, language }) => themesIn(text, language, [theme]).length > 0);
  const complaints = about.filter(({ sentiment }) => moodOf(sentiment) !== "positive");
  const known = complaints.flatMap(({ contactId }) => contactId ?? []);
  return {
    comments: about.length,
    positive: about.length - complaints.length,
    anonymous: complaints.length - known.length,
    contactIds: [...new Set(known)],
  };
}

/** The telling after one page of comments. */
export function afterPage(
  telling: Telling,
  {
    lookedAt,
    sorted,
    nextCursor,
  }: { readonly lookedAt: number; readonly sorted: Sorted; readonly nextCursor: string | null },
): Telling {
  const looked = telling.lookedAt + lookedAt;
  const truncated = nextCursor !== null && looked >= mostComments;
  const ended = nextCursor === null || truncated;
  return {
    ...telling,
    state: ended ? "told" : "telling",
    cursor: nextCursor,
    lookedAt: looked,
    truncated,
    comments: telling.comments + sorted.comments,
    positive: telling.positive + sorted.positive,
    anonymous: telling.anonymous + sorted.anonymous,
    people: [...new Set([...telling.people, ...sorted.contactIds.map((id) => personOf(id).slice(0, 8))])],
    version: telling.version + 1,
  };
}

/** The mail to one person. Its key makes it one for each person and action, whatever is repeated. */
export function mailTo(contactId: string, { action, mail, theme, startedAt }: Telling): MailMessageInput {
  const { templateId, subject = "", text = "" } = mail;
  const kind =
    templateId === undefined
      ? { content: { subject, text, html: plainHtml(subject, text), images: [] } }
      : { templateId, data: { theme: theme.title } };
  const about = { owner: { contactId }, messageKey: `told-${action}`, requestedAt: startedAt, correlationId: action };
  return { ...about, ...kind };
}

function plainHtml(subject: string, text: string): string {
  return html`<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${subject}</title></head>
<body style="margin:0;padding:20px 16px;background:#ffffff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto;white-space:pre-line">${text}</div></body></html>`.toString();
}
