import { DeleteCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { putNewer } from "../table/put-newer.ts";
import { utcDatesOf } from "./calendar.ts";
import { entryPartition, entryShards, type KpiEntry, kpiEntrySchema } from "./entry.ts";

/** Writes an entry; writing it again changes nothing. One that has a version stands under a newer one. */
export async function putEntry(table: Table, { version, ...entry }: KpiEntry): Promise<void> {
  if (version !== undefined) await putNewer(table, { ...entry, version });
  else await table.client.send(new PutCommand({ TableName: table.name, Item: entry }));
}

/** Takes back an entry whose fact has moved to another instant. */
export async function deleteEntry(table: Table, { pk, sk }: KpiEntry): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
}

/** Every entry from `from` up to, but without, `to`, read consistently. */
export async function readEntries(
  table: Table,
  span: { readonly from: Date; readonly to: Date },
): Promise<readonly KpiEntry[]> {
  const partitions = utcDatesOf(span).flatMap((date) =>
    Array.from({ length: entryShards }, (_, shard) => entryPartition(date, shard)),
  );
  const lists = await Promise.all(partitions.map((partition) => readPartition(table, partition, span)));
  return lists.flat();
}

async function readPartition(
  table: Table,
  pk: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<KpiEntry[]> {
  const entries: KpiEntry[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      // "~" sorts behind the "#" that follows an instant, so the last millisecond is in and `to` itself is out
      ExpressionAttributeValues: {
        ":pk": pk,
        ":from": from.toISOString(),
        ":to": `${new Date(to.getTime() - 1).toISOString()}~`,
      },
    },
  );
  for await (const page of pages) entries.push(...(page.Items ?? []).map((item) => kpiEntrySchema.parse(item)));
  return entries;
}
