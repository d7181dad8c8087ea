import { PutCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { isWritten } from "../table/is-written.ts";
import { type Event, eventSchema } from "./event.ts";
import { contactPk, eventPrefix } from "./event-keys.ts";

/** Writes an event once; the same event again changes nothing. */
export async function putEvent(table: Table, event: Event): Promise<"written" | "already there"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({ TableName: table.name, Item: event, ConditionExpression: "attribute_not_exists(pk)" }),
    ),
  ))
    ? "written"
    : "already there";
}

export interface TimelinePage {
  readonly items: readonly Event[];
  readonly nextCursor?: string;
}

const cursorPattern = /^EVENT#\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]+$/;

/**
 * One page of a contact's timeline, newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function queryTimeline(
  table: Table,
  contactId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<TimelinePage> {
  const pk = contactPk(contactId);
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": pk, ":prefix": eventPrefix },
      ScanIndexForward: false,
      // One more than asked for tells whether another page follows.
      Limit: limit + 1,
      ...(cursor !== undefined && { ExclusiveStartKey: { pk, sk: decodeCursor(cursor, cursorPattern) } }),
    }),
  );
  const items = Items.slice(0, limit).map((item) => eventSchema.parse(item));
  const last = items.at(-1);
  return { items, ...(Items.length > limit && last && { nextCursor: encodeCursor(last.sk) }) };
}

/** A contact's events, all or those from one instant up to another, oldest first, by consistent reads. */
export async function* readEvents(
  table: Table,
  contactId: string,
  { from = "", to = "~" }: { readonly from?: string; readonly to?: string } = {},
): AsyncGenerator<Event> {
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: {
        ":pk": contactPk(contactId),
        ":from": `${eventPrefix}${from}`,
        // "~" sorts behind the "#" that follows an instant, so that what happened at `to` itself is in.
        ":to": `${eventPrefix}${to}~`,
      },
      ConsistentRead: true,
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) yield eventSchema.parse(item);
  }
}
