import { PutCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { batchGet } from "./batch-get.ts";
import type { Table } from "./client.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { isWritten } from "./is-written.ts";
import { type Item, type Key, keySchema } from "./item.ts";

/**
 * Writes an item's next version in place of the one before, or its first where nothing is; false when another write came first.
 *
 * @param before the version that is replaced, 0 where nothing is to stand yet
 */
export async function putNextVersion(
  table: Table,
  item: Key & { readonly version: number },
  before = item.version - 1,
): Promise<boolean> {
  return isWritten(table.client.send(new PutCommand(nextVersion(table, item, before))));
}

/** The put that {@link putNextVersion} makes, for a transaction that it is to be part of. */
export function nextVersion(table: Table, item: Key & { readonly version: number }, before = item.version - 1) {
  return {
    TableName: table.name,
    Item: item,
    ...(before === 0
      ? { ConditionExpression: "attribute_not_exists(pk)" }
      : {
          ConditionExpression: "#version = :before",
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":before": before },
        }),
  };
}

export const versionPrefix = "VERSION#";

/** The sort key of one of an item's versions; they sort as their numbers do. */
export const versionSk = (version: number): string => versionPrefix + paddedVersion(version);

const paddedVersion = (version: number) => String(version).padStart(6, "0");

/** Lists a version in the index, for `newestVersions`. */
export function listedVersion(pk: string, { id, version }: { readonly id: string; readonly version: number }) {
  return { gsi1pk: pk, gsi1sk: `${id}#${paddedVersion(version)}` };
}

/** The newest version of each id that is listed under `pk`; read from the index, which may be a second behind. */
export async function newestVersions(table: Table, pk: string): Promise<ReadonlyMap<string, number>> {
  const newest = new Map<string, number>();
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk",
      ExpressionAttributeValues: { ":pk": pk },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { gsi1sk } of Items) {
      const [id = "", version] = String(gsi1sk).split("#");
      newest.set(id, Number(version));
    }
  }
  return newest;
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
