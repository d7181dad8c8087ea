import * as z from "zod/mini";
import { apiKeyReplySchema, apiKeyRequestSchema } from "../../access/api-key.ts";
import { formDefinitionSchema, formIdSchema } from "../../forms/form.ts";
import { defineRoutes } from "../route.ts";
import { colleagues } from "./staff-access.ts";

const forms = { api: "staff", function: "staff", tag: "Forms", security: "jwt" } as const;
const id = z.object({ id: formIdSchema });
const form = z.extend(formDefinitionSchema, { id: formIdSchema, version: z.number() });

export const formRoutes = defineRoutes([
  {
    ...forms,
    operationId: "getForm",
    method: "GET",
    path: "/v1/forms/{id}",
    scopes: ["rapport/read"],
    roles: colleagues,
    summary: "A form's definition",
    params: id,
    responses: { 200: { description: "The form; its version is the ETag too.", schema: form } },
  },
  {
    ...forms,
    operationId: "putForm",
    method: "PUT",
    path: "/v1/forms/{id}",
    scopes: ["rapport/write"],
    roles: ["admin", "marketer"],
    summary: "Create a form, or change it (`If-Match` with its version)",
    description:
      "Without `If-Match` the form must be new (409 otherwise). With it, the form must still have that version (409 " +
      "tells the current one). The whole definition is replaced. Posts are judged by it within a minute.",
    params: id,
    body: formDefinitionSchema,
    responses: {
      200: { description: "The form as it is now.", schema: form },
      201: { description: "The new form.", schema: form },
    },
  },
]);

export const apiKeyRoutes = defineRoutes([
  {
    api: "staff",
    function: "staff",
    security: "jwt",
    operationId: "createApiKey",
    method: "POST",
    path: "/v1/api-keys",
    tag: "Access",
    scopes: ["rapport/admin"],
    roles: ["admin"],
    summary: "Make an API key for a shop or a server; its secret is shown this once",
    body: apiKeyRequestSchema,
    responses: { 201: { description: "The key.", schema: apiKeyReplySchema } },
  },
]);
