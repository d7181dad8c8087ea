import { GetCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Contact } from "../contacts/contact.ts";
import { contactKey } from "../contacts/contact.ts";
import { getContacts } from "../contacts/contact-list-store.ts";
import { contactPk } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { putNextVersion } from "../table/versioned.ts";
import {
  type Clock,
  clockSchema,
  type Membership,
  memberShards,
  membershipKey,
  membershipRange,
  membershipSchema,
  membersPk,
} from "./membership.ts";

export interface Held {
  readonly memberships: ReadonlyMap<string, Membership>;
  readonly clock: Clock | undefined;
}

/** A contact's memberships and its clock, by one consistent Query. */
export async function readHeld(table: Table, contactId: string): Promise<Held> {
  const memberships = new Map<string, Membership>();
  let clock: Clock | undefined;
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": contactPk(contactId),
        ":from": membershipRange.from,
        ":to": membershipRange.to,
      },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      if (item.kind === "segmentClock") clock = clockSchema.parse(item);
      else {
        const membership = membershipSchema.parse(item);
        memberships.set(membership.segmentId, membership);
      }
    }
  }
  return { memberships, clock };
}

/** One membership by a consistent read; undefined of who was never in. */
export async function getMembership(
  table: Table,
  contactId: string,
  segmentId: string,
): Promise<Membership | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: membershipKey(contactId, segmentId), ConsistentRead: true }),
  );
  return Item && membershipSchema.parse(Item);
}

/** Writes the next version of a membership or a clock. */
export async function putNext(table: Table, item: Membership | Clock): Promise<"written" | "changed meanwhile"> {
  return (await putNextVersion(table, item)) ? "written" : "changed meanwhile";
}

export interface MemberPage {
  readonly items: readonly Contact[];
  readonly nextCursor?: string;
}

const entrySchema = z.object({ gsi1sk: z.string() });
const cursorPattern = /^[\w-]{1,64}$/;
const allShards = Array.from({ length: memberShards }, (_, shard) => shard);

/**
 * A page of a segment's members by their ids, merged over its shards.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listMembers(
  table: Table,
  segmentId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<MemberPage> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, cursorPattern);
  const found = await Promise.all(allShards.map((shard) => memberIds(table, { segmentId, shard, after }, limit + 1)));
  const ids = found.flat().sort();
  const page = ids.slice(0, limit);
  const last = page.at(-1);
  const items = await getContacts(table, page.map(contactKey));
  return { items, ...(ids.length > limit && last !== undefined && { nextCursor: encodeCursor(last) }) };
}

/** Ids of members in one shard of a segment, in order, that come after a place. The index may lag a moment behind. */
export async function memberIds(
  table: Table,
  {
    segmentId,
    shard,
    after,
  }: { readonly segmentId: string; readonly shard: number; readonly after?: string | undefined },
  limit: number,
): Promise<readonly string[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: after === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk > :after",
      ExpressionAttributeValues: {
        ":pk": membersPk(segmentId, shard),
        ...(after !== undefined && { ":after": after }),
      },
      Limit: limit,
    }),
  );
  return Items.map((item) => entrySchema.parse(item).gsi1sk);
}

/** A segment's members are counted exactly up to about so many. */
export const countBound = 20_000;

/**
 * How many contacts are in a segment, counted in its index.
 *
 * @param bound counting ends at about so many; `exact` tells whether it came to the end before
 */
export async function countMembers(
  table: Table,
  segmentId: string,
  bound: number,
): Promise<{ readonly count: number; readonly exact: boolean }> {
  const shards = await Promise.all(allShards.map((shard) => countShard(table, segmentId, shard, bound / memberShards)));
  return { count: shards.reduce((sum, { count }) => sum + count, 0), exact: shards.every(({ exact }) => exact) };
}

async function countShard(table: Table, segmentId: string, shard: number, bound: number) {
  let count = 0;
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk",
      ExpressionAttributeValues: { ":pk": membersPk(segmentId, shard) },
      Select: "COUNT",
      Limit: 1_000,
    },
  );
  for await (const { Count = 0, LastEvaluatedKey } of pages) {
    count += Count;
    if (count >= bound && LastEvaluatedKey !== undefined) return { count, exact: false };
  }
  return { count, exact: true };
}
