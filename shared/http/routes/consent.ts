import * as z from "zod/mini";
import { consentViewSchema, recordInputSchema } from "../../consent/consent-view.ts";
import { defineRoutes } from "../route.ts";
import { colleagues } from "./staff-access.ts";

const staff = {
  api: "staff",
  function: "staff",
  tag: "Contacts",
  security: "jwt",
  path: "/v1/contacts/{id}/consent",
} as const;
const params = z.object({ id: z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact")) });

export const consentRoutes = defineRoutes([
  {
    ...staff,
    operationId: "getConsent",
    method: "GET",
    scopes: ["rapport/read"],
    roles: colleagues,
    summary: "What a contact's address agreed to, by topic, and the acts that say so",
    params,
    responses: { 200: { description: "The consent; `never` for who was never asked.", schema: consentViewSchema } },
  },
  {
    ...staff,
    operationId: "recordConsent",
    method: "PUT",
    scopes: ["rapport/write"],
    roles: colleagues,
    summary: "Record a consent that was given on the phone or on paper, or a withdrawal",
    description:
      "A subscription needs its basis and evidence, and is refused (409) where somebody withdrew: only the person undoes " +
      "that, by a later act of their own. It stands on the timeline. The answer shows the consent as it will be in a moment.",
    params,
    body: recordInputSchema,
    responses: { 202: { description: "Recorded.", schema: consentViewSchema } },
  },
]);
