import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { itemSchema } from "../table/item.ts";
import { follow, knowing, runIfWanted } from "./follow.ts";
import type { RetryMessage } from "./retry-message.ts";
import type { Stage } from "./stage.ts";

/**
 * Runs a stage again on its item as it is now; an item that is gone needs nothing more. The stages that waited for what it
 * finds out run as well.
 *
 * @throws whatever a stage throws, and Error for a stage that does not exist.
 */
export async function retryStage(
  { pk, sk, stage: name, previous, found }: RetryMessage,
  { table, stages }: { readonly table: Table; readonly stages: readonly Stage[] },
): Promise<void> {
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`there is no stage named ${name}`);
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { pk, sk }, ConsistentRead: true }),
  );
  if (Item === undefined) return;
  const change = knowing({ item: itemSchema.parse(Item), previous }, found);
  if (stage.kind !== change.item.kind) return;
  const news = await runIfWanted(stage, change);
  if (news === undefined) return;
  await follow(stages.slice(stages.indexOf(stage) + 1), knowing(change, news), runIfWanted);
}
