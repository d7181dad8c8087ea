import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { type StageRules, shippedStageRules, stageRulesSchema } from "./stage-rules.ts";

const key = { pk: "STAGERULES", sk: "RULES" } as const;

/** The rules that count now. */
export async function readStageRules(table: Table): Promise<StageRules> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key }));
  return Item === undefined ? shippedStageRules : stageRulesSchema.parse(Item);
}

/** Writes the rules' next version. @throws DomainError version_conflict when another write came first. */
export async function putStageRules(table: Table, rules: StageRules): Promise<void> {
  const before = rules.version - 1;
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "stageRules", ...rules },
        ...(before === shippedStageRules.version
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : { ConditionExpression: "version = :before", ExpressionAttributeValues: { ":before": before } }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw new DomainError("version_conflict", "The stage rules were changed meanwhile. Read them again.");
  }
}

/** New rules count after this time at the latest. */
const keptMilliseconds = 30_000;

/** Keeps the rules in memory for a short while, so that an event costs no read of them; events of one batch share one. */
export function keepStageRules(table: Table, now: () => Date): () => Promise<StageRules> {
  let kept: { readonly rules: Promise<StageRules>; readonly until: number } | undefined;
  return () => {
    const at = now().getTime();
    if (kept !== undefined && at < kept.until) return kept.rules;
    const mine = { rules: readStageRules(table), until: at + keptMilliseconds };
    kept = mine;
    mine.rules.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return mine.rules;
  };
}
