import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { putNewer } from "../table/put-newer.ts";
import { type Feedback, feedbackPartition, feedbackSchema } from "./feedback.ts";

/** Writes feedback; the same again changes nothing, and an older wording of a comment never replaces a newer one. */
export async function putFeedback(table: Table, feedback: Feedback): Promise<void> {
  await putNewer(table, feedback);
}

export interface Span {
  readonly from: Date;
  /** Without it itself. */
  readonly to: Date;
}

const pageSize = 250;

/** What was said in a span of time, newest first, one Query for each page of a UTC month. */
async function* newestFirst(table: Table, { from, to }: Span, after?: string): AsyncGenerator<Feedback> {
  const last = after ?? `${new Date(to.getTime() - 1).toISOString()}~`;
  for (const month of monthsBetween(from.toISOString(), last)) {
    const pk = feedbackPartition(month);
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await table.client.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :last",
          ExpressionAttributeValues: { ":pk": pk, ":from": from.toISOString(), ":last": last },
          ScanIndexForward: false,
          Limit: pageSize,
          ...(start !== undefined && { ExclusiveStartKey: start }),
        }),
      );
      for (const item of Items) if (item.sk !== after) yield feedbackSchema.parse(item);
      start = LastEvaluatedKey;
    } while (start !== undefined);
  }
}

/** UTC months of two instants and all between, the last one first. */
function monthsBetween(from: string, last: string): readonly string[] {
  const months: string[] = [];
  for (let month = last.slice(0, 7); month >= from.slice(0, 7); month = monthBefore(month)) months.push(month);
  return months;
}

function monthBefore(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 2)).toISOString().slice(0, 7);
}

/** All that was said in a span, newest first, up to a bound. */
export async function readFeedback(
  table: Table,
  span: Span,
  most: number,
): Promise<{ readonly items: readonly Feedback[]; readonly truncated: boolean }> {
  const items: Feedback[] = [];
  for await (const each of newestFirst(table, span)) {
    if (items.length === most) return { items, truncated: true };
    items.push(each);
  }
  return { items, truncated: false };
}

/** One call looks at no more than so many; a cursor goes on behind them. */
const mostLookedAt = 1_000;
const cursorPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{24}$/;

/**
 * A page of what was said in a span and passes a filter, newest first. A page may be short or empty, and have a cursor all
 * the same, where much was looked at and little passed.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listFeedback(
  table: Table,
  {
    limit,
    cursor,
    passes,
    ...span
  }: Span & {
    readonly limit: number;
    readonly cursor?: string | undefined;
    readonly passes: (feedback: Feedback) => boolean;
  },
): Promise<{ readonly items: readonly Feedback[]; readonly nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, cursorPattern);
  const items: Feedback[] = [];
  let lookedAt = 0;
  let last: string | undefined;
  for await (const each of newestFirst(table, span, after)) {
    if (last !== undefined && (items.length === limit || lookedAt === mostLookedAt)) {
      return { items, nextCursor: encodeCursor(last) };
    }
    lookedAt++;
    last = each.sk;
    if (passes(each)) items.push(each);
  }
  return { items, nextCursor: null };
}
