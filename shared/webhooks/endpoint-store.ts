import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { readSecret, type SecretStore } from "../secrets/secret-store.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import type { Key } from "../table/item.ts";
import { type Endpoint, type EndpointSecrets, endpointSchema, endpointSecretsSchema } from "./endpoint.ts";

const partition = "ENDPOINTS";

const endpointKey = (id: string): Key => ({ pk: partition, sk: id });

/** An endpoint by its id; undefined when there is none. */
export async function getEndpoint(table: Table, id: string): Promise<Endpoint | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: endpointKey(id), ConsistentRead: true }),
  );
  return Item && endpointSchema.parse(Item);
}

/** Every endpoint, in one read: there are a handful. */
export async function listEndpoints(table: Table): Promise<readonly Endpoint[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": partition },
    }),
  );
  return Items.map((item) => endpointSchema.parse(item));
}

/** Keeps an endpoint as an administrator wants it, whatever it was. */
export async function putEndpoint(table: Table, endpoint: Endpoint): Promise<void> {
  const Item = { ...endpointKey(endpoint.id), kind: "webhookEndpoint", ...endpoint };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

/** Notes that an endpoint wants no more, unless it was changed since it was read. */
export async function endpointGone(table: Table, { id, updatedAt }: Endpoint): Promise<void> {
  await isWritten(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: endpointKey(id),
        UpdateExpression: "SET #state = :gone",
        ConditionExpression: "updatedAt = :read",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ":gone": "gone", ":read": updatedAt },
      }),
    ),
  );
}

/** The secrets of an endpoint; undefined when it has none. */
export async function readEndpointSecrets(store: SecretStore, id: string): Promise<EndpointSecrets | undefined> {
  const content = await readSecret(store, id);
  return content === undefined ? undefined : endpointSecretsSchema.parse(content);
}
