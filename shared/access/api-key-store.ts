import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { type ApiKey, apiKeySchema } from "./api-key.ts";

/** The key of an API key's item. */
export function apiKeyKey(id: string): Key {
  return { pk: `APIKEY#${id}`, sk: "APIKEY" };
}

/** An API key by its id, the hash of its secret; undefined when there is none. */
export async function getApiKey(table: Table, id: string): Promise<ApiKey | undefined> {
  const answer = await table.client.send(new GetCommand({ TableName: table.name, Key: apiKeyKey(id) }));
  return answer.Item && apiKeySchema.parse(answer.Item);
}

/** Keeps a new key. */
export async function putApiKey(table: Table, apiKey: ApiKey): Promise<void> {
  await table.client.send(
    new PutCommand({
      TableName: table.name,
      Item: { ...apiKeyKey(apiKey.id), kind: "apiKey", ...apiKey },
      ConditionExpression: "attribute_not_exists(pk)",
    }),
  );
}
