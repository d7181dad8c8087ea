import * as z from "zod/mini";
import { topicIdSchema } from "../consent/topics.ts";

const line = (longest: number) =>
  z.string().check(z.trim(), z.minLength(1), z.maxLength(longest), z.regex(/^\P{Cc}*$/u, "has control characters"));

const fieldTypes = [
  "text",
  "email",
  "tel",
  "textarea",
  "select",
  "checkbox",
  "number",
  "date",
  "url",
  "hidden",
] as const;

/** Names that a post uses beside a form's own fields. Those that begin with `_` or `utm_` are ours too. */
const takenNames = ["marketing", "page", "constructor", "prototype"];

/** One question of a form. There are no patterns: a regular expression from outside can stall whoever runs it. */
export const fieldSchema = z.strictObject({
  name: z.string().check(
    z.regex(
      /^[a-z][A-Za-z0-9_]{0,39}$/,
      "a name begins with a small letter and has letters, digits and _ (40 at most)",
    ),
    z.refine((name) => !takenNames.includes(name) && !name.startsWith("utm_"), "this name has a meaning of its own"),
  ),
  label: line(200),
  type: z.enum(fieldTypes),
  required: z._default(z.boolean(), false),
  /** In characters. Without it: 5,000 for a textarea, 200 for anything else. */
  maxLength: z.optional(z.int().check(z.gte(1), z.lte(20_000))),
  /** What a select offers. */
  options: z.optional(z.array(line(200)).check(z.minLength(1), z.maxLength(300))),
  /** The `autocomplete` token of HTML; without it the browser guesses by the name. */
  autocomplete: z.optional(z.string().check(z.regex(/^[a-z0-9 -]{1,60}$/, "an autocomplete token of HTML"))),
});
export type Field = z.output<typeof fieldSchema>;

const marketingSchema = z.strictObject({
  /** What the box says, word for word: this is what is kept as proof. */
  text: line(1_000),
  /** Your own name for this wording. Change it whenever the text changes. */
  version: line(40),
  doubleOptIn: z._default(z.boolean(), true),
  /** What the box is about, by the topics of the account; without it: all marketing. */
  topics: z.optional(z.array(topicIdSchema).check(z.minLength(1), z.maxLength(20))),
});

const origin = z
  .string()
  .check(z.refine((text) => text === "*" || isOrigin(text), "an origin such as https://www.example.com, or *"));

/** What a person writes to make a form. */
export const formDefinitionSchema = z
  .strictObject({
    title: line(200),
    /** BCP 47, for the hosted page. */
    language: z._default(
      z.string().check(z.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "a language tag such as en")),
      "en",
    ),
    fields: z.array(fieldSchema).check(z.minLength(1), z.maxLength(50)),
    /** The marketing box. Without it the form asks no consent. */
    marketing: z.optional(marketingSchema),
    /** Sites whose browsers may post. The hosted page always may, and so may servers. */
    origins: z._default(z.array(origin).check(z.maxLength(50)), []),
    /** Where an HTML post is sent on to; without it, the built-in page. */
    thankYouUrl: z.optional(z.url({ protocol: /^https?$/ }).check(z.maxLength(1_000))),
    submitLabel: z._default(line(60), "Send"),
    /** Faster than a person fills it in: 0 switches the check off. */
    minimumFillSeconds: z._default(z.number().check(z.gte(0), z.lte(60)), 2),
    /** Per sender's address. */
    rateLimit: z._default(
      z.strictObject({
        submissions: z.int().check(z.gte(1), z.lte(100_000)),
        perSeconds: z.int().check(z.gte(10), z.lte(86_400)),
      }),
      { submissions: 20, perSeconds: 600 },
    ),
  })
  .check((context) => {
    for (const { path, message } of contradictionsOf(context.value.fields)) {
      context.issues.push({ code: "custom", path, message, input: context.value.fields });
    }
  });
export type FormDefinition = z.output<typeof formDefinitionSchema>;

/** A form as it stands: its definition, its id and its version, which grows by one with each change. */
export interface Form extends FormDefinition {
  readonly id: string;
  readonly version: number;
}

/** A form's id: small letters, digits and hyphens. */
export const formIdSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "small letters, digits and hyphens (63 at most)"));

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

function contradictionsOf(fields: readonly Field[]): Contradiction[] {
  const found: Contradiction[] = [];
  const say = (path: (string | number)[], message: string) => found.push({ path: ["fields", ...path], message });
  const emails = fields.filter((field) => field.type === "email");
  if (emails.length !== 1 || emails[0]?.name !== "email" || !emails[0].required) {
    say([], "a form has exactly one field of type email; it is named email and is required");
  }
  fields.forEach((field, at) => {
    if (fields.findIndex((other) => other.name === field.name) < at) say([at, "name"], "another field has this name");
    if ((field.type === "select") !== (field.options !== undefined))
      say([at, "options"], "a select has options, nothing else has");
    if (new Set(field.options).size !== (field.options?.length ?? 0)) say([at, "options"], "an option is there twice");
    if (field.type === "hidden" && field.required) say([at, "required"], "nobody can fill in a hidden field");
  });
  return found;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}
