import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import {
  countSoftBounce,
  type Suppression,
  softBouncesKey,
  softBouncesSchema,
  suppressionKey,
  suppressionSchema,
} from "./suppression.ts";

/** The suppression of an address, read consistently. */
export async function readSuppression(table: Table, addressHash: string): Promise<Suppression | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: suppressionKey(addressHash), ConsistentRead: true }),
  );
  return Item === undefined ? undefined : suppressionSchema.parse(Item);
}

/** Suppresses an address; the first reason stands. */
export async function putSuppression(table: Table, addressHash: string, suppression: Suppression): Promise<void> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...suppressionKey(addressHash), kind: "suppression", ...suppression },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** Lets an address get mail again; false when it was not suppressed. */
export async function removeSuppression(table: Table, addressHash: string): Promise<boolean> {
  const { Attributes } = await table.client.send(
    new DeleteCommand({ TableName: table.name, Key: suppressionKey(addressHash), ReturnValues: "ALL_OLD" }),
  );
  return Attributes !== undefined;
}

const attempts = 10;

/**
 * Counts a temporary bounce of an address.
 *
 * @returns whether it has had so many that it is to be suppressed.
 */
export async function addSoftBounce(
  table: Table,
  addressHash: string,
  event: { readonly eventId: string; readonly at: string },
): Promise<boolean> {
  const key = softBouncesKey(addressHash);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
    const { next, full } = countSoftBounce(Item && softBouncesSchema.parse(Item), event);
    if (next === undefined || (await putSoftBounces(table, { ...key, ...next }))) return full;
  }
  throw new Error("The bounces of an address come faster than they can be counted.");
}

async function putSoftBounces(table: Table, item: { readonly version: number }): Promise<boolean> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { kind: "softBounces", ...item },
        ConditionExpression: item.version === 1 ? "attribute_not_exists(pk)" : "#version = :previous",
        ...(item.version > 1 && {
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":previous": item.version - 1 },
        }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
