import { randomBytes } from "node:crypto";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { applyToConsent } from "../consent/consent-store.ts";
import { putSuppression } from "../email/suppression-store.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { actsOfWithdrawals, type Refusal, refusalKey, refusalSchema, type Word, withRefusal } from "./refusal.ts";

const secretKey = { pk: "SECRET#refusals", sk: "SECRET" } as const;
const secretSchema = z.object({ secret: z.string() });

async function readSecret(table: Table): Promise<string | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: secretKey, ConsistentRead: true }),
  );
  return Item && secretSchema.parse(Item).secret;
}

/** Makes the key of the hashes, once and for ever; of two first erasures one wins. */
export async function ensureRefusalSecret(table: Table): Promise<void> {
  if ((await readSecret(table)) !== undefined) return;
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...secretKey, kind: "secret", secret: randomBytes(32).toString("base64") },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
}

const attempts = 5;

/**
 * Keeps, beyond an erasure, that an address gets no mail, or that its owner was erased.
 *
 * @throws Error before the first erasure has made its key, or when others write the same one again and again.
 */
export async function keepRefusal(table: Table, addressHash: string, word: Word): Promise<void> {
  const secret = await readSecret(table);
  if (secret === undefined) throw new Error("the key of refusals is not there yet");
  for (let attempt = 0; attempt < attempts; attempt++) {
    const next = withRefusal(await readRefusal(table, secret, addressHash), word);
    if (next === undefined || (await putRefusal(table, secret, addressHash, next))) return;
  }
  throw new Error("a refusal changes faster than it can be written");
}

async function readRefusal(table: Table, secret: string, addressHash: string): Promise<Refusal | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: refusalKey(secret, addressHash), ConsistentRead: true }),
  );
  return Item && refusalSchema.parse(Item);
}

async function putRefusal(table: Table, secret: string, addressHash: string, next: Refusal): Promise<boolean> {
  return isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...refusalKey(secret, addressHash), kind: "refusal", ...next },
        ConditionExpression: "attribute_not_exists(pk) OR #version = :previous",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":previous": next.version - 1 },
      }),
    ),
  );
}

/**
 * The latest erasure of an address's owner: whose, and when it was asked for. Costs a read, and a second one once anybody
 * has been erased.
 */
export async function readErasedOwner(table: Table, addressHash: string): Promise<Refusal["erased"]> {
  const secret = await readSecret(table);
  return secret === undefined ? undefined : (await readRefusal(table, secret, addressHash))?.erased;
}

/**
 * What an address refused before its owner was erased, refused again by the contact that it belongs to now. Costs a read
 * for each new address, and a second one once anybody has been erased.
 */
export async function recallRefusal(table: Table, addressHash: string, contactId: string): Promise<void> {
  const secret = await readSecret(table);
  const refusal = secret === undefined ? undefined : await readRefusal(table, secret, addressHash);
  if (refusal === undefined) return;
  const { suppression } = refusal;
  const acts = actsOfWithdrawals(refusal.withdrawn);
  if (suppression !== undefined) {
    await putSuppression(table, addressHash, { ...suppression, eventId: "before-erasure", contactId });
  }
  const latest = acts
    .map(({ at }) => at)
    .sort()
    .at(-1);
  if (latest !== undefined) await applyToConsent(table, { addressHash, contactId, acts }, new Date(latest));
}
