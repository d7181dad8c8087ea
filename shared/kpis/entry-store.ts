import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { putNewer } from "../table/put-newer.ts";
import { entryPartition, entryShards, type KpiEntry, kpiEntrySchema } from "./entry.ts";
import { readSpan } from "./span-store.ts";

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
  const items = await readSpan(table, { shards: entryShards, partition: entryPartition }, span);
  return items.map((item) => kpiEntrySchema.parse(item));
}
