import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { type Suppression, suppressionKey, suppressionSchema } from "./suppression.ts";

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
