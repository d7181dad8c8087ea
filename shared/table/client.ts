import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { gatherReads } from "./gathered-reads.ts";

/** The one table and the client that talks to it. */
export interface Table {
  readonly name: string;
  readonly client: DynamoDBDocumentClient;
}

/** Opens the table. Writes drop `undefined` attributes; numbers stay JavaScript numbers. */
export function openTable(name: string, client: DynamoDBClient): Table {
  return {
    name,
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
  };
}

/** The same for a function that does many things side by side: its reads of items travel together. */
export function openTableGathering(name: string, client: DynamoDBClient): Table {
  const table = openTable(name, client);
  return { ...table, client: gatherReads(table.client) };
}
