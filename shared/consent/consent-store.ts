import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { ownedBy } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { type Consent, type ConsentChange, consentSchema, decide } from "./consent.ts";
import { consentKey } from "./consent-keys.ts";

/** The consent of an address as it is now, by a consistent read; undefined when it was never asked. */
export async function readConsent(table: Table, addressHash: string): Promise<Consent | undefined> {
  const answer = await table.client.send(
    new GetCommand({ TableName: table.name, Key: consentKey(addressHash), ConsistentRead: true }),
  );
  return answer.Item && consentSchema.parse(answer.Item);
}

const attempts = 5;

/**
 * Applies a change to the consent of its address, on condition of the version that was read.
 *
 * @throws Error when others change the same consent again and again; the stage runs anew then.
 */
export async function applyToConsent(table: Table, change: ConsentChange, now: Date): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const next = decide(await readConsent(table, change.addressHash), change, now);
    if (next === undefined || (await putConsent(table, next))) return;
  }
  throw new Error("The consent of an address changes faster than it can be written.");
}

async function putConsent(table: Table, consent: Consent): Promise<boolean> {
  const isNew = consent.version === 1;
  const key = consentKey(consent.addressHash);
  return isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "consent", ...ownedBy(consent.contactId, key), ...consent },
        ...(isNew
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :read",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":read": consent.version - 1 },
            }),
      }),
    ),
  );
}
