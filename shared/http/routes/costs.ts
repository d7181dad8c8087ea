import * as z from "zod/mini";
import { costInputSchema } from "../../kpis/cost.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "KPIs" } as const;
const writes = { ...marketerWrites, roles: ["admin", "manager", "marketer"], tag: "KPIs" } as const;

const cost = z.object({
  ...costInputSchema.shape,
  id: z.string(),
  version: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
  deletedAt: z.nullable(z.iso.datetime()),
});

export const costRoutes = defineRoutes([
  {
    ...writes,
    operationId: "createCost",
    method: "POST",
    path: "/v1/costs",
    summary: "Enter what something cost, over the days that it covers",
    description:
      "Each day gets an even share. KPIs such as the cost per new customer count it within the hour. The same " +
      "`Idempotency-Key` with the same body answers with the cost it entered before. To correct a cost, delete it and enter another.",
    headers: z.object({ "idempotency-key": z.optional(z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/))) }),
    body: costInputSchema,
    responses: { 201: { description: "The cost.", schema: cost } },
  },
  {
    ...reads,
    operationId: "listCosts",
    method: "GET",
    path: "/v1/costs",
    summary: "The costs entered, those taken back included",
    query: z.strictObject({
      limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string()),
    }),
    responses: {
      200: { description: "A page.", schema: z.object({ items: z.array(cost), nextCursor: z.nullable(z.string()) }) },
    },
  },
  {
    ...writes,
    operationId: "deleteCost",
    method: "DELETE",
    path: "/v1/costs/{id}",
    summary: "Take a cost back: its days are counted anew without it",
    params: z.object({ id: z.string().check(z.regex(/^[0-9a-f]{26}$/)) }),
    responses: { 200: { description: "The cost as it is now.", schema: cost } },
  },
]);
