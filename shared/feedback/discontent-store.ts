import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { contactPk } from "../events/event-keys.ts";
import { answerSchema, scoreOf } from "../surveys/answer.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { type Item, keySchema } from "../table/item.ts";
import { isDiscontented, isLowScore } from "./discontent.ts";
import { feedbackPartition, feedbackSchema } from "./feedback.ts";

/** Of more answers and comments the last in the index are looked at. */
const most = 50;

/** Whether a contact has spoken of discontent, or given a low score, since an instant: two queries, and a read of what they find. */
export async function hasComplained(table: Table, contactId: string, since: string): Promise<boolean> {
  const [answers, feedback] = await Promise.all([
    readOwned(table, contactId, { from: "ANSWERS#", to: "ANSWERS#~" }),
    readOwned(table, contactId, { from: feedbackPartition(since.slice(0, 7)), to: feedbackPartition("~") }),
  ]);
  return (
    answers
      .map((item) => answerSchema.parse(item))
      .some((answer) => answer.standsAt >= since && isLowScore(answer.surveyKind, scoreOf(answer))) ||
    feedback.map((item) => feedbackSchema.parse(item)).some((said) => said.occurredAt >= since && isDiscontented(said))
  );
}

async function readOwned(
  table: Table,
  contactId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<readonly Item[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk AND gsi1sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": contactPk(contactId), ":from": from, ":to": to },
      ScanIndexForward: false,
      Limit: most,
    }),
  );
  return batchGet(
    table,
    Items.map((item) => keySchema.parse(item)),
  );
}
