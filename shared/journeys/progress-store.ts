import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { putNewer } from "../table/put-newer.ts";
import { stepOutcomeSchema } from "./outcome.ts";
import {
  createReport,
  type JourneyReport,
  progressItem,
  progressPk,
  progressSchema,
  progressShards,
} from "./progress.ts";
import { type Run, runItemSchema } from "./run.ts";

/** Keeps the item by which a run is counted at the run's newest version, whatever order its records come in. */
export function progressStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "run-progress",
    kind: "run",
    wants: ({ item, previous }) => item.version !== previous?.version,
    run: ({ item }) => putProgress(table, runItemSchema.parse(item)),
  };
}

/** Has a run counted as it is now; one that is counted at a newer version stays so. */
export async function putProgress(table: Table, run: Run): Promise<void> {
  await putNewer(table, progressItem(run));
}

/**
 * A journey's counts over all its runs; one item of some 300 bytes is read for each, and one of some 200 for each mail or
 * webhook that was not sent as usual, the shards side by side.
 */
export async function readReport(table: Table, journeyId: string, now: Date): Promise<JourneyReport> {
  const { add, addOutcome, report } = createReport(now);
  const shards = Array.from({ length: progressShards }, async (_, shard) => {
    const pages = paginateQuery(
      { client: table.client },
      {
        TableName: table.name,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": progressPk(journeyId, shard) },
      },
    );
    // A run stands before what became of its steps, which counts beside it only.
    let run = "";
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        if (item.kind === "runProgress") {
          run = String(item.sk);
          add(progressSchema.parse(item));
        } else if (String(item.sk).startsWith(`${run}#`)) addOutcome(stepOutcomeSchema.parse(item));
      }
    }
  });
  await Promise.all(shards);
  return report;
}
