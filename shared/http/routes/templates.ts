import * as z from "zod/mini";
import { templateIdSchema, templateInputSchema, templateViewSchema } from "../../email/templates/stored.ts";
import { defineRoutes } from "../route.ts";

const templates = { api: "staff", function: "templates", tag: "Mail", security: "jwt" } as const;
const id = z.object({ id: templateIdSchema });
const readers = ["admin", "manager", "marketer", "sales", "support"] as const;
const writers = ["admin", "marketer"] as const;
const contactId = z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact")));
/** A mail as it would look; or, with nulls for it, why it would be skipped. */
export const mailPreview = z.object({
  subject: z.nullable(z.string()),
  /** What the list of mails shows beside the subject. */
  preheader: z.nullable(z.string()),
  html: z.nullable(z.string()),
  text: z.nullable(z.string()),
  skipped: z.nullable(z.string()),
});
const occasion = z.strictObject({
  /** Whose values to fill in; without it, those of an example. */
  contactId,
  data: z.optional(z.record(z.string(), z.unknown())),
  locale: z.optional(z.string().check(z.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/))),
});

export const templateRoutes = defineRoutes([
  {
    ...templates,
    operationId: "listTemplates",
    method: "GET",
    path: "/v1/templates",
    scopes: ["rapport/read"],
    roles: readers,
    summary: "The mail templates there are, shipped and stored",
    responses: {
      200: {
        description: "All of them, by id.",
        schema: z.object({
          items: z.array(z.object({ id: z.string(), version: z.number(), origin: z.enum(["shipped", "stored"]) })),
          nextCursor: z.null(),
        }),
      },
    },
  },
  {
    ...templates,
    operationId: "getTemplate",
    method: "GET",
    path: "/v1/templates/{id}",
    scopes: ["rapport/read"],
    roles: readers,
    summary: "A mail template as it was written",
    params: id,
    responses: { 200: { description: "Its newest version, which is the ETag too.", schema: templateViewSchema } },
  },
  {
    ...templates,
    operationId: "putTemplate",
    method: "PUT",
    path: "/v1/templates/{id}",
    scopes: ["rapport/write"],
    roles: writers,
    summary: "Store a template's next version (`If-Match` with the stored one)",
    description:
      "MJML, or HTML for our own layout, with Liquid in it. An unknown variable, a link that is neither http nor https, " +
      "bad MJML or HTML above 102 KB is a 422 that says where. Footer, postal address and, for marketing, the links to " +
      "unsubscribe and to the preferences are added. A stored template takes the place of a shipped one of its id; " +
      "mails use a new version within 20 seconds.",
    params: id,
    body: templateInputSchema,
    responses: {
      200: { description: "The version that is stored now.", schema: templateViewSchema },
      201: { description: "The first version.", schema: templateViewSchema },
    },
  },
  {
    ...templates,
    operationId: "previewTemplate",
    method: "POST",
    path: "/v1/templates/{id}/preview",
    scopes: ["rapport/read"],
    roles: readers,
    summary: "A template as a contact would get it; sends nothing",
    params: id,
    body: occasion,
    responses: {
      200: {
        description: "The mail, or why it would not be sent.",
        schema: mailPreview,
      },
    },
  },
  {
    ...templates,
    operationId: "testTemplate",
    method: "POST",
    path: "/v1/templates/{id}/test-sends",
    scopes: ["rapport/write"],
    roles: writers,
    summary: "Send a template to a colleague or oneself, within a minute",
    description: "`to` is an address of the account's owners in the configuration; others get no test mail.",
    params: id,
    body: z.extend(occasion, { to: z.email() }),
    responses: { 202: { description: "It is on its way.", schema: z.object({ status: z.literal("accepted") }) } },
  },
]);
