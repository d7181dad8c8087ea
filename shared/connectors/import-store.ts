import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { expiryAfter } from "../table/item.ts";
import { type Import, importKey, importSchema } from "./import.ts";
import { nightlyPrefix } from "./reconciliation.ts";

/** An import by a consistent read; undefined when there is none. */
export async function getImport(table: Table, source: string, importId: string): Promise<Import | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: importKey(source, importId), ConsistentRead: true }),
  );
  return Item && importSchema.parse(Item);
}

const listed = 50;
/** How many nights a reconciliation is kept. */
const keptNights = 30;

/** A shop's latest imports by id, the newest first. */
export async function listImports(table: Table, source: string): Promise<readonly Import[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk < :nightly",
      ExpressionAttributeValues: { ":pk": importKey(source, "").pk, ":nightly": nightlyPrefix },
      ScanIndexForward: false,
      Limit: listed,
    }),
  );
  return Items.map((item) => importSchema.parse(item));
}

/** A shop's latest reconciliation; undefined before the first night. */
export async function latestReconciliation(table: Table, source: string): Promise<Import | undefined> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :nightly)",
      ExpressionAttributeValues: { ":pk": importKey(source, "").pk, ":nightly": nightlyPrefix },
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  return Items.map((item) => importSchema.parse(item))[0];
}

/** Writes an import on condition of the version before it. */
export async function putImport(table: Table, next: Import): Promise<"written" | "changed meanwhile"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...importKey(next.source, next.importId),
          kind: "import",
          ...next,
          ...(next.comparison !== undefined && { expiresAt: expiryAfter(new Date(next.startedAt), keptNights) }),
        },
        ...(next.version === 1
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": next.version - 1 },
            }),
      }),
    ),
  ))
    ? "written"
    : "changed meanwhile";
}
