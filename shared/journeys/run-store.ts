import { GetCommand, PutCommand, type PutCommandInput } from "@aws-sdk/lib-dynamodb";
import { contactPk } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { queryAll } from "../table/query-all.ts";
import { type Run, runItemSchema, runKey, runPrefix, waitingKey } from "./run.ts";

/** Creates a run with its first effects in one write; a contact who is in the journey already stays as they are. */
export function createRun(table: Table, run: Run): Promise<"written" | "not written"> {
  return put(table, newRunWrite(table, run));
}

/** The conditional write that creates a run, for a transaction. */
export function newRunWrite(table: Table, run: Run) {
  return { ...itemWrite(table, run), ConditionExpression: "attribute_not_exists(pk)" };
}

/** Writes a run's next version with its effects, unless another write came first. */
export function replaceRun(table: Table, before: Run, run: Run): Promise<"written" | "not written"> {
  return put(table, {
    ...itemWrite(table, run),
    ConditionExpression: "#version = :version",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":version": before.version },
  });
}

function itemWrite(table: Table, run: Run) {
  return { TableName: table.name, Item: { ...run, ...runKey(run), ...waitingKey(run), kind: "run" } };
}

async function put(table: Table, write: PutCommandInput): Promise<"written" | "not written"> {
  return (await isWritten(table.client.send(new PutCommand(write)))) ? "written" : "not written";
}

/** A run by a consistent read. */
export async function getRun(table: Table, contactId: string, sk: string): Promise<Run | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { pk: contactPk(contactId), sk }, ConsistentRead: true }),
  );
  return Item && runItemSchema.parse(Item);
}

/** A contact's runs by one consistent Query: all of them, or those of a journey, or of an entry key. */
export async function runsOf(
  table: Table,
  contactId: string,
  { journeyId, entryKey }: { readonly journeyId?: string; readonly entryKey?: string } = {},
): Promise<readonly Run[]> {
  const range = { pk: contactPk(contactId), prefix: runPrefix(journeyId, entryKey), consistent: true };
  return (await queryAll(table, range)).map((item) => runItemSchema.parse(item));
}
