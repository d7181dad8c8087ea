import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { ownedBy } from "../events/event-keys.ts";
import { recallRefusal } from "../privacy/refusal-store.ts";
import type { Table } from "../table/client.ts";
import { addressHash } from "./email-address.ts";
import { emailIdentityKey, identitySchema } from "./identity.ts";

/** Whose the address is, or undefined when nobody's. */
export async function findByEmail(
  table: Table,
  normalised: string,
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<string | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: emailIdentityKey(normalised), ConsistentRead: consistent }),
  );
  return Item && identitySchema.parse(Item).contactId;
}

/**
 * The one contact of an address: the first writer's id wins, every other caller gets that id.
 *
 * @param newId called only for an address that seems unknown
 */
export async function claimEmail(table: Table, normalised: string, newId: () => string): Promise<string> {
  const known = await findByEmail(table, normalised);
  if (known !== undefined) return known;
  const contactId = newId();
  // Whoever was erased and had said no: that comes back before anything can be written to them.
  await recallRefusal(table, addressHash(normalised), contactId);
  const key = emailIdentityKey(normalised);
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "identity", contactId, ...ownedBy(contactId, key) },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
    return contactId;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const winner = await findByEmail(table, normalised, { consistent: true });
    if (winner === undefined) throw new Error("an identity that stopped a write is gone", { cause: error });
    return winner;
  }
}
