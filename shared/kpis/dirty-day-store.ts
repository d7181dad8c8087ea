import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";

const dirtyDaySchema = z.object({ sk: z.iso.date(), mark: z.string() });

/** A UTC date whose entries have changed since they were last counted. */
export interface DirtyDay {
  readonly utcDate: string;
  readonly mark: string;
}

/** Marks a UTC date. The mark is new each time, so a roll-up that is under way does not clear it. */
export async function markDay(table: Table, utcDate: string): Promise<void> {
  const item = { pk: "DIRTY", sk: utcDate, kind: "dirtyDay", mark: randomUUID() };
  await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
}

/**
 * A marker that writes once for all calls of one turn of the event loop. A mark covers every entry that was written
 * before the mark was, so calls that wait for the same write are all covered.
 */
export function createDayMarker(table: Table): (utcDate: string) => Promise<void> {
  const waiting = new Map<string, Promise<void>>();
  return (utcDate) => {
    const shared = waiting.get(utcDate);
    if (shared !== undefined) return shared;
    const written = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      waiting.delete(utcDate);
      return markDay(table, utcDate);
    });
    waiting.set(utcDate, written);
    return written;
  };
}

export async function readDirtyDays(table: Table): Promise<readonly DirtyDay[]> {
  const days: DirtyDay[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": "DIRTY" },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const { sk, mark } = dirtyDaySchema.parse(item);
      days.push({ utcDate: sk, mark });
    }
  }
  return days;
}

/** Clears a mark, unless the day has been marked again since it was read. */
export async function clearDay(table: Table, { utcDate, mark }: DirtyDay): Promise<"cleared" | "marked again"> {
  try {
    await table.client.send(
      new DeleteCommand({
        TableName: table.name,
        Key: { pk: "DIRTY", sk: utcDate },
        ConditionExpression: "mark = :mark",
        ExpressionAttributeValues: { ":mark": mark },
      }),
    );
    return "cleared";
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return "marked again";
    throw error;
  }
}
