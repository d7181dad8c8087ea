import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { orderEventId } from "../contacts/order-keys.ts";
import { takenBackSchema } from "../events/commerce.ts";
import { contactOf, type Event } from "../events/event.ts";
import { contactPk } from "../events/event-keys.ts";
import { readEvents } from "../events/event-store.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import type { Key } from "../table/item.ts";
import { putNewer } from "../table/put-newer.ts";
import {
  type Credit,
  type CreditItem,
  creditOf,
  creditSchema,
  type OrderResult,
  orderNames,
  withFormerShares,
} from "./credit.ts";
import { mailOf } from "./mail-fact.ts";

/** Writers of one order's credit at one time are few; more conflicts than this go to the retry queue. */
const attempts = 5;

/**
 * Brings the credits up to date that an event can change: of the order that it is or takes back of, or of the orders
 * that followed the mail it tells of.
 *
 * @throws Error when other writers came first too often; calling it again is right.
 */
export async function settleCredits(table: Table, event: Event, windowMilliseconds: number): Promise<void> {
  const contactId = contactOf(event);
  if (event.name === "Order Completed") return settleCredit(table, event, windowMilliseconds);
  if (orderNames.has(event.name)) {
    const orderId = orderEventId(event.source, takenBackSchema.parse(event.properties).orderId);
    for await (const other of readEvents(table, contactId)) {
      if (other.eventId === orderId) await settleCredit(table, other, windowMilliseconds);
    }
    return;
  }
  const from = earliestConcerned(event);
  const to = new Date(Date.parse(from) + windowMilliseconds + 1_000).toISOString();
  for await (const other of readEvents(table, contactId, { from, to })) {
    if (other.name === "Order Completed") await settleCredit(table, other, windowMilliseconds);
  }
}

/** A click can make its neighbours of the second before a scanner's; a trial counts from when its mail was asked for. */
function earliestConcerned(event: Event): string {
  if (event.name !== "Email Link Clicked") return mailOf(event)?.askedAt ?? event.occurredAt;
  return new Date(Date.parse(event.occurredAt) - 1_000).toISOString();
}

/**
 * Writes an order's credit as its contact's timeline tells it. The version is read before the timeline: whoever has
 * read less of it than is there fails, and reads again.
 */
async function settleCredit(table: Table, order: Event, windowMilliseconds: number): Promise<void> {
  const contactId = contactOf(order);
  const key = creditKey(contactId, order.eventId);
  // A second more: a click at the edge of the window is judged beside its neighbours.
  const from = new Date(Date.parse(order.occurredAt) - windowMilliseconds - 1_000).toISOString();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const held = await readCredit(table, key);
    const events: Event[] = [];
    for await (const event of readEvents(table, contactId, { from })) events.push(event);
    const credit = creditOf(order, events, windowMilliseconds);
    if (credit === undefined || (held === undefined && credit.shares.length === 0)) return;
    const next = withFormerShares(credit, held);
    if (held !== undefined && isDeepStrictEqual(next, factsOf(held))) return;
    if (
      (await putCredit(table, { ...key, kind: "credit", ...next, version: (held?.version ?? 0) + 1 })) === "written"
    ) {
      return;
    }
  }
  throw new Error(`the credit of an order changed under all of ${attempts} attempts to write it`);
}

function creditKey(contactId: string, orderId: string): Key {
  return { pk: contactPk(contactId), sk: `CREDIT#${orderId}` };
}

function factsOf({ pk: _pk, sk: _sk, kind: _kind, version: _version, ...credit }: CreditItem): Credit {
  return credit;
}

async function readCredit(table: Table, key: Key): Promise<CreditItem | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item && creditSchema.parse(Item);
}

/** Writes on condition of the version before: of two writers one is told. */
async function putCredit(table: Table, credit: CreditItem): Promise<"written" | "overtaken"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: credit,
        ConditionExpression: "attribute_not_exists(pk) OR #version = :previous",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":previous": credit.version - 1 },
      }),
    ),
  ))
    ? "written"
    : "overtaken";
}

/** Writes what of a share stands among the results, unless a later version of its credit has already. */
export function putOrderResult(table: Table, result: OrderResult): Promise<"written" | "overtaken"> {
  return putNewer(table, result);
}
