import { DeleteCommand, GetCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { type Due, dueBy, dueItem } from "./due.ts";

const foundSchema = z.looseObject({ pk: z.string(), sk: z.string() });
/** A due item as found: it is parsed by whoever sends it, so that one bad item hides no other. */
export type FoundDue = z.output<typeof foundSchema>;

/** Puts a due item; the same one again changes nothing. */
export async function putDue(table: Table, due: Due): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: dueItem(due) }));
}

/** What is due by `now` in a partition, page by page, oldest first. */
export async function* readDue(table: Table, pk: string, now: Date): AsyncGenerator<readonly FoundDue[]> {
  const pages = paginateQuery(
    { client: table.client, pageSize: 100 },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk <= :by",
      ExpressionAttributeValues: { ":pk": pk, ":by": dueBy(now) },
    },
  );
  for await (const { Items = [] } of pages) yield Items.map((item) => foundSchema.parse(item));
}

/** Deletes a due item whose message has been sent. */
export async function deleteDue(table: Table, { pk, sk }: Key): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
}

/** Tells when a sweep last looked back without leaving anything; no day's partition has this name. */
const markKey: Key = { pk: "DUE#SWEPT", sk: "DUE#SWEPT" };
const markSchema = z.object({ at: z.iso.datetime() });

/** When a sweep last looked back; undefined before the first. */
export async function readSweepMark(table: Table): Promise<Date | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: { ...markKey } }));
  return Item === undefined ? undefined : new Date(markSchema.parse(Item).at);
}

/** Notes that a sweep has looked back; of two at once either may stand. */
export async function putSweepMark(table: Table, at: Date): Promise<void> {
  const Item = { ...markKey, kind: "due", at: at.toISOString() };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}
