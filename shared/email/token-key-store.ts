import { randomBytes } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import { type TokenKey, type TokenKeys, tokenKeySchema } from "./tokens.ts";

const key = { pk: "SECRET#tokens", sk: "SECRET" } as const;
const itemSchema = z.object({ keys: z.array(tokenKeySchema).check(z.minLength(1)) });

/** The keys that sign links, newest first; an empty list before the first mail. */
export async function loadTokenKeys(table: Table): Promise<TokenKeys> {
  const answer = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return answer.Item === undefined ? [] : itemSchema.parse(answer.Item).keys;
}

/** The keys that sign links, made on first use; of two first users one wins and both get its key. */
export async function ensureTokenKeys(table: Table): Promise<TokenKeys> {
  const existing = await loadTokenKeys(table);
  if (existing.length > 0) return existing;
  const made: TokenKey = { id: randomBytes(6).toString("hex"), secret: randomBytes(32).toString("base64") };
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "secret", keys: [made] },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
    return [made];
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return loadTokenKeys(table);
    throw error;
  }
}

/** The keys of {@link ensureTokenKeys}, asked for once per process; after a failure, again. */
export function keepTokenKeys(table: Table): () => Promise<TokenKeys> {
  let keys: Promise<TokenKeys> | undefined;
  return () => {
    keys ??= ensureTokenKeys(table).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  };
}
