import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { type CampaignCost, campaignCostSchema } from "./cost.ts";
import { type CampaignName, campaignKey } from "./mail-fact.ts";

function costKey(campaign: CampaignName): Key {
  return { pk: `CAMPAIGN#${campaignKey(campaign)}`, sk: "COST" };
}

export async function readCost(table: Table, campaign: CampaignName): Promise<CampaignCost | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: costKey(campaign) }));
  return Item && campaignCostSchema.parse(Item);
}

/**
 * Writes the next version of what a campaign cost.
 *
 * @param expected the version that the change was made from; undefined for a first one
 * @throws DomainError already_exists, not_found, or version_conflict with the version that is there
 */
export async function putCost(
  table: Table,
  campaign: CampaignName,
  cost: CampaignCost,
  expected: number | undefined,
): Promise<void> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...costKey(campaign), kind: "campaignCost", ...cost },
        ...(expected === undefined
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : { ConditionExpression: "version = :expected", ExpressionAttributeValues: { ":expected": expected } }),
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const current = error.Item?.version?.N;
    const name = `The ${campaign.type} ${campaign.id}`;
    if (current === undefined) throw new DomainError("not_found", `${name} has no cost yet. Leave out If-Match.`);
    throw new DomainError(
      expected === undefined ? "already_exists" : "version_conflict",
      `${name} has a cost at version ${current}. Read it, then send If-Match: "${current}".`,
    );
  }
}
