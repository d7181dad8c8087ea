import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { expiryAfter } from "../table/item.ts";
import type { Intake } from "./intake.ts";
import { intakeKey, latePk } from "./intake-keys.ts";

const keptDays = 90;

type Payloads = { [Type in Intake["type"]]: Extract<Intake, { type: Type }>["payload"] };

/** What arrived, with the id and the hash that tell it from anything else. */
export type Arrival = {
  [Type in Intake["type"]]: {
    readonly type: Type;
    readonly intakeId: string;
    readonly bodyHash: string;
    readonly payload: Payloads[Type];
    readonly receivedAt: Date;
    /** Without it: when it was received. */
    readonly occurredAt?: Date;
    readonly imported?: true | undefined;
  };
}[Intake["type"]];

/**
 * Keeps what arrived, durably, by one conditional write. The same thing again changes nothing.
 *
 * @throws DomainError idempotency_key_reused when the id is that of something else.
 */
export async function putIntake(table: Table, arrival: Arrival): Promise<"stored" | "replayed"> {
  const { type, intakeId, bodyHash, payload, receivedAt, occurredAt = receivedAt, imported } = arrival;
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...intakeKey(intakeId),
          kind: "intake",
          type,
          intakeId,
          receivedAt: receivedAt.toISOString(),
          occurredAt: occurredAt.toISOString(),
          bodyHash,
          payload,
          imported,
          expiresAt: expiryAfter(receivedAt, keptDays),
        },
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return "stored";
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The old item comes with the failure, so that telling a replay from a conflict costs no read.
    if (error.Item?.bodyHash?.S === bodyHash || error.Item?.kind?.S === "erasedIntake") return "replayed";
    throw new DomainError(
      "idempotency_key_reused",
      "This idempotency key came before, with another body. Use a new key for a new request.",
      { cause: error },
    );
  }
}

/**
 * Takes out of an intake item all that it says, and keeps its key for the rest of its days: what comes again is told by
 * it. No stage hears of it any more. One that is gone needs nothing.
 *
 * @param late whose late fact it was: the record of an erasure shows it
 */
export async function eraseIntake(
  table: Table,
  intakeId: string,
  late?: { readonly contactId: string },
): Promise<void> {
  await isWritten(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: intakeKey(intakeId),
        UpdateExpression: `SET kind = :erased${late === undefined ? "" : ", gsi1pk = :late, gsi1sk = receivedAt"} REMOVE payload, bodyHash, occurredAt, joinedAt`,
        ConditionExpression: "kind = :intake",
        ExpressionAttributeValues: {
          ":erased": "erasedIntake",
          ":intake": "intake",
          ...(late !== undefined && { ":late": latePk(late.contactId) }),
        },
      }),
    ),
  );
}
