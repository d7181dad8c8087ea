import { setTimeout } from "node:timers/promises";
import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../shared/table/client.ts";

/** Items that one request writes. */
export const batchSize = 25;

/** Writes up to 25 items straight at the engine, however often it holds some back. */
export async function writeBatch(table: Table, items: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  let left: Record<string, unknown>[] = items.map((Item) => ({ PutRequest: { Item } }));
  while (left.length > 0) {
    const { UnprocessedItems } = await table.client.send(
      new BatchWriteCommand({ RequestItems: { [table.name]: left as never } }),
    );
    left = [...(UnprocessedItems?.[table.name] ?? [])] as typeof left;
    if (left.length > 0) await setTimeout(50);
  }
}
