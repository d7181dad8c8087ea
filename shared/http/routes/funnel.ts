import * as z from "zod/mini";
import { stageRulesInputSchema, stageRulesSchema } from "../../funnel/stage-rules.ts";
import { lifecycleStages } from "../../funnel/stages.ts";
import { periodKinds } from "../../kpis/period.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "KPIs" } as const;

const funnel = z.object({
  /** Null of all sources together. */
  source: z.nullable(z.string()),
  cohort: z.number(),
  stages: z.array(
    z.object({
      stage: z.enum(lifecycleStages),
      /** In this stage or a later one: who skips a stage has passed it. */
      reached: z.number(),
      entered: z.number(),
      /** Share of `reached` that reached the next stage. */
      conversion: z.nullable(z.number()),
      /** From the stage before, of those who were seen in both. */
      medianSeconds: z.nullable(z.number()),
    }),
  ),
});

export const funnelRoutes = defineRoutes([
  {
    ...reads,
    operationId: "getFunnel",
    method: "GET",
    path: "/v1/funnel",
    summary: "How far those came whose way began in a period, and how long it took them",
    description:
      "A cohort: each person counts in the period of their first stage, whenever they go on, so that later stages of young " +
      "cohorts still grow. By source the 19 largest; the others are one, `(other)`.",
    query: z.strictObject({
      period: z._default(z.enum(periodKinds), "month"),
      date: z.optional(z.iso.date()),
      by: z.optional(z.literal("source")),
    }),
    responses: {
      200: {
        description: "The funnel, or one for each source.",
        schema: z.object({
          period: z.object({ kind: z.enum(periodKinds), start: z.iso.date(), end: z.iso.date() }),
          asOf: z.nullable(z.iso.datetime()),
          items: z.array(funnel),
          nextCursor: z.null(),
        }),
      },
    },
  },
  {
    ...reads,
    operationId: "getStageRules",
    method: "GET",
    path: "/v1/stage-rules",
    summary: "By which events a contact enters a stage",
    responses: { 200: { description: "The rules.", schema: stageRulesSchema } },
  },
  {
    ...marketerWrites,
    roles: ["admin", "manager", "marketer"],
    tag: "KPIs",
    operationId: "putStageRules",
    method: "PUT",
    path: "/v1/stage-rules",
    summary: "Set the rules of the stages (`If-Match` with their version)",
    description:
      "They count for what happens from half a minute on. Stages that were entered by former rules stay; `rules` says by which version.",
    body: stageRulesInputSchema,
    responses: { 200: { description: "The rules as they are now.", schema: stageRulesSchema } },
  },
]);
