import * as z from "zod/mini";
import { languageSchema } from "../surveys/texts.ts";

/** `comment` is that of a survey, or of any other place. */
export const feedbackKinds = ["review", "mention", "suggestion", "comment"] as const;

const line = (most: number) =>
  z.string().check(z.trim(), z.minLength(1), z.maxLength(most), z.regex(/^[^\p{Cc}]+$/u, "one line"));

/** What a server tells that somebody said: a review, a mention in a social network, a suggestion of an employee. */
export const feedbackInputSchema = z.strictObject({
  kind: z.enum(feedbackKinds),
  /** Where it was said: `google`, `instagram`, `intranet`. */
  source: line(60),
  text: z.string().check(z.trim(), z.minLength(1), z.maxLength(10_000)),
  /** Stars. */
  rating: z.optional(z.number().check(z.gte(1), z.lte(5))),
  language: z.optional(languageSchema),
  url: z.optional(z.url({ protocol: /^https?$/ }).check(z.maxLength(500))),
  author: z.optional(line(100)),
  /** Whose it is, where that is known: a contact's id or address. It makes nobody a contact. */
  contactId: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact"))),
  email: z.optional(z.email().check(z.maxLength(254))),
  /** When it was said; without it, now. */
  occurredAt: z.optional(z.iso.datetime({ offset: true })),
});
export type FeedbackInput = z.output<typeof feedbackInputSchema>;

/** What of it is kept as it was told. */
export const saidShape = {
  feedbackKind: z.enum(feedbackKinds),
  source: z.string(),
  text: z.string(),
  rating: z.optional(z.number()),
  language: z.optional(z.string()),
  url: z.optional(z.string()),
  author: z.optional(z.string()),
  contactId: z.optional(z.string()),
};

export const feedbackPayloadSchema = z.object({ ...saidShape, email: z.optional(z.string()) });
export type FeedbackPayload = z.infer<typeof feedbackPayloadSchema>;
