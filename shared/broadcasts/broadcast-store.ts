import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { isWritten } from "../table/is-written.ts";
import { type Broadcast, broadcastKey, broadcastSchema, broadcastsPk } from "./broadcast.ts";
import type { SettleMessage } from "./fan-out.ts";

/** A broadcast by a consistent read; undefined when there is none. */
export async function getBroadcast(table: Table, id: string): Promise<Broadcast | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { ...broadcastKey(id) }, ConsistentRead: true }),
  );
  return Item && broadcastSchema.parse(Item);
}

const entrySchema = z.object({ gsi1sk: z.string() });
const entryPattern = /^\d{4}-[\dT:.-]+Z#[A-Za-z0-9-]{1,40}$/;

/**
 * A page of broadcasts, the newest first. One that was made this second may be missing.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listBroadcasts(
  table: Table,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly items: readonly Broadcast[]; readonly nextCursor?: string }> {
  const before = cursor === undefined ? undefined : decodeCursor(cursor, entryPattern);
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: before === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk < :before",
      ExpressionAttributeValues: { ":pk": broadcastsPk, ...(before !== undefined && { ":before": before }) },
      ScanIndexForward: false,
      Limit: limit + 1,
    }),
  );
  const entries = Items.map((item) => entrySchema.parse(item).gsi1sk);
  const page = entries.slice(0, limit);
  const found = await Promise.all(page.map((entry) => getBroadcast(table, entry.split("#")[1] ?? "")));
  const last = page.at(-1);
  return {
    items: found.filter((broadcast) => broadcast !== undefined),
    ...(entries.length > limit && last !== undefined && { nextCursor: encodeCursor(last) }),
  };
}

/** The broadcasts that still need a segment: those not yet sent to the end, nor cancelled. */
export async function broadcastsUsing(table: Table, segmentId: string): Promise<readonly Broadcast[]> {
  const using: Broadcast[] = [];
  let cursor: string | undefined;
  do {
    const page = await listBroadcasts(table, { limit: 100, cursor });
    using.push(
      ...page.items.filter((it) => it.segmentId === segmentId && it.state !== "sent" && it.state !== "cancelled"),
    );
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return using;
}

/**
 * Writes a broadcast's next version, made from the one before it. What a page notes meanwhile may be lost: the page is
 * done again then, and the ledger knows its mails.
 *
 * @throws DomainError already_exists for a first version, else version_conflict.
 */
export async function putBroadcast(table: Table, broadcast: Broadcast): Promise<void> {
  const { id, version, createdAt } = broadcast;
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...broadcastKey(id),
          kind: "broadcast",
          gsi1pk: broadcastsPk,
          gsi1sk: `${createdAt}#${id}`,
          ...broadcast,
        },
        ...(version === 1
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": version - 1 },
            }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw new DomainError(
      version === 1 ? "already_exists" : "version_conflict",
      `The broadcast ${id} was changed meanwhile. Read it again before you change it.`,
    );
  }
}

/** Notes that every mail has come to its end, unless the broadcast was paused or cancelled meanwhile. */
export async function noteSent(table: Table, { broadcastId, epoch }: SettleMessage, now: Date): Promise<void> {
  await isWritten(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { ...broadcastKey(broadcastId) },
        UpdateExpression: "SET #state = :sent, endedAt = :now ADD #version :one",
        ConditionExpression: "#state = :sending AND fanOut.epoch = :epoch",
        ExpressionAttributeNames: { "#state": "state", "#version": "version" },
        ExpressionAttributeValues: {
          ":sent": "sent",
          ":sending": "sending",
          ":now": now.toISOString(),
          ":epoch": epoch,
          ":one": 1,
        },
      }),
    ),
  );
}
