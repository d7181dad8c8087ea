import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const staff = { api: "staff", function: "staff", tag: "Forms", security: "jwt" } as const;
const id = z.object({ id: z.string() });

export const formRoutes = defineRoutes([
  {
    ...staff,
    operationId: "getForm",
    method: "GET",
    path: "/v1/forms/{id}",
    scopes: ["rapport/read"],
    roles: ["admin", "manager", "marketer", "sales", "support"],
    summary: "A form's definition",
    params: id,
    responses: { 200: { description: "The form." } },
  },
  {
    ...staff,
    operationId: "putForm",
    method: "PUT",
    path: "/v1/forms/{id}",
    scopes: ["rapport/write"],
    roles: ["admin", "marketer"],
    summary: "Create a form, or change it (`If-Match` with its version)",
    params: id,
    responses: { 200: { description: "The form as it is now." }, 201: { description: "The new form." } },
  },
  {
    ...staff,
    operationId: "createApiKey",
    method: "POST",
    path: "/v1/api-keys",
    tag: "Access",
    scopes: ["rapport/admin"],
    roles: ["admin"],
    summary: "Make an API key for a shop or a server; its secret is shown this once",
    responses: { 201: { description: "The key." } },
  },
]);
