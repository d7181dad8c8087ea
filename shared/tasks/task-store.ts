import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { isWritten } from "../table/is-written.ts";
import { keySchema } from "../table/item.ts";
import {
  listPk,
  listSk,
  listSkPattern,
  type Task,
  type TaskState,
  taskKey,
  taskReferenceKey,
  taskSchema,
} from "./task.ts";

function itemOf(task: Task) {
  const list = { gsi1pk: listPk(task.owner, task.state), gsi1sk: listSk(task) };
  return { ...taskKey(task.id), kind: "task", ...list, ...task };
}

/**
 * Creates a task once; the same one again changes nothing, even when it is done by then. What names it for its contact is
 * written first: a task that nothing leads to could not be erased.
 */
export async function createTask(table: Table, task: Task): Promise<void> {
  const reference = { ...taskReferenceKey(task), kind: "taskReference", taskId: task.id };
  await table.client.send(new PutCommand({ TableName: table.name, Item: reference }));
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: itemOf(task),
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
}

/** A task by a consistent read. */
export async function getTask(table: Table, id: string): Promise<Task | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: taskKey(id), ConsistentRead: true }),
  );
  return Item && taskSchema.parse(Item);
}

/** Writes a task's next version. @throws DomainError version_conflict when another write came first. */
export async function replaceTask(table: Table, task: Task): Promise<void> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: itemOf(task),
        ConditionExpression: "#version = :was",
        ExpressionAttributeNames: { "#version": "version" },
        ExpressionAttributeValues: { ":was": task.version - 1 },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw new DomainError("version_conflict", "The task was changed meanwhile. Read it again.", { cause: error });
  }
}

export interface TaskPage {
  readonly items: readonly Task[];
  readonly nextCursor: string | null;
}

/**
 * A page of a colleague's tasks in one state, what is due first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listTasks(
  table: Table,
  {
    owner,
    state,
    limit,
    cursor,
  }: {
    readonly owner: string;
    readonly state: TaskState;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<TaskPage> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, listSkPattern);
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: after === undefined ? "gsi1pk = :pk" : "gsi1pk = :pk AND gsi1sk > :after",
      ExpressionAttributeValues: { ":pk": listPk(owner, state), ...(after !== undefined && { ":after": after }) },
      Limit: limit + 1,
    }),
  );
  const keys = Items.slice(0, limit).map((item) => keySchema.parse(item));
  const tasks = (await batchGet(table, keys)).map((item) => taskSchema.parse(item));
  // The index may lag a moment behind: what is in another state by now is not shown.
  const items = tasks.filter((task) => task.state === state).sort((a, b) => (listSk(a) < listSk(b) ? -1 : 1));
  const last = Items[limit - 1]?.gsi1sk;
  return { items, nextCursor: Items.length > limit ? encodeCursor(String(last)) : null };
}
