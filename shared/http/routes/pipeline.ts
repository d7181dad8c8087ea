import * as z from "zod/mini";
import { pipelineKinds, pipelineSchema } from "../../pipeline/pipeline.ts";
import { defineRoutes } from "../route.ts";
import { staffReads } from "./staff-access.ts";

export const pipelineRoutes = defineRoutes([
  {
    ...staffReads,
    tag: "KPIs",
    operationId: "getPipelineForecast",
    method: "GET",
    path: "/v1/pipeline/forecast",
    summary: "What the open deals are expected to bring, by stage and by coming period",
    description:
      "Made each morning from what became of the deals of two years. `periods` begin with what remains of the running one; `low` and " +
      "`high` are 80 % limits. Null before the first morning.",
    query: z.strictObject({ period: z._default(z.enum(pipelineKinds), "month") }),
    responses: {
      200: { description: "The forecast.", schema: z.object({ forecast: z.nullable(pipelineSchema) }) },
    },
  },
]);
