import * as z from "zod/mini";
import { basisInputSchema, mostDefinitions, mostEventProperties } from "../../kpis/catalogue.ts";
import { kpiIdSchema, kpiInputSchema } from "../../kpis/kpi.ts";
import { defineRoutes } from "../route.ts";

const staff = { api: "staff", function: "staff", tag: "KPIs", security: "jwt" } as const;
const reads = {
  ...staff,
  scopes: ["rapport/read"],
  roles: ["admin", "manager", "marketer", "sales", "support"],
  method: "GET",
} as const;
const writes = { ...staff, scopes: ["rapport/write"], roles: ["admin", "manager"] } as const;
const params = z.object({ id: kpiIdSchema });

/** How far the days before are counted: `waiting` until it begins, `reading` while events from before are looked for, then `counting`. */
const history = z.object({
  state: z.enum(["waiting", "reading", "counting", "counted"]),
  /** While `reading`: contacts whose timelines are still to be read, of all. */
  contactsLeft: z.nullable(z.number()),
  contacts: z.nullable(z.number()),
  daysLeft: z.nullable(z.number()),
  days: z.nullable(z.number()),
});

const view = z.object({
  id: z.string(),
  ...kpiInputSchema.shape,
  /** Goes up when what is counted changes; figures say which version counted them. */
  version: z.number(),
  formula: z.string(),
  /** By this version. */
  history,
  /** Comes with Rapport and cannot be changed. */
  shipped: z.boolean(),
  revision: z.nullable(z.number()),
  updatedAt: z.nullable(z.iso.datetime()),
  updatedBy: z.nullable(z.string()),
});

const basisView = z.object({
  ...basisInputSchema.shape,
  /** The days that hold: those set, else those of the rhythm, else 90. */
  activeDaysNow: z.number(),
  /** The 90th percentile of the days between two orders of a customer; null before a year and a hundred such gaps tell it. */
  rhythm: z.nullable(z.object({ days: z.number(), gaps: z.number(), adoptedAt: z.iso.datetime() })),
  /** What If-Match names; null while nobody has changed it. */
  revision: z.nullable(z.number()),
  updatedAt: z.nullable(z.iso.datetime()),
  updatedBy: z.nullable(z.string()),
});

export const kpiDefinitionRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listKpiFacts",
    path: "/v1/kpi-facts",
    summary: "What KPIs can count, and the properties of each fact",
    description: `Any other event is the fact \`event:<its name>\`, with those of its own top-level properties that a KPI asks for, and \`source\`; at most ${mostEventProperties} of one event.`,
    responses: {
      200: {
        description: "The facts: `numbers` can be added up and compared, `texts` selected and sliced by.",
        schema: z.object({
          items: z.array(z.object({ fact: z.string(), numbers: z.array(z.string()), texts: z.array(z.string()) })),
          nextCursor: z.null(),
        }),
      },
    },
  },
  {
    ...reads,
    operationId: "getKpiHistory",
    path: "/v1/kpi-history",
    summary: "How far the days before KPIs that are new or have changed are counted",
    description:
      "Of all KPIs together; `GET /v1/kpis/{id}` tells it of one. A day or two wait for the next hour at any time.",
    responses: { 200: { description: "The least far of them.", schema: history } },
  },
  {
    ...reads,
    operationId: "getKpiBasis",
    path: "/v1/kpi-basis",
    summary: "What churn, retention and lifetime value rest on: the days a customer stays active, and the margin",
    responses: { 200: { description: "The basis.", schema: basisView } },
  },
  {
    ...writes,
    operationId: "putKpiBasis",
    method: "PUT",
    path: "/v1/kpi-basis",
    summary: "Set what churn, retention and lifetime value rest on (`If-Match` with its revision once it is set)",
    description: "Other days count the history of these KPIs anew, in the background; another margin does not.",
    body: basisInputSchema,
    responses: { 200: { description: "The basis as it is now.", schema: basisView } },
  },
  {
    ...reads,
    operationId: "getKpi",
    path: "/v1/kpis/{id}",
    summary: "A KPI's definition",
    params,
    responses: { 200: { description: "The definition.", schema: view } },
  },
  {
    ...writes,
    operationId: "putKpi",
    method: "PUT",
    path: "/v1/kpis/{id}",
    summary: "Define a KPI of your own (`If-Match` with its revision to change it)",
    description: `At most ${mostDefinitions} beside the shipped ones, which stay as they are.`,
    params,
    body: kpiInputSchema,
    responses: {
      200: { description: "The definition as it is now.", schema: view },
      201: { description: "The new definition.", schema: view },
    },
  },
  {
    ...writes,
    operationId: "deleteKpi",
    method: "DELETE",
    path: "/v1/kpis/{id}",
    summary: "Delete a KPI of your own",
    description: "Its figures are read no more. A KPI of the same id later on is counted anew.",
    params,
    responses: { 204: { description: "There is no such KPI any more." } },
  },
]);
