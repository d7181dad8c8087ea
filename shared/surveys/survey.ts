import * as z from "zod/mini";
import { languageSchema, type Texts, textsSchema } from "./texts.ts";

export const surveyKinds = ["csat", "nps", "questions"] as const;
export type SurveyKind = (typeof surveyKinds)[number];

/** What the scores of a kind range over: customer satisfaction 1 to 5, the Net Promoter question 0 to 10. */
export const scales = { csat: { from: 1, to: 5 }, nps: { from: 0, to: 10 } } as const;

/** Names of answers that every scored survey has, beside those of its questions. */
export const scoreId = "score";
export const commentId = "comment";
/** The answer of somebody to whom a scored question does not apply. */
export const notApplicable = "n/a";

export const surveyIdSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "small letters, digits and -, at most 40"));
const idSchema = z.string().check(
  z.regex(/^[a-z][a-z0-9-]{0,29}$/, "small letters, digits and -, a letter first, at most 30"),
  z.refine((id) => id !== scoreId && id !== commentId, "is taken by the survey's own score or comment"),
);

const questionSchema = z.discriminatedUnion("type", [
  z.strictObject({ id: idSchema, type: z.literal("text"), text: textsSchema }),
  z.strictObject({
    id: idSchema,
    type: z.literal("choice"),
    text: textsSchema,
    options: z.array(z.strictObject({ id: idSchema, text: textsSchema })).check(z.minLength(2), z.maxLength(20)),
  }),
]);
export type Question = z.output<typeof questionSchema>;

/** A survey as staff write it. Every text is given in `language`, and in others where there are translations. */
export const surveyInputSchema = z
  .strictObject({
    kind: z.enum(surveyKinds),
    /** What is shown to whom no other language fits. */
    language: z._default(languageSchema, "en"),
    title: textsSchema,
    /** What the score answers; of `csat` and `nps`. */
    question: z.optional(textsSchema),
    /** Asked on one page; after the score, where there is one. */
    questions: z._default(z.array(questionSchema).check(z.maxLength(10)), []),
    /** After it nobody answers any more. */
    closesAt: z.optional(z.iso.datetime()),
    /** How many days an invitation can be answered, and the answer changed. */
    openDays: z._default(z.int().check(z.gte(1), z.lte(365)), 30),
  })
  .check((context) => {
    for (const fault of faultsOf(context.value)) {
      context.issues.push({ code: "custom", ...fault, input: context.value });
    }
  });
export type SurveyInput = z.output<typeof surveyInputSchema>;

export const surveySchema = z.object({
  ...surveyInputSchema.shape,
  id: surveyIdSchema,
  version: z.number(),
  savedAt: z.nullable(z.string()),
  savedBy: z.nullable(z.string()),
});
export type Survey = z.output<typeof surveySchema>;

interface Fault {
  readonly path: (string | number)[];
  readonly message: string;
}

function faultsOf({ kind, language, title, question, questions }: SurveyInput): readonly Fault[] {
  const faults: Fault[] = [];
  const say = (path: Fault["path"], message: string) => void faults.push({ path, message });
  const requireLanguage = (texts: Texts | undefined, path: Fault["path"]) => {
    if (texts !== undefined && !(language in texts)) say(path, `is missing in ${language}, the survey's own language`);
  };
  const requireUnique = (ids: readonly string[], path: Fault["path"]) => {
    const again = ids.find((id, at) => ids.indexOf(id) !== at);
    if (again !== undefined) say(path, `has ${again} twice`);
  };
  if (kind === "questions" && question !== undefined) say(["question"], "is for csat and nps; use questions");
  if (kind !== "questions" && question === undefined) say(["question"], `a survey of the kind ${kind} asks one`);
  if (kind === "questions" && questions.length === 0) say(["questions"], "ask at least one");
  requireLanguage(title, ["title"]);
  requireLanguage(question, ["question"]);
  requireUnique(
    questions.map(({ id }) => id),
    ["questions"],
  );
  for (const [at, each] of questions.entries()) {
    requireLanguage(each.text, ["questions", at, "text"]);
    if (each.type !== "choice") continue;
    requireUnique(
      each.options.map(({ id }) => id),
      ["questions", at, "options"],
    );
    for (const [index, { text }] of each.options.entries()) {
      requireLanguage(text, ["questions", at, "options", index, "text"]);
    }
  }
  return faults;
}

/** Whether a survey takes answers at an instant. */
export function isOpen({ closesAt }: Pick<Survey, "closesAt">, now: Date): boolean {
  return closesAt === undefined || now.getTime() < Date.parse(closesAt);
}

/** The scores that can be given, lowest first; none for free questions. */
export function scoresOf({ kind }: Pick<Survey, "kind">): readonly number[] {
  if (kind === "questions") return [];
  const { from, to } = scales[kind];
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
