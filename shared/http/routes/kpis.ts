import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const staff = { api: "staff", function: "staff", tag: "KPIs", security: "jwt" } as const;
const kpi = z.object({ kpi: z.string() });
const readers = ["admin", "manager", "marketer", "sales", "support"] as const;

export const kpiRoutes = defineRoutes([
  {
    ...staff,
    operationId: "listKpis",
    method: "GET",
    path: "/v1/kpis",
    scopes: ["rapport/read"],
    roles: readers,
    summary: "Each KPI's value in a period against its target",
    query: z.strictObject({
      period: z._default(z.enum(["day", "week", "month", "quarter", "year"]), "month"),
      date: z.optional(z.iso.date()),
    }),
    responses: { 200: { description: "The KPIs." } },
  },
  {
    ...staff,
    operationId: "getKpiTarget",
    method: "GET",
    path: "/v1/kpi-targets/{kpi}",
    scopes: ["rapport/read"],
    roles: readers,
    summary: "A KPI's target",
    params: kpi,
    responses: { 200: { description: "The target." } },
  },
  {
    ...staff,
    operationId: "putKpiTarget",
    method: "PUT",
    path: "/v1/kpi-targets/{kpi}",
    scopes: ["rapport/write"],
    roles: ["admin", "manager"],
    summary: "Set a KPI's target (`If-Match` with its version to change it)",
    params: kpi,
    responses: { 200: { description: "The target as it is now." }, 201: { description: "The new target." } },
  },
]);
