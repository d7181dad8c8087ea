import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { type Import, importKey, importSchema } from "./import.ts";

/** An import by a consistent read; undefined when there is none. */
export async function getImport(table: Table, source: string, importId: string): Promise<Import | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: importKey(source, importId), ConsistentRead: true }),
  );
  return Item && importSchema.parse(Item);
}

const listed = 50;

/** A shop's latest imports by id, the newest first. */
export async function listImports(table: Table, source: string): Promise<readonly Import[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": importKey(source, "").pk },
      ScanIndexForward: false,
      Limit: listed,
    }),
  );
  return Items.map((item) => importSchema.parse(item));
}

/** Writes an import on condition of the version before it. */
export async function putImport(table: Table, next: Import): Promise<"written" | "changed meanwhile"> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...importKey(next.source, next.importId), kind: "import", ...next },
        ...(next.version === 1
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": next.version - 1 },
            }),
      }),
    );
    return "written";
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return "changed meanwhile";
    throw error;
  }
}
