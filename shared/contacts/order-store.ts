import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { contactPk } from "../events/event-keys.ts";
import type { Intake } from "../intake/intake.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { orderWaitsAt } from "./alias.ts";
import { orderKey } from "./order-keys.ts";

/**
 * Takes an order for the intake item that tells of it: the first one gets it, and gets it again when it asks again.
 * Intake items expire and orders do not: an import may tell years later of the same order by an intake of the same id.
 */
export async function claimOrder(
  table: Table,
  origin: readonly string[],
  { intakeId, contactId, receivedAt, payload }: Extract<Intake, { type: "track" }>,
): Promise<"claimed" | "told before"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...orderKey(origin),
          kind: "order",
          intakeId,
          receivedAt,
          contactId,
          waitsAt: orderWaitsAt(origin),
          revenue: payload.properties.revenue,
        },
        ConditionExpression: "attribute_not_exists(pk) OR (intakeId = :intakeId AND receivedAt = :receivedAt)",
        ExpressionAttributeValues: { ":intakeId": intakeId, ":receivedAt": receivedAt },
      }),
    ),
  ))
    ? "claimed"
    : "told before";
}

/** Remembers with the contact an intake item of which no event was made, as long as that item is there: it is found by this alone. */
export async function putRepeated(table: Table, contactId: string, { intakeId, expiresAt }: Intake): Promise<void> {
  const Item = { pk: contactPk(contactId), sk: `REPEATED#${intakeId}`, kind: "repeated", intakeId, expiresAt };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}
