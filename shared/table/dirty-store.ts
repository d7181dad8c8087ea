import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "./client.ts";
import { queryAll } from "./query-all.ts";

/** What has changed since it was last counted: of KPIs and the funnel UTC dates, of results a campaign's UTC date. */
export const dirtyLists = { kpis: "DIRTY", results: "DIRTY#results", funnel: "DIRTY#funnel" } as const;
export type DirtyList = keyof typeof dirtyLists;

const markSchema = z.object({ sk: z.string(), mark: z.string() });

/** Something to be counted again. */
export interface DirtyMark {
  readonly name: string;
  readonly mark: string;
}

/** Marks what is to be counted again. The mark is new each time, so a roll-up that is under way does not clear it. */
export async function markDirty(table: Table, list: DirtyList, name: string): Promise<void> {
  const item = { pk: dirtyLists[list], sk: name, kind: "dirtyDay", mark: randomUUID() };
  await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
}

/**
 * A marker that writes once for all calls of one turn of the event loop. A mark covers every entry that was written
 * before the mark was, so calls that wait for the same write are all covered.
 */
export function createMarker(table: Table, list: DirtyList): (name: string) => Promise<void> {
  const waiting = new Map<string, Promise<void>>();
  return (name) => {
    const shared = waiting.get(name);
    if (shared !== undefined) return shared;
    const written = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      waiting.delete(name);
      return markDirty(table, list, name);
    });
    waiting.set(name, written);
    return written;
  };
}

export async function readDirty(table: Table, list: DirtyList): Promise<readonly DirtyMark[]> {
  const items = await queryAll(table, { pk: dirtyLists[list], consistent: true });
  return items.map((item) => {
    const { sk, mark } = markSchema.parse(item);
    return { name: sk, mark };
  });
}

/** Clears a mark, unless the same has been marked again since it was read. */
export async function clearDirty(
  table: Table,
  list: DirtyList,
  { name, mark }: DirtyMark,
): Promise<"cleared" | "marked again"> {
  try {
    await table.client.send(
      new DeleteCommand({
        TableName: table.name,
        Key: { pk: dirtyLists[list], sk: name },
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
