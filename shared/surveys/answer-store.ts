import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { putNextVersion } from "../table/versioned.ts";
import { type Answer, type AnswerIntake, answerKey, answerPartition, answerSchema, withPost } from "./answer.ts";

const attempts = 5;

/**
 * Brings a post into the answer to its invitation; the same post again changes nothing.
 *
 * @throws Error when others write faster; the stage's retry goes on.
 */
export async function foldPost(table: Table, post: AnswerIntake): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: answerKey(post.payload), ConsistentRead: true }),
    );
    const before = Item && answerSchema.parse(Item);
    const after = withPost(before, post);
    if (after === before || (await putNextVersion(table, after))) return;
  }
  throw new Error("the answer changes faster than a post can be folded into it");
}

export interface AnswerPage {
  readonly items: readonly Answer[];
  readonly nextCursor: string | null;
}

/**
 * A page of the answers to one month's invitations of a survey.
 *
 * @param month `2026-11`, UTC
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listAnswers(
  table: Table,
  { surveyId, month, limit, cursor }: { surveyId: string; month: string; limit: number; cursor?: string | undefined },
): Promise<AnswerPage> {
  const pk = answerPartition(surveyId, month);
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": pk },
      Limit: limit,
      ...(cursor !== undefined && { ExclusiveStartKey: { pk, sk: decodeCursor(cursor, /^[0-9a-f]{24}$/) } }),
    }),
  );
  const items = Items.map((item) => answerSchema.parse(item));
  return { items, nextCursor: LastEvaluatedKey === undefined ? null : encodeCursor(String(LastEvaluatedKey.sk)) };
}

/** All answers to a month's invitations, up to a bound. */
export async function readAnswers(
  table: Table,
  { surveyId, month, most }: { readonly surveyId: string; readonly month: string; readonly most: number },
): Promise<{ readonly answers: readonly Answer[]; readonly truncated: boolean }> {
  const answers: Answer[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAnswers(table, { surveyId, month, limit: most - answers.length, cursor });
    answers.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && answers.length < most);
  return { answers, truncated: cursor !== undefined };
}
