import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { ledgerEntrySchema } from "../email/ledger.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { putNewer } from "../table/put-newer.ts";
import { createReport, progressItem, progressPk, progressSchema, progressShards, type Report } from "./progress.ts";

/** Keeps the item by which a broadcast's mail is counted at the ledger's newest version, whatever order its records come in. */
export function broadcastProgressStage({ table, now }: { readonly table: Table; readonly now: () => Date }): Stage {
  return {
    name: "broadcast-progress",
    kind: "message",
    wants: ({ item, previous }) => item.campaign !== undefined && item.state !== previous?.state,
    async run({ item }) {
      const progress = progressItem(ledgerEntrySchema.parse(item), now());
      if (progress !== undefined) await putNewer(table, progress);
    },
  };
}

/** What became of a broadcast's mails; one item of some 200 bytes is read for each, the shards side by side. */
export async function readReport(table: Table, broadcastId: string): Promise<Report> {
  const { add, report } = createReport();
  await eachShard(async (shard) => {
    const pages = paginateQuery({ client: table.client }, { ...queryOf(table, broadcastId, shard) });
    for await (const { Items = [] } of pages) for (const item of Items) add(progressSchema.parse(item));
  });
  return report;
}

/** How many of a broadcast's mails have come to an end. */
export async function countProgress(table: Table, broadcastId: string): Promise<number> {
  let count = 0;
  await eachShard(async (shard) => {
    const pages = paginateQuery({ client: table.client }, { ...queryOf(table, broadcastId, shard), Select: "COUNT" });
    for await (const { Count = 0 } of pages) count += Count;
  });
  return count;
}

async function eachShard(work: (shard: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: progressShards }, (_, shard) => work(shard)));
}

function queryOf(table: Table, broadcastId: string, shard: number) {
  return {
    TableName: table.name,
    KeyConditionExpression: "pk = :pk",
    ExpressionAttributeValues: { ":pk": progressPk(broadcastId, shard) },
  };
}
