import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Target } from "../kpis/target.ts";
import { targetWrites } from "../kpis/target-store.ts";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { type Page, type Paging, queryPage } from "../table/query-page.ts";
import { nextVersion, putNextVersion } from "../table/versioned.ts";
import { type Gathered, gatheredSchema, partsOf, type Review, reviewSchema } from "./review.ts";
import { type Schedule, scheduleSchema, shippedSchedule } from "./schedule.ts";

const pk = "REVIEWS";
const prefix = "REVIEW#";
const skPattern = /^REVIEW#\d{4}-\d\d-\d\d#(month|quarter|year)$/;

/** By the day that its period began on, so that a list has the latest first. */
function keyOf(id: string): Key {
  const { kind, start } = partsOf(id);
  return { pk, sk: `${prefix}${start}#${kind}` };
}

const gatheredKey = (id: string): Key => ({ pk: `REVIEW#${id}`, sk: "GATHERED" });

function itemOf(review: Review) {
  return { ...keyOf(review.id), kind: "review", ...review };
}

/** A review as it is now; consistent. */
export async function readReview(table: Table, id: string): Promise<Review | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keyOf(id), ConsistentRead: true }),
  );
  return Item && reviewSchema.parse(Item);
}

/** What a review was opened with; written with it. */
export async function readGathered(table: Table, id: string): Promise<Gathered | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: gatheredKey(id) }));
  return Item && gatheredSchema.parse(Item);
}

/** Opens a review with what was gathered for it, both or neither; false where it has been opened already. */
export async function openReview(table: Table, review: Review, gathered: Gathered): Promise<boolean> {
  const items = [itemOf(review), { ...gatheredKey(review.id), kind: "reviewGathered", ...gathered }];
  try {
    await table.client.send(
      new TransactWriteCommand({
        TransactItems: items.map((Item) => ({
          Put: { TableName: table.name, Item, ConditionExpression: "attribute_not_exists(pk)" },
        })),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

/** Writes a review's next version. @throws DomainError version_conflict when another change came first */
export async function putReview(table: Table, review: Review): Promise<void> {
  if (!(await putNextVersion(table, itemOf(review)))) throw changed("The review");
}

/**
 * Closes a review and writes the targets that it sets: all of them or nothing.
 *
 * @throws DomainError version_conflict when another change of the review or of a target came first
 */
export async function closeReview(table: Table, review: Review, targets: readonly Target[]): Promise<void> {
  try {
    await table.client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: nextVersion(table, itemOf(review)) },
          ...targets.flatMap((target) => targetWrites(table, target)),
        ],
      }),
    );
  } catch (cause) {
    if (!(cause instanceof TransactionCanceledException)) throw cause;
    const [own] = cause.CancellationReasons ?? [];
    throw changed(own?.Code === "ConditionalCheckFailed" ? "The review" : "One of the targets", cause);
  }
}

function changed(what: string, cause?: unknown): DomainError {
  const how = "Nothing was written; read it again.";
  return new DomainError("version_conflict", `${what} was changed meanwhile. ${how}`, { cause });
}

/**
 * A page of reviews, the latest period first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export function listReviews(table: Table, paging: Paging): Promise<Page<Review>> {
  return queryPage(table, { ...paging, pk, prefix, skPattern, newestFirst: true }, (item) => reviewSchema.parse(item));
}

const scheduleKey: Key = { pk, sk: "SCHEDULE" };

/** Which periods are reviewed: as the account says, else each quarter. */
export async function readSchedule(table: Table): Promise<Schedule> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: scheduleKey, ConsistentRead: true }),
  );
  return Item === undefined ? shippedSchedule : scheduleSchema.parse(Item);
}

/** @throws DomainError version_conflict when another change came first */
export async function putSchedule(table: Table, schedule: Schedule): Promise<void> {
  if (await putNextVersion(table, { ...scheduleKey, ...{ kind: "reviewSchedule" }, ...schedule })) return;
  throw changed("The schedule");
}
