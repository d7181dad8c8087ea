import * as z from "zod/mini";
import { answersSchema } from "../../surveys/answers.ts";
import { surveyIdSchema, surveyInputSchema, surveySchema } from "../../surveys/survey.ts";
import { languageSchema } from "../../surveys/texts.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "Surveys", method: "GET" } as const;
const writes = { ...marketerWrites, roles: ["admin", "manager", "marketer"], tag: "Surveys" } as const;
const one = z.object({ id: surveyIdSchema });
const month = z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/, "a month such as 2026-11"));
const count = z.number();
const link = z.object({ score: z.number(), url: z.string() });

export const surveyRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listSurveys",
    path: "/v1/surveys",
    summary: "The surveys there are, shipped and stored",
    responses: {
      200: {
        description: "All of them, by id; a shipped one has version 0.",
        schema: z.object({
          items: z.array(z.object({ id: z.string(), version: count, origin: z.enum(["shipped", "stored"]) })),
          nextCursor: z.null(),
        }),
      },
    },
  },
  {
    ...reads,
    operationId: "getSurvey",
    path: "/v1/surveys/{id}",
    summary: "A survey as it is asked now",
    params: one,
    responses: { 200: { description: "Its newest version, which is the ETag too.", schema: surveySchema } },
  },
  {
    ...writes,
    operationId: "putSurvey",
    method: "PUT",
    path: "/v1/surveys/{id}",
    summary: "Store a survey's next version (`If-Match` with the stored one)",
    description:
      "`csat` asks for 1 to 5, `nps` for 0 to 10, `questions` asks up to ten questions. Every text is given in the survey's " +
      "`language`, and in others where there are translations. A survey keeps its kind, since its answers have it.",
    params: one,
    body: surveyInputSchema,
    responses: {
      200: { description: "The version that is stored now.", schema: surveySchema },
      201: { description: "The first version.", schema: surveySchema },
    },
  },
  {
    ...writes,
    roles: ["admin", "manager", "marketer", "sales", "support"],
    operationId: "inviteToSurvey",
    method: "POST",
    path: "/v1/surveys/{id}/invitations",
    summary: "Make a link by which a contact, or without `contactId` anybody, answers",
    description:
      "Nothing is sent. Each invitation takes one answer, which can be changed until it closes; an open link takes one of " +
      "each browser page. The same `Idempotency-Key` gives the same invitation.",
    params: one,
    headers: z.object({ "idempotency-key": z.optional(z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/))) }),
    body: z.strictObject({
      contactId: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact"))),
      language: z.optional(languageSchema),
      /** Where the link is put, as KPIs slice answers: `chat`, `receipt`. */
      channel: z._default(z.string().check(z.regex(/^[a-z][a-z0-9-]{0,29}$/, "small letters, digits and -")), "link"),
    }),
    responses: {
      201: {
        description: "The page, and one link for each score.",
        schema: z.object({
          invitationId: z.string(),
          url: z.string(),
          links: z.array(link),
          expiresAt: z.iso.datetime(),
        }),
      },
    },
  },
  {
    ...reads,
    operationId: "getSurveyResults",
    path: "/v1/surveys/{id}/results",
    summary: "What the answers to a survey's latest invitations say",
    description: "Counts the answers to the invitations of the last months, the running one included; 5,000 at most.",
    params: one,
    query: z.strictObject({
      months: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(12)), 3),
    }),
    responses: {
      200: {
        description: "The counts. Blank and not applicable are not among the answered.",
        schema: z.object({
          survey: z.string(),
          kind: z.string(),
          from: month,
          to: month,
          /** More answers came than were counted. */
          truncated: z.boolean(),
          respondents: count,
          answered: count,
          blank: count,
          notApplicable: count,
          comments: count,
          /** CSAT from 0 to 1, NPS from −100 to 100. */
          value: z.nullable(z.number()),
          mean: z.nullable(z.number()),
          scores: z.array(z.object({ score: count, count })),
          choices: z.array(
            z.object({ question: z.string(), options: z.array(z.object({ option: z.string(), count })) }),
          ),
        }),
      },
    },
  },
  {
    ...reads,
    operationId: "listSurveyAnswers",
    path: "/v1/surveys/{id}/answers",
    summary: "The answers to a month's invitations, one by one",
    params: one,
    query: z.strictObject({
      month,
      limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string()),
    }),
    responses: {
      200: {
        description: "A page, in no order that says anything.",
        schema: z.object({
          items: z.array(
            z.object({
              invitationId: z.string(),
              contactId: z.nullable(z.string()),
              channel: z.string(),
              language: z.nullable(z.string()),
              invitedAt: z.string(),
              answeredAt: z.string(),
              answers: answersSchema,
            }),
          ),
          nextCursor: z.nullable(z.string()),
        }),
      },
    },
  },
]);
