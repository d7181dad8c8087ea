import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { type Run, runKey } from "./run.ts";

/** Creates a run with its first effects in one write; a contact who is in the journey already stays as they are. */
export async function createRun(table: Table, run: Run): Promise<"created" | "already there"> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...runKey(run), kind: "run", ...run },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
    return "created";
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return "already there";
    throw error;
  }
}
