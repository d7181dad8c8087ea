import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { keepReading } from "../table/keep-reading.ts";
import { putNextVersion } from "../table/versioned.ts";
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
  const stored = before === shippedStageRules.version ? 0 : before;
  const item = { ...key, kind: "stageRules", ...rules };
  if (await putNextVersion(table, item, stored)) return;
  throw new DomainError("version_conflict", "The stage rules were changed meanwhile. Read them again.");
}

/** New rules count after this time at the latest. */
const keptSeconds = 30;

/** Keeps the rules in memory for a short while, so that an event costs no read of them; events of one batch share one. */
export function keepStageRules(table: Table, now: () => Date): () => Promise<StageRules> {
  return keepReading(() => readStageRules(table), { now, seconds: keptSeconds }).get;
}
