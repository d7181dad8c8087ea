import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { isWritten } from "../table/is-written.ts";
import { expiryAfter, type Key } from "../table/item.ts";
import { waitingDays } from "./alias-store.ts";

/** One item for each cart that nobody is known to own. It only counts: what is in the cart waits elsewhere. */
function unknownCartKey(source: string, token: string): Key {
  return { pk: `CARTS#${source}`, sk: digestOf([token]) };
}

/** What a fact says of a cart. */
export interface CartFact {
  /** The cart's, else its checkout's, else the visitor's. */
  readonly token: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly isEmpty: boolean;
  /** It counts by another token. */
  readonly countsElsewhere?: boolean;
}

/** Counts a cart as its latest fact says, once, for as long as it waits. What counts elsewhere does so for good. */
export async function countUnknownCart(table: Table, source: string, fact: CartFact): Promise<void> {
  const { token, occurredAt: at, receivedAt, isEmpty, countsElsewhere = false } = fact;
  const expiresAt = expiryAfter(new Date(receivedAt), waitingDays);
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...unknownCartKey(source, token), kind: "unknownCart", at, isEmpty, countsElsewhere, expiresAt },
        ...(!countsElsewhere && {
          ConditionExpression: "attribute_not_exists(pk) OR (#at <= :at AND NOT countsElsewhere = :yes)",
          ExpressionAttributeNames: { "#at": "at" },
          ExpressionAttributeValues: { ":at": at, ":yes": true },
        }),
      }),
    ),
  );
}

/** A cart that is somebody's counts no more. Most never did: a read costs less than the write that would find nothing. */
export async function forgetUnknownCart(table: Table, source: string, token: string): Promise<void> {
  const at = { TableName: table.name, Key: unknownCartKey(source, token) };
  const { Item } = await table.client.send(new GetCommand({ ...at, ConsistentRead: true }));
  if (Item !== undefined) await table.client.send(new DeleteCommand(at));
}

export interface UnknownCarts {
  readonly count: number;
  /** False where counting ended at its bound: one page of 1 MB, some ten thousand carts. */
  readonly exact: boolean;
}

/** How many carts of a source wait for their owner to be known. */
export async function unknownCartsOf(table: Table, source: string, now: Date): Promise<UnknownCarts> {
  const { Count = 0, LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      // Time to live deletes up to two days late.
      FilterExpression: "isEmpty = :no AND expiresAt > :now",
      ExpressionAttributeValues: { ":pk": `CARTS#${source}`, ":no": false, ":now": Math.floor(now.getTime() / 1000) },
      Select: "COUNT",
    }),
  );
  return { count: Count, exact: LastEvaluatedKey === undefined };
}
