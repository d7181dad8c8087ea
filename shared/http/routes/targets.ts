import * as z from "zod/mini";
import { periodKinds } from "../../kpis/period.ts";
import { sliceSchema, targetInputSchema, targetSchema } from "../../kpis/target.ts";
import { defineRoutes } from "../route.ts";
import { staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "KPIs" } as const;
const writes = { ...staffReads, tag: "KPIs", scopes: ["rapport/write"], roles: ["admin", "manager"] } as const;

const path = "/v1/targets/{kpi}/{period}";
const params = z.object({ kpi: z.string(), period: z.enum(periodKinds) });
/** Both, for the target of one group of a slice; neither, for that of the whole account. */
const slice = { by: z.optional(sliceSchema.shape.by), group: z.optional(sliceSchema.shape.group) };
const target = { description: "The target; its version is the ETag too.", schema: targetSchema };

export const targetRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listTargets",
    method: "GET",
    path: "/v1/targets",
    summary: "The targets of the whole account; with `kpi`, also those of the KPI's groups",
    query: z.strictObject({ kpi: z.optional(z.string()) }),
    responses: {
      200: { description: "All.", schema: z.object({ items: z.array(targetSchema), nextCursor: z.null() }) },
    },
  },
  {
    ...reads,
    operationId: "getTarget",
    method: "GET",
    path,
    summary: "A KPI's target in a kind of period",
    params,
    query: z.strictObject(slice),
    responses: { 200: target },
  },
  {
    ...writes,
    operationId: "putTarget",
    method: "PUT",
    path,
    summary: "Set a target, with its owner (`If-Match` with its version to change it)",
    description:
      "`by` and `group` name one group of a slice that the KPI is kept by, such as `by=owner&group=mia`. A target holds for " +
      "every period; the steps of `ramp` change it from a period on, so that earlier ones stay judged by their own.",
    params,
    query: z.strictObject(slice),
    body: targetInputSchema,
    responses: { 200: target, 201: { ...target, description: "The new target." } },
  },
  {
    ...writes,
    operationId: "deleteTarget",
    method: "DELETE",
    path,
    summary: "Take a target back; its history stays",
    params,
    query: z.strictObject(slice),
    responses: { 200: { ...target, description: "The version that ended it." } },
  },
  {
    ...reads,
    operationId: "getTargetHistory",
    method: "GET",
    path: `${path}/history`,
    summary: "Every version of a target, the newest first: what it was, who changed it, and when",
    params,
    query: z.strictObject({
      ...slice,
      limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string()),
    }),
    responses: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(targetSchema), nextCursor: z.nullable(z.string()) }),
      },
    },
  },
]);
