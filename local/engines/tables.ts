import {
  type AttributeDefinition,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import type { IndexModel, KeyModel, TableModel } from "../assembly/model.ts";
import { StartError } from "../start-error.ts";
import { hostCredentials } from "./host-credentials.ts";

/** Creates the tables that the engine does not have yet. Time-to-live is kept by the host's clock, not by the engine. */
export async function createTables(url: string, region: string, tables: readonly TableModel[]): Promise<void> {
  const client = new DynamoDBClient({ endpoint: url, region, credentials: hostCredentials });
  try {
    await Promise.all(tables.map((table) => ensureTable(client, table)));
  } finally {
    client.destroy();
  }
}

async function ensureTable(client: DynamoDBClient, table: TableModel): Promise<void> {
  const existing = await describe(client, table.name);
  if (existing === undefined) {
    await client.send(new CreateTableCommand(createTableInput(table)));
  } else if (shapeOf(existing) !== shapeOf(createTableInput(table))) {
    throw new StartError(
      `The table ${table.name} in the data folder has other keys, indexes or stream than the template: delete the data folder, or start with --memory.`,
    );
  }
}

async function describe(client: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

export function createTableInput(table: TableModel) {
  const indexes = table.indexes.map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: {
      ProjectionType: index.projection.type,
      ...(index.projection.attributes.length > 0 ? { NonKeyAttributes: [...index.projection.attributes] } : {}),
    },
  }));
  return {
    TableName: table.name,
    BillingMode: "PAY_PER_REQUEST" as const,
    KeySchema: keySchema(table),
    AttributeDefinitions: definitions([table, ...table.indexes]),
    ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
    ...(table.streamViewType
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: table.streamViewType } }
      : {}),
  };
}

type Keyed = Pick<IndexModel, "partitionKey" | "sortKey">;

function keySchema({ partitionKey, sortKey }: Keyed): KeySchemaElement[] {
  const hash: KeySchemaElement = { AttributeName: partitionKey.name, KeyType: "HASH" };
  return sortKey === undefined ? [hash] : [hash, { AttributeName: sortKey.name, KeyType: "RANGE" }];
}

function definitions(keyed: readonly Keyed[]): AttributeDefinition[] {
  const keys = keyed.flatMap(({ partitionKey, sortKey }): KeyModel[] =>
    sortKey ? [partitionKey, sortKey] : [partitionKey],
  );
  const byName = new Map(keys.map((key) => [key.name, key]));
  return [...byName.values()].map((key) => ({ AttributeName: key.name, AttributeType: key.type }));
}

/** What must be equal between the template and an existing table. */
function shapeOf(
  table: Pick<TableDescription, "KeySchema" | "GlobalSecondaryIndexes" | "StreamSpecification">,
): string {
  const indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => [
    index.IndexName,
    index.KeySchema?.map((key) => key.AttributeName),
    index.Projection?.ProjectionType,
    [...(index.Projection?.NonKeyAttributes ?? [])].sort(),
  ]);
  return JSON.stringify([
    table.KeySchema?.map((key) => key.AttributeName),
    indexes.sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
    table.StreamSpecification?.StreamViewType ?? null,
  ]);
}
