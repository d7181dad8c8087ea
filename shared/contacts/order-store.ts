import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { contactPk } from "../events/event-keys.ts";
import type { Intake } from "../intake/intake.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import type { Key } from "../table/item.ts";
import { orderWaitsAt } from "./alias.ts";
import { type HeldOrder, heldOrderSchema } from "./order-facts.ts";
import { orderKey } from "./order-keys.ts";

/** What is kept of an order, by a consistent read; undefined while nobody has told of it. */
export async function readOrder(table: Table, key: Key): Promise<HeldOrder | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item && heldOrderSchema.parse(Item);
}

/**
 * Takes an order for the intake item that tells of it: the first one gets it, and gets it again when it asks again.
 * Intake items expire and orders do not: an import may tell years later of the same order by an intake of the same id.
 */
export async function claimOrder(
  table: Table,
  origin: readonly string[],
  { intakeId, contactId, receivedAt }: Extract<Intake, { type: "track" }>,
  held: HeldOrder,
): Promise<"claimed" | "told before"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...held,
          ...orderKey(origin),
          kind: "order",
          intakeId,
          receivedAt,
          contactId,
          waitsAt: orderWaitsAt(origin),
        },
        ConditionExpression: "attribute_not_exists(pk) OR (intakeId = :intakeId AND receivedAt = :receivedAt)",
        ExpressionAttributeValues: { ":intakeId": intakeId, ":receivedAt": receivedAt },
      }),
    ),
  ))
    ? "claimed"
    : "told before";
}

/** Lets what is told of a payment, which was taken for an order of its own, be told of the order that it paid. */
export async function putPayment(table: Table, key: Key, { orderId, revenue, total }: HeldOrder): Promise<void> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  if (Item === undefined) return;
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...Item, orderId, revenue, total } }));
}

/** Remembers with the contact an intake item of which no event was made, as long as that item is there: it is found by this alone. */
export async function putRepeated(table: Table, contactId: string, { intakeId, expiresAt }: Intake): Promise<void> {
  const Item = { pk: contactPk(contactId), sk: `REPEATED#${intakeId}`, kind: "repeated", intakeId, expiresAt };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}
