import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import type { JourneyHead } from "./journey.ts";
import type { JourneyStore } from "./journey-store.ts";
import { runIdOfKey, waitingPk, waitingShards } from "./run.ts";

const hour = 3_600_000;
/** How late a run may be before somebody should look: what is late by itself (a queue's retries) goes on earlier. */
const patience = hour;
/** After a pause, runs go on within an hour and a bit; their time has passed long before. */
const patienceAfterChange = 2 * hour;
/** Runs of one journey and shard that are named; more tell nothing new. */
const mostNamed = 25;

const entrySchema = z.object({ pk: z.string(), sk: z.string() });

/** Runs that stand still: their time has passed, and nothing woke them. */
export interface Overdue {
  readonly journeyId: string;
  /** As the API names them. */
  readonly runIds: readonly string[];
}

/**
 * Finds runs of published journeys whose time passed more than an hour ago. Runs that wait stand in the index by their
 * time, so that an hour's look reads what is overdue and nothing else, however many wait.
 */
export async function findOverdue({
  table,
  store,
  now,
}: {
  readonly table: Table;
  readonly store: Pick<JourneyStore, "heads">;
  readonly now: Date;
}): Promise<readonly Overdue[]> {
  const heads = (await store.heads()).filter((head) => isSettled(head, now));
  const before = new Date(now.getTime() - patience).toISOString();
  const found = await Promise.all(
    heads.map(async ({ id }) => ({ journeyId: id, runIds: await runsDueBefore(table, id, before) })),
  );
  return found.filter(({ runIds }) => runIds.length > 0);
}

function isSettled({ state, updatedAt }: JourneyHead, now: Date): boolean {
  return state === "published" && Date.parse(updatedAt) <= now.getTime() - patienceAfterChange;
}

async function runsDueBefore(table: Table, journeyId: string, before: string): Promise<readonly string[]> {
  const shards = Array.from({ length: waitingShards }, async (_, shard) => {
    const { Items = [] } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: "gsi1",
        KeyConditionExpression: "gsi1pk = :pk AND gsi1sk < :before",
        ExpressionAttributeValues: { ":pk": waitingPk(journeyId, shard), ":before": before },
        Limit: mostNamed,
      }),
    );
    return Items.map((item) => runIdOfKey(entrySchema.parse(item)));
  });
  return (await Promise.all(shards)).flat();
}
