import * as z from "zod/mini";
import { contactDetailSchema, contactViewSchema, eventViewSchema } from "../../contacts/contact-view.ts";
import { defineRoutes } from "../route.ts";
import { colleagues } from "./staff-access.ts";

const staff = { api: "staff", function: "staff", tag: "Contacts", security: "jwt", scopes: ["rapport/read"] } as const;
const id = z.object({ id: z.string().check(z.regex(/^[\w-]{1,64}$/, "not the id of a contact")) });
const page = {
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 25),
  cursor: z.optional(z.string().check(z.maxLength(500))),
};
const listOf = <Item extends z.ZodMiniType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.nullable(z.string()) });

export const contactRoutes = defineRoutes([
  {
    ...staff,
    roles: colleagues,
    operationId: "listContacts",
    method: "GET",
    path: "/v1/contacts",
    summary: "Contacts by recent activity, or the one with an e-mail address",
    description:
      "Ordered by the hour of the last submission or order, newest first. With `email`, a list of one, or none.",
    query: z.strictObject({ ...page, email: z.optional(z.string().check(z.maxLength(320))) }),
    responses: { 200: { description: "A page of contacts.", schema: listOf(contactViewSchema) } },
  },
  {
    ...staff,
    roles: colleagues,
    operationId: "getContact",
    method: "GET",
    path: "/v1/contacts/{id}",
    summary: "One contact",
    description:
      "With what is to be expected of a customer over 12 months (`prediction`; null of who has not bought), by models fitted nightly.",
    params: id,
    responses: { 200: { description: "The contact.", schema: contactDetailSchema } },
  },
  {
    ...staff,
    roles: colleagues,
    operationId: "getTimeline",
    method: "GET",
    path: "/v1/contacts/{id}/timeline",
    summary: "Everything that happened with a contact, newest first",
    params: id,
    query: z.strictObject(page),
    responses: { 200: { description: "A page of events.", schema: listOf(eventViewSchema) } },
  },
]);
