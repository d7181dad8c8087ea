import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { type Target, targetSchema } from "./target.ts";

const keyOf = (kpi: string) => ({ pk: "TARGET", sk: kpi });

export async function readTarget(table: Table, kpi: string): Promise<Target | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keyOf(kpi) }));
  return Item && targetSchema.parse(Item);
}

/** Every target, in one read: there is one for each KPI at the most. */
export async function readTargets(table: Table): Promise<readonly Target[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": "TARGET" },
    }),
  );
  return Items.map((item) => targetSchema.parse(item));
}

/**
 * Writes the next version of a target.
 *
 * @param expected the version that the change was made from; undefined for a first one
 * @throws DomainError already_exists, or version_conflict with the version that is there
 */
export async function putTarget(table: Table, target: Target, expected: number | undefined): Promise<void> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keyOf(target.kpi), kind: "kpiTarget", ...target },
        ConditionExpression: expected === undefined ? "attribute_not_exists(pk)" : "version = :expected",
        ...(expected !== undefined && { ExpressionAttributeValues: { ":expected": expected } }),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const current = error.Item?.version?.N;
    if (current === undefined)
      throw new DomainError("not_found", `${target.kpi} has no target yet. Leave out If-Match.`);
    const code = expected === undefined ? "already_exists" : "version_conflict";
    throw new DomainError(
      code,
      `${target.kpi} has a target at version ${current}. Read it, then send If-Match: "${current}".`,
    );
  }
}
