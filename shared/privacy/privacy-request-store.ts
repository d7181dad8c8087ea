import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { keySchema } from "../table/item.ts";
import {
  type PrivacyRequest,
  privacyRequestItem,
  privacyRequestKey,
  privacyRequestSchema,
  privacyRequestsPk,
  privacyRequestsSkPattern,
} from "./privacy-request.ts";

/** A request by a consistent read; undefined when there is none. */
export async function readPrivacyRequest(table: Table, id: string): Promise<PrivacyRequest | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: privacyRequestKey(id), ConsistentRead: true }),
  );
  return Item && privacyRequestSchema.parse(Item);
}

/** Writes a request's next version, or its first; false when another write came first. */
export async function putPrivacyRequest(table: Table, request: PrivacyRequest): Promise<boolean> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: privacyRequestItem(request),
        ...(request.version === 1
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": request.version - 1 },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

export interface PrivacyRequestPage {
  readonly items: readonly PrivacyRequest[];
  readonly nextCursor?: string;
}

/**
 * A page of all requests, the newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listPrivacyRequests(
  table: Table,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<PrivacyRequestPage> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, privacyRequestsSkPattern);
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: before === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk < :before",
      ExpressionAttributeValues: { ":pk": privacyRequestsPk, ...(before !== undefined && { ":before": before }) },
      ScanIndexForward: false,
      Limit: limit + 1,
    }),
  );
  const entries = Items.slice(0, limit);
  const keys = entries.map((entry) => keySchema.parse(entry));
  const items = (await batchGet(table, keys)).map((item) => privacyRequestSchema.parse(item));
  const last = entries.at(-1)?.gsi1sk;
  return { items, ...(Items.length > limit && { nextCursor: encodeCursor(String(last)) }) };
}
