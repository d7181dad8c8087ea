import { paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { type Key, keySchema } from "../table/item.ts";
import { type Contact, contactSchema, isErasure, listPk, listShards, listSkPattern } from "./contact.ts";

const entrySchema = z.extend(keySchema, { gsi1sk: z.string() });
type Entry = z.infer<typeof entrySchema>;

export interface ContactPage {
  readonly items: readonly Contact[];
  readonly nextCursor?: string;
}

/**
 * Contacts by the hour of their last activity, newest first, merged over the shards of the list. The cursor is a place
 * in the order, so that no page repeats or leaves out a contact that has not moved meanwhile.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listContacts(
  table: Table,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<ContactPage> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, listSkPattern);
  const shards = Array.from({ length: listShards }, (_, shard) => queryShard(table, shard, limit + 1, before));
  const merged = (await Promise.all(shards)).flat().sort((a, b) => (a.gsi1sk < b.gsi1sk ? 1 : -1));
  const entries = merged.slice(0, limit);
  const last = entries.at(-1);
  const contacts = await getContacts(table, entries);
  return { items: contacts, ...(merged.length > limit && last && { nextCursor: encodeCursor(last.gsi1sk) }) };
}

async function queryShard(table: Table, shard: number, limit: number, before: string | undefined): Promise<Entry[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: before === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk < :before",
      ExpressionAttributeValues: { ":pk": listPk(shard), ...(before !== undefined && { ":before": before }) },
      ScanIndexForward: false,
      Limit: limit,
    }),
  );
  return Items.map((item) => entrySchema.parse(item));
}

/** A place in one shard of the list: of its entries those that come after. */
export interface ListPlace {
  readonly shard: string;
  readonly after?: string | undefined;
}

/** Entries of one shard from the least active on: who becomes active meanwhile moves ahead, and is met there. */
export async function listShardAfter(table: Table, { shard, after }: ListPlace, limit: number): Promise<Entry[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: after === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk > :after",
      ExpressionAttributeValues: { ":pk": listPk(Number(shard)), ...(after !== undefined && { ":after": after }) },
      Limit: limit,
    }),
  );
  return Items.map((item) => entrySchema.parse(item));
}

/** How many contacts are in the list. */
export async function countContacts(table: Table): Promise<number> {
  return (await placesAcross(table)).reduce((sum, { count }) => sum + count, 0);
}

/** Places across the list, each with the number of contacts that come after it and before the next one of its shard. */
export type CountedPlace = ListPlace & { readonly count: number };

/**
 * Counts the whole list, each shard from the least active on.
 *
 * @param step of how many contacts a place tells at most; without it a page of the index is one.
 */
export async function placesAcross(table: Table, step?: number): Promise<readonly CountedPlace[]> {
  const shards = Array.from({ length: listShards }, async (_, shard) => {
    const pages = paginateQuery(
      { client: table.client, ...(step !== undefined && { pageSize: step }) },
      {
        TableName: table.name,
        IndexName: "gsi1",
        KeyConditionExpression: "gsi1pk = :pk",
        ExpressionAttributeValues: { ":pk": listPk(shard) },
        Select: "COUNT",
      },
    );
    const places: CountedPlace[] = [];
    let after: string | undefined;
    for await (const { Count = 0, LastEvaluatedKey } of pages) {
      if (Count > 0) places.push({ shard: String(shard), after, count: Count });
      after = LastEvaluatedKey && String(LastEvaluatedKey.gsi1sk);
    }
    return places;
  });
  return (await Promise.all(shards)).flat();
}

/** The contacts of some keys, in their order; those that are gone are left out. */
export async function getContacts(table: Table, entries: readonly Key[]): Promise<Contact[]> {
  const items = await batchGet(table, entries);
  return items.filter((item) => !isErasure(item)).map((item) => contactSchema.parse(item));
}
