import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { localDateAt, periodBefore, periodContaining } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import { putNewer } from "../table/put-newer.ts";
import { queryAll } from "../table/query-all.ts";
import { type Pipeline, pipelineKinds, pipelineSchema } from "./pipeline.ts";
import { type PipelineDeal, pipelineDealSchema, pipelinePartition, pipelineShards } from "./pipeline-deal.ts";
import { forecastPipeline } from "./pipeline-forecast.ts";

/** Keeps a deal as it is told, unless who knew more of it has written. */
export async function putPipelineDeal(table: Table, deal: PipelineDeal): Promise<void> {
  await putNewer(table, deal);
}

async function readDeals(table: Table): Promise<readonly PipelineDeal[]> {
  const shards = Array.from({ length: pipelineShards }, (_, shard) =>
    queryAll(table, { pk: pipelinePartition(shard), consistent: true }),
  );
  return (await Promise.all(shards)).flat().map((item) => pipelineDealSchema.parse(item));
}

const key = { pk: "PIPELINE", sk: "FORECAST" } as const;

/** The forecast as it was last made; undefined before the first. */
export async function readPipeline(table: Table): Promise<Pipeline | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key }));
  return Item && pipelineSchema.parse(Item);
}

/** Periods that are foretold: what remains of the running one, and three more. */
const periodsAhead = 4;

/** Foretells the pipeline anew, once on each local day; from all deals of two years, so it is not made when asked for. */
export async function foretellPipeline({
  table,
  timeZone,
  currency,
  now,
}: {
  readonly table: Table;
  readonly timeZone: string;
  readonly currency: string;
  readonly now: () => Date;
}): Promise<void> {
  const at = now();
  const today = localDateAt(at, timeZone);
  const held = await readPipeline(table);
  if (held !== undefined && localDateAt(new Date(held.asOf), timeZone) === today) return;
  const periods = pipelineKinds.flatMap((kind) =>
    Array.from({ length: periodsAhead }, (_, index) => periodBefore(periodContaining(kind, today), -index)),
  );
  const forecast = forecastPipeline({ deals: await readDeals(table), currency, periods, timeZone, now: at });
  const item = { ...key, kind: "pipeline", ...forecast, currency, asOf: at.toISOString() };
  await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
}
