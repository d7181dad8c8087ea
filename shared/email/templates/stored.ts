import * as z from "zod/mini";
import { topicIdSchema } from "../../consent/topics.ts";
import { surveyIdSchema } from "../../surveys/survey.ts";
import { streams } from "../ledger.ts";
import { priorities, type Template } from "./template.ts";

/** Ids stand in journeys, in the ledger and in keys. */
export const templateIdSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "small letters, digits and -, at most 40"));

const line = z.string().check(z.minLength(1), z.maxLength(200));
const source = z.string().check(z.minLength(1), z.maxLength(200_000));

const wording = {
  subject: line,
  /** What the list of mails shows beside the subject. */
  preheader: z._default(z.string().check(z.maxLength(200)), ""),
  /** A whole MJML document; or `html`. */
  mjml: z.optional(source),
  /** What comes into our own layout; or `mjml`. */
  html: z.optional(source),
  /** Without it, the text is made from the HTML. */
  text: z.optional(source),
};
const oneBody = z.refine<{ mjml?: string | undefined; html?: string | undefined }>(
  ({ mjml, html }) => (mjml === undefined) !== (html === undefined),
  "give either mjml or html",
);
const wordingSchema = z.strictObject(wording).check(oneBody);
export type WordingInput = z.output<typeof wordingSchema>;

/** A template as a marketer writes it. */
export const templateInputSchema = z
  .strictObject({
    name: line,
    stream: z.enum(streams),
    /** What a marketing mail is about: it goes only to who wants the topic. */
    topic: z.optional(topicIdSchema),
    /** The survey whose answer links the mail carries, as `survey`. */
    survey: z.optional(surveyIdSchema),
    priority: z._default(z.enum(priorities), "broadcast"),
    ...wording,
    /** Why the reader gets the mail; stands above the postal address. */
    why: z._default(line, "You get this mail because you are in contact with {{ publicName }}."),
    locales: z.optional(z.record(z.string().check(z.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)), wordingSchema)),
  })
  .check(
    oneBody,
    z.refine(({ stream, topic }) => topic === undefined || stream === "marketing", {
      path: ["topic"],
      error: "only marketing has a topic",
    }),
  );
export type TemplateInput = z.output<typeof templateInputSchema>;

const compiledSchema = z.object({ subject: z.string(), preheader: z.string(), html: z.string(), text: z.string() });

/** A version of a template as the table keeps it: what was written, and what was made of it. Never changed. */
export const storedTemplateSchema = z.object({
  id: templateIdSchema,
  version: z.number(),
  savedAt: z.string(),
  source: templateInputSchema,
  compiled: compiledSchema,
  locales: z.optional(z.record(z.string(), compiledSchema)),
});
export type StoredTemplate = z.output<typeof storedTemplateSchema>;

/** The template that mails are rendered from. Every wording has the frame of the first. */
export function templateOfStored({ id, version, source, compiled, locales }: StoredTemplate): Template {
  const { stream, topic, priority, survey, why, mjml } = source;
  return {
    id,
    version,
    stream,
    topic,
    priority,
    why,
    asksForConsent: false,
    survey,
    ...compiled,
    defaults: {},
    locales,
    ...(mjml !== undefined && { frame: "own" as const }),
  };
}

/** What the API shows of a template. */
export const templateViewSchema = z.object({
  id: z.string(),
  version: z.number(),
  /** `shipped`: comes with Rapport, until a stored one of the same id takes its place. */
  origin: z.enum(["shipped", "stored"]),
  savedAt: z.nullable(z.string()),
  htmlBytes: z.number(),
  ...templateInputSchema.shape,
});

export function viewOfStored({ id, version, savedAt, source, compiled }: StoredTemplate) {
  return { id, version, origin: "stored" as const, savedAt, htmlBytes: Buffer.byteLength(compiled.html), ...source };
}

/** A shipped template as if a marketer had written it, so that it can be changed and stored. */
export function viewOfShipped(template: Template) {
  const { id, version, stream, topic, priority = "broadcast", survey, subject, preheader, html, text, why } = template;
  const source = {
    name: id,
    stream,
    ...(topic !== undefined && { topic }),
    priority,
    ...(survey !== undefined && { survey }),
    subject,
    preheader,
    html,
    text,
    why,
  };
  return { id, version, origin: "shipped" as const, savedAt: null, htmlBytes: Buffer.byteLength(html), ...source };
}
