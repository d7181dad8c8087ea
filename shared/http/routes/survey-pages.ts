import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const page = {
  api: "public",
  function: "pages",
  tag: "Surveys",
  scopes: [],
  roles: [],
  security: "token",
  path: "/s/{token}",
  params: z.object({ token: z.string() }),
} as const;
const html = { description: "A page.", mediaType: "text/html" } as const;

export const surveyPageRoutes = defineRoutes([
  {
    ...page,
    operationId: "showSurvey",
    method: "GET",
    summary: "The survey of an invitation, with the tapped score chosen; records nothing",
    query: z.object({ score: z.optional(z.string()) }),
    responses: { 200: html, 410: { description: "The survey or the invitation is closed.", mediaType: "text/html" } },
  },
  {
    ...page,
    operationId: "answerSurvey",
    method: "POST",
    summary: "Answer, or change the answer (`score`, `comment`, or the ids of questions)",
    mediaTypes: ["application/x-www-form-urlencoded"],
    responses: { 200: html, 410: { description: "The survey or the invitation is closed.", mediaType: "text/html" } },
  },
]);
