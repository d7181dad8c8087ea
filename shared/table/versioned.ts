import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { batchGet } from "./batch-get.ts";
import type { Table } from "./client.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { type Item, type Key, keySchema } from "./item.ts";

/** Writes an item's next version in place of the one before, or its first where nothing is; false when another write came first. */
export async function putNextVersion(table: Table, item: Key & { readonly version: number }): Promise<boolean> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: item,
        ...(item.version === 1
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": item.version - 1 },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

export interface ListQuery {
  /** Partition of the index that names the items. */
  readonly pk: string;
  /** What a cursor, which is one of its sort keys, looks like. */
  readonly skPattern: RegExp;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A page of whole items that the index names only, the newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listNewest(
  table: Table,
  { pk, skPattern, limit, cursor }: ListQuery,
): Promise<{ readonly items: readonly Item[]; readonly nextCursor?: string }> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, skPattern);
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: before === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk < :before",
      ExpressionAttributeValues: { ":pk": pk, ...(before !== undefined && { ":before": before }) },
      ScanIndexForward: false,
      Limit: limit + 1,
    }),
  );
  const entries = Items.slice(0, limit);
  const items = await batchGet(
    table,
    entries.map((entry) => keySchema.parse(entry)),
  );
  const last = entries.at(-1)?.gsi1sk;
  return { items, ...(Items.length > limit && { nextCursor: encodeCursor(String(last)) }) };
}
