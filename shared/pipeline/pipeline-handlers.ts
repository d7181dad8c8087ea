import type { Handlers } from "../http/router.ts";
import type { pipelineRoutes } from "../http/routes/pipeline.ts";
import type { Table } from "../table/client.ts";
import { readPipeline } from "./pipeline-store.ts";

/** What the staff API does with the pipeline's forecast. */
export function pipelineHandlers({ table }: { readonly table: Table }): Handlers<typeof pipelineRoutes> {
  return {
    async getPipelineForecast({ query }) {
      const found = await readPipeline(table);
      const periods = found?.periods.filter(({ kind }) => kind === query.period) ?? [];
      return { status: 200, body: { forecast: found === undefined ? null : { ...found, periods } } };
    },
  };
}
