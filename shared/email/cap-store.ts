import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { type Cap, type CapClaim, type CapVerdict, capKey, capSchema, claimSlot, releaseSlot } from "./cap.ts";

/** A contact's cap as the delivery uses it. */
export interface Caps {
  /** Serialises concurrent mails to one contact: of two, one gets the room and the other sees it taken. */
  claim(contactId: string, claim: CapClaim): Promise<CapVerdict>;
  /** Gives back what a mail had claimed that is not sent after all. */
  release(contactId: string, key: string): Promise<void>;
}

const attempts = 20;

/** The caps in the table: a claim is one read and one write unit. */
export function openCaps(table: Table): Caps {
  async function change<Result>(
    contactId: string,
    decide: (cap: Cap | undefined) => { readonly result: Result; readonly cap?: Cap | undefined },
  ): Promise<Result> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { result, cap } = decide(await readCap(table, contactId));
      if (cap === undefined || (await put(table, contactId, cap))) return result;
    }
    throw new Error("A contact's cap changes faster than it can be written.");
  }

  return {
    claim: (contactId, claim) =>
      change(contactId, (before) => {
        const { verdict, cap } = claimSlot(before, claim);
        return { result: verdict, cap };
      }),
    release: (contactId, key) => change(contactId, (before) => ({ result: undefined, cap: releaseSlot(before, key) })),
  };
}

/** A contact's cap by a consistent read; undefined before the first marketing mail. */
export async function readCap(table: Table, contactId: string): Promise<Cap | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: capKey(contactId), ConsistentRead: true }),
  );
  return Item && capSchema.parse(Item);
}

async function put(table: Table, contactId: string, cap: Cap): Promise<boolean> {
  return isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...capKey(contactId), kind: "cap", ...cap },
        ConditionExpression: cap.version === 1 ? "attribute_not_exists(pk)" : "#version = :previous",
        ...(cap.version > 1 && {
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":previous": cap.version - 1 },
        }),
      }),
    ),
  );
}
