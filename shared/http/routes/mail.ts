import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";
import { colleagues } from "./staff-access.ts";

const staff = { api: "staff", function: "staff", tag: "Mail", security: "jwt" } as const;
const email = z.object({ email: z.string().check(z.maxLength(320)) });
const suppression = z.object({
  email: z.string(),
  suppressed: z.boolean(),
  reason: z.nullable(z.string()),
  at: z.nullable(z.string()),
});
const suppressions = z.object({
  items: z.array(
    z.object({
      email: z.nullable(z.string()),
      contactId: z.nullable(z.string()),
      reason: z.string(),
      at: z.string(),
    }),
  ),
  nextCursor: z.nullable(z.string()),
});
const sending = z.object({
  marketing: z.enum(["open", "bounces", "complaints"]),
  /** What comes near the rates at which marketing stops itself. */
  warnings: z.array(z.enum(["bounces", "complaints"])),
  days: z.array(z.object({ date: z.string(), mails: z.number(), bounces: z.number(), complaints: z.number() })),
});

/** Who gets no mail and why, and whether marketing has stopped itself. */
export const mailRoutes = defineRoutes([
  {
    ...staff,
    operationId: "getSuppression",
    method: "GET",
    path: "/v1/suppressions/{email}",
    scopes: ["rapport/read"],
    roles: colleagues,
    summary: "Whether an address gets no mail, and why",
    params: email,
    responses: { 200: { description: "The address and its suppression, if any.", schema: suppression } },
  },
  {
    ...staff,
    operationId: "listSuppressions",
    method: "GET",
    path: "/v1/suppressions",
    scopes: ["rapport/read"],
    roles: colleagues,
    summary: "The addresses that get no mail and why, newest first",
    description:
      "An address is shown as its contact's; it is null where the contact is gone or its profile has none, while the suppression stays.",
    query: z.strictObject({
      limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
    responses: { 200: { description: "A page of suppressions.", schema: suppressions } },
  },
  {
    ...staff,
    operationId: "deleteSuppression",
    method: "DELETE",
    path: "/v1/suppressions/{email}",
    scopes: ["rapport/admin"],
    roles: ["admin"],
    summary: "Let an address get mail again; noted on its contact's timeline",
    description: "A mailbox that was repaired. SES keeps a list of its own: remove the address there too.",
    params: email,
    responses: { 200: { description: "It gets mail again.", schema: suppression } },
  },
  {
    ...staff,
    operationId: "getSending",
    method: "GET",
    path: "/v1/sending",
    scopes: ["rapport/read"],
    roles: ["admin", "manager", "marketer"],
    summary: "Mails, bounces and complaints by day, and whether marketing has stopped itself",
    responses: { 200: { description: "The newest days.", schema: sending } },
  },
  {
    ...staff,
    operationId: "resumeSending",
    method: "POST",
    path: "/v1/sending/resume",
    scopes: ["rapport/admin"],
    roles: ["admin"],
    summary: "Let marketing go on after it stopped itself; bounces until today count no more",
    responses: { 200: { description: "As it is now.", schema: sending } },
  },
]);
