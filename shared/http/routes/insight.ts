import * as z from "zod/mini";
import { alarmSchema, contributionSchema, contributionsSchema } from "../../insight/alarm.ts";
import { kpiIdSchema } from "../../kpis/kpi.ts";
import { periodKinds } from "../../kpis/period.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "KPIs" } as const;

const alarm = z.object({
  ...alarmSchema.shape,
  points: z.array(z.object({ start: z.iso.date(), value: z.nullable(z.number()), n: z.number() })),
  contributions: z.array(contributionsSchema),
  /** The names of who was told. */
  recipients: z.array(z.string()),
});
const span = z.object({ start: z.iso.date(), end: z.iso.date() });

export const insightRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listAlarms",
    method: "GET",
    path: "/v1/alarms",
    summary: "KPIs that fell three periods in a row or left what was foretold, and sources that fell silent",
    description:
      "One alarm for each episode: open ones all at once, closed ones in pages, the last closed first. Each morning looks anew.",
    query: z.strictObject({
      state: z._default(z.enum(["open", "closed"]), "open"),
      limit: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(100)), 25),
      cursor: z.optional(z.string().check(z.maxLength(500))),
    }),
    responses: {
      200: {
        description: "The alarms.",
        schema: z.object({ items: z.array(alarm), nextCursor: z.nullable(z.string()) }),
      },
    },
  },
  {
    ...marketerWrites,
    tag: "KPIs",
    roles: staffReads.roles,
    operationId: "acknowledgeAlarm",
    method: "POST",
    path: "/v1/alarms/{id}/acknowledge",
    summary: "Say that an open alarm has been seen, and what is done about it",
    params: z.object({ id: z.string().check(z.regex(/^[0-9a-f]{20}$/, "not the id of an alarm")) }),
    body: z.strictObject({ note: z.string().check(z.trim(), z.minLength(1), z.maxLength(1000)) }),
    responses: { 200: { description: "The alarm.", schema: alarm } },
  },
  {
    ...reads,
    operationId: "getKpiContributions",
    method: "GET",
    path: "/v1/kpis/{id}/contributions",
    summary: "Which sources, owners or campaigns explain a KPI's change from one period to the next",
    description:
      "Of the latest complete period, or the one that `date` lies in, against the one before it. The changes of the groups and of the rest " +
      "add up to the KPI's; of a ratio each is its own ratio's effect (`rate`) and its share's (`mix`).",
    params: z.object({ id: kpiIdSchema }),
    query: z.strictObject({
      period: z._default(z.enum(periodKinds), "month"),
      date: z.optional(z.iso.date()),
      by: z.string().check(z.maxLength(50)),
    }),
    responses: {
      200: {
        description: "The ten largest groups and the rest; null without a value in both periods.",
        schema: z.object({
          kpi: z.string(),
          by: z.string(),
          before: span,
          after: span,
          change: z.nullable(z.number()),
          groups: z.array(contributionSchema),
          rest: z.nullable(contributionsSchema.shape.rest),
        }),
      },
    },
  },
]);
