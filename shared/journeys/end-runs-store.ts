import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { putDue } from "../due/due-store.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { attemptEach } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { type AdvanceDependencies, advanceRun } from "./advance-run-store.ts";
import type { EndRuns } from "./journey-message.ts";
import { waitingPk, waitingShards } from "./run.ts";

const pagesPerMessage = 10;
const pageSize = 100;
const concurrency = 16;
/** By then the request that archives has ended, one way or the other. */
const archivedByThen = 60_000;

const startSchema = z.record(z.string(), z.string());
const entrySchema = z.object({ pk: z.string(), sk: z.string() });

/** Has the runs of a journey that wait be looked at, once it is archived; nothing happens if it is not. */
export async function endRunsLater(table: Table, journeyId: string, now: Date): Promise<void> {
  for (let shard = 0; shard < waitingShards; shard++) {
    await putEndRuns(table, { type: "endRuns", journeyId, shard }, new Date(now.getTime() + archivedByThen));
  }
}

function putEndRuns(table: Table, body: EndRuns, at: Date): Promise<void> {
  const id = digestOf(["endRuns", body.journeyId, String(body.shard), body.after ?? ""]);
  return putDue(table, { at, id, queue: "journeys", body });
}

/** Looks at some of a journey's waiting runs, each of which ends if the journey was archived; any number of times. */
export async function endRuns(deps: AdvanceDependencies, message: EndRuns): Promise<"done" | "goes on"> {
  let after = message.after;
  for (let page = 0; page < pagesPerMessage; page++) {
    const { Items = [], LastEvaluatedKey } = await deps.table.client.send(
      new QueryCommand({
        TableName: deps.table.name,
        IndexName: "gsi1",
        KeyConditionExpression: "gsi1pk = :pk",
        ExpressionAttributeValues: { ":pk": waitingPk(message.journeyId, message.shard) },
        Limit: pageSize,
        ...(after !== undefined && { ExclusiveStartKey: startSchema.parse(JSON.parse(after)) }),
      }),
    );
    const waiting = Items.map((item) => entrySchema.parse(item));
    await attemptEach(waiting, concurrency, async ({ pk, sk }) => {
      await advanceRun(deps, { contactId: contactIdOf(pk), sk });
    });
    if (LastEvaluatedKey === undefined) return "done";
    after = JSON.stringify(LastEvaluatedKey);
  }
  await putEndRuns(deps.table, { ...message, after }, deps.now());
  return "goes on";
}
