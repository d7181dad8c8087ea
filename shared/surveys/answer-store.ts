import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { type Page, type Paging, queryPage } from "../table/query-page.ts";
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

/**
 * A page of the answers to one month's invitations of a survey.
 *
 * @param month `2026-11`, UTC
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export function listAnswers(
  table: Table,
  { surveyId, month, ...paging }: Paging & { readonly surveyId: string; readonly month: string },
): Promise<Page<Answer>> {
  const query = { ...paging, pk: answerPartition(surveyId, month), skPattern: /^[0-9a-f]{24}$/ };
  return queryPage(table, query, (item) => answerSchema.parse(item));
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
