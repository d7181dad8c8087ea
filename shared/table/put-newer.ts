import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "./client.ts";
import { isWritten } from "./is-written.ts";
import type { Key } from "./item.ts";

/** Writes an item, unless a newer version of it is there already: whatever order versions come in, the newest stays. */
export async function putNewer(
  table: Table,
  item: Key & { readonly version: number },
): Promise<"written" | "overtaken"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: item,
        ConditionExpression: "attribute_not_exists(pk) OR #version < :version",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":version": item.version },
      }),
    ),
  ))
    ? "written"
    : "overtaken";
}
