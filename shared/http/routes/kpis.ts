import * as z from "zod/mini";
import { methods } from "../../kpis/forecast.ts";
import { formats, kpiIdSchema } from "../../kpis/kpi.ts";
import { mostPoints, periodKinds, seriesKinds } from "../../kpis/period.ts";
import { statuses, targetSchema } from "../../kpis/target.ts";
import { defineRoutes } from "../route.ts";

const staff = { api: "staff", function: "staff", tag: "KPIs", security: "jwt" } as const;
const readers = ["admin", "manager", "marketer", "sales", "support"] as const;
const value = z.nullable(z.number());

const line = z.object({
  kpi: z.string(),
  title: z.string(),
  definition: z.string(),
  /** `money` in minor units of `currency`, `duration` in seconds. */
  format: z.enum(formats),
  currency: z.optional(z.string()),
  direction: z.enum(["up", "down"]),
  period: z.object({ kind: z.enum(periodKinds), start: z.iso.date(), end: z.iso.date(), label: z.string() }),
  value,
  numerator: z.number(),
  denominator: value,
  /** Facts or people that the value rests on, facts in the numerator, and facts that could not be used. */
  n: z.number(),
  facts: z.number(),
  leftOut: z.number(),
  complete: z.boolean(),
  asOf: z.nullable(z.iso.datetime()),
  /** The target of this very period, with its owner. */
  target: z.nullable(z.pick(targetSchema, { target: true, period: true, owner: true, benchmark: true })),
  status: z.enum(statuses),
  /** What a count is due to have reached by now; where less is better, what it should not have passed. */
  due: value,
  previous: z.nullable(z.object({ start: z.iso.date(), value })),
  change: value,
  trend: z.array(z.object({ start: z.iso.date(), value, complete: z.boolean() })),
});

const foretold = { value: z.number(), low: z.number(), high: z.number() };
const span = { start: z.iso.date(), end: z.iso.date() };
const forecastView = z.object({
  kpi: z.string(),
  period: z.enum(periodKinds),
  current: z.nullable(z.object({ ...span, ...foretold, soFar: value, by: z.enum(["days", "periods"]) })),
  next: z.array(z.object({ ...span, ...foretold })),
  method: z.nullable(
    z.object({
      method: z.enum(methods),
      backtest: z.object({ error: z.number(), naiveError: z.number(), forecasts: z.number() }),
    }),
  ),
  history: z.number(),
  missing: z.nullable(z.string()),
});

const figures = { numerator: z.number(), denominator: value, n: z.number(), facts: z.number(), leftOut: z.number() };
const point = z.object({
  start: z.iso.date(),
  end: z.iso.date(),
  /** `Q4 2026`, or `FY2027 Q1` where the fiscal year does not begin in January. */
  label: z.string(),
  value,
  ...figures,
  complete: z.boolean(),
  /** Difference to the period before; null unless both are complete. */
  change: value,
});
const one = z.object({ id: kpiIdSchema });
const inPeriod = { period: z._default(z.enum(periodKinds), "month"), date: z.optional(z.iso.date()) };
const reads = { ...staff, scopes: ["rapport/read"], roles: readers, method: "GET" } as const;

export const kpiRoutes = defineRoutes([
  {
    ...staff,
    operationId: "listKpis",
    method: "GET",
    path: "/v1/kpis",
    scopes: ["rapport/read"],
    roles: readers,
    summary: "Each KPI's value in a period against its target",
    description:
      "A ratio over nothing is null (not enough data). Values of periods that still run say `complete: false`.",
    query: z.strictObject({
      period: z._default(z.enum(periodKinds), "month"),
      date: z.optional(z.iso.date()),
    }),
    responses: {
      200: {
        description: "The KPIs.",
        schema: z.object({ items: z.array(line), nextCursor: z.null() }),
        mediaType: "text/csv",
      },
    },
  },
  {
    ...reads,
    operationId: "getKpiSeries",
    path: "/v1/kpis/{id}/series",
    summary: "A KPI's values over time, oldest first",
    description: `Of calendar periods at most ${mostPoints.calendar} points, the last one that \`date\` lies in; of rolling windows at most ${mostPoints.rolling}, one for each day up to \`date\`.`,
    params: one,
    query: z.strictObject({
      period: z._default(z.enum(seriesKinds), "month"),
      date: z.optional(z.iso.date()),
      points: z._default(z.coerce.number<string>().check(z.int(), z.gte(1), z.lte(mostPoints.calendar)), 13),
    }),
    responses: {
      200: {
        description: "The values.",
        schema: z.object({ items: z.array(point), nextCursor: z.null() }),
        mediaType: "text/csv",
      },
    },
  },
  {
    ...reads,
    operationId: "getKpiBreakdown",
    path: "/v1/kpis/{id}/breakdown",
    summary: "A KPI's value in a period by source, owner or another of its slices",
    description:
      "The 50 largest groups; the others are one, `(other)`. Facts without the property are `(none)`. A group with a target is there too when nothing of it was counted.",
    params: one,
    query: z.strictObject({ ...inPeriod, by: z.string().check(z.maxLength(50)) }),
    responses: {
      200: {
        description: "The groups, largest first.",
        schema: z.object({
          items: z.array(
            z.object({
              group: z.string(),
              value,
              ...figures,
              target: z.nullable(z.pick(targetSchema, { target: true, period: true, owner: true, benchmark: true })),
              status: z.enum(statuses),
            }),
          ),
          nextCursor: z.null(),
        }),
        mediaType: "text/csv",
      },
    },
  },
  {
    ...reads,
    operationId: "explainKpi",
    path: "/v1/kpis/{id}/explain",
    summary: "How a KPI's value in a period comes about",
    params: one,
    query: z.strictObject(inPeriod),
    responses: {
      200: {
        description: "The figure, its formula, and the parts of the period.",
        schema: z.object({
          ...line.shape,
          /** Amounts left out for want of a rate, by currency. */
          unrated: z.optional(z.record(z.string(), z.number())),
          formula: z.string(),
          remarks: z.array(z.string()),
          slices: z.array(z.string()),
          version: z.number(),
          /** Days of a week or month, months of a quarter or year. */
          parts: z.array(point),
        }),
        mediaType: "text/csv",
      },
    },
  },
  {
    ...reads,
    operationId: "getKpiForecast",
    path: "/v1/kpis/{id}/forecast",
    summary: "A KPI at the end of its running period and three periods on, with an interval of 80 %",
    description:
      "The method is the one of four that a backtest on the KPI's own past prefers; its error is told. Null without enough history.",
    params: one,
    query: z.strictObject({ period: z._default(z.enum(periodKinds), "month") }),
    responses: { 200: { description: "The forecast.", schema: forecastView } },
  },
]);
