import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { ownedBy } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { isWritten } from "../table/is-written.ts";
import {
  countSoftBounce,
  type Suppression,
  softBouncesKey,
  softBouncesSchema,
  suppressionKey,
  suppressionListPk,
  suppressionListSk,
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
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...suppressionKey(addressHash),
          kind: "suppression",
          gsi1pk: suppressionListPk,
          gsi1sk: `${suppression.at}#${addressHash}`,
          ...suppression,
        },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
}

/**
 * A page of the suppressions, newest first; read from the index, which may be a second behind.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listSuppressions(
  table: Table,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly items: readonly Suppression[]; readonly nextCursor?: string }> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, suppressionListSk);
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: before === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk < :before",
      ExpressionAttributeValues: { ":pk": suppressionListPk, ...(before !== undefined && { ":before": before }) },
      ScanIndexForward: false,
      // One more than asked for tells whether another page follows.
      Limit: limit + 1,
    }),
  );
  const places = Items.slice(0, limit).map(({ gsi1sk }) => String(gsi1sk));
  const found = await Promise.all(places.map((place) => readSuppression(table, place.slice(place.indexOf("#") + 1))));
  const last = places.at(-1);
  return {
    items: found.filter((suppression) => suppression !== undefined),
    ...(Items.length > limit && last !== undefined && { nextCursor: encodeCursor(last) }),
  };
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
  contactId: string,
): Promise<boolean> {
  const key = softBouncesKey(addressHash);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
    const { next, full } = countSoftBounce(Item && softBouncesSchema.parse(Item), event);
    if (next === undefined || (await putSoftBounces(table, { ...key, ...ownedBy(contactId, key), ...next })))
      return full;
  }
  throw new Error("The bounces of an address come faster than they can be counted.");
}

async function putSoftBounces(table: Table, item: { readonly version: number }): Promise<boolean> {
  return isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { kind: "softBounces", ...item },
        ConditionExpression: item.version === 1 ? "attribute_not_exists(pk)" : "#version = :previous",
        ...(item.version > 1 && {
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":previous": item.version - 1 },
        }),
      }),
    ),
  );
}
