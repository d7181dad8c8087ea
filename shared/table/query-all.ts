import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { Table } from "./client.ts";

/** A partition, or what of it begins with `prefix`, or stands from `from` to `to`, both included. */
export type Range = { readonly pk: string; readonly consistent?: boolean } & (
  | { readonly prefix?: string }
  | { readonly from: string; readonly to: string }
);

/** Every item of a range, in the order of the sort keys, for its own kind's schema to read. */
export async function queryAll(table: Table, range: Range): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { pk, consistent = false } = range;
  const pages = paginateQuery(
    { client: table.client },
    { TableName: table.name, ConsistentRead: consistent, ...conditionOf(pk, range) },
  );
  const items: Record<string, unknown>[] = [];
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}

function conditionOf(pk: string, range: Range) {
  if ("from" in range) {
    return {
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": pk, ":from": range.from, ":to": range.to },
    };
  }
  if (range.prefix === undefined) {
    return { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": pk } };
  }
  return {
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
    ExpressionAttributeValues: { ":pk": pk, ":prefix": range.prefix },
  };
}
