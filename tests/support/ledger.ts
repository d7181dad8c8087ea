import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { openTable } from "../../shared/table/client.ts";
import type { TestStack } from "./stack.ts";

export interface LedgerItem {
  readonly key: string;
  readonly state: string;
  /** Why a mail was skipped. */
  readonly reason?: string;
}

/** A contact's ledger items, straight from the table, in the order of their making. */
export async function ledgerOf({ host, contact }: TestStack, email: string): Promise<readonly LedgerItem[]> {
  const { urls, tables } = await host.state();
  const table = openTable(
    tables[0] ?? "",
    new DynamoDBClient({
      endpoint: urls.dynamodb ?? "",
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    }),
  );
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": `CONTACT#${(await contact(email))?.contact.id}`, ":sk": "MESSAGE#" },
    }),
  );
  return Items.toSorted((one, other) => String(one.requestedAt).localeCompare(String(other.requestedAt))).map(
    ({ sk, state, reason }) => ({ key: String(sk).replace("MESSAGE#", ""), state, ...(reason && { reason }) }),
  );
}
