import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "./client.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

export interface Paging {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface PageQuery extends Paging {
  readonly pk: string;
  /** What of the partition is listed; all of it without. */
  readonly prefix?: string;
  /** What a cursor, which is a sort key, looks like. */
  readonly skPattern: RegExp;
  /** From the last sort key to the first. */
  readonly newestFirst?: boolean;
}

/**
 * A page of a partition.
 *
 * @param read makes of an item what the list holds
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function queryPage<T>(
  table: Table,
  { pk, prefix, skPattern, limit, cursor, newestFirst = false }: PageQuery,
  read: (item: Readonly<Record<string, unknown>>) => T,
): Promise<Page<T>> {
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: prefix === undefined ? "pk = :pk" : "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": pk, ...(prefix !== undefined && { ":prefix": prefix }) },
      ScanIndexForward: !newestFirst,
      Limit: limit,
      ...(cursor !== undefined && { ExclusiveStartKey: { pk, sk: decodeCursor(cursor, skPattern) } }),
    }),
  );
  return {
    items: Items.map(read),
    nextCursor: LastEvaluatedKey === undefined ? null : encodeCursor(String(LastEvaluatedKey.sk)),
  };
}
