import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import type { Journey } from "./definition.ts";
import { refusedRun } from "./engine.ts";
import { countEntry, type EntryCount, entryCountSchema } from "./entry-limits.ts";
import { localDate } from "./local-hours.ts";
import type { Run } from "./run.ts";
import { runKey } from "./run.ts";
import { createRun, getRun, newRunWrite } from "./run-store.ts";

/** Who enters at one instant meet at the count: more conflicts than this come again by the retry queue. */
const attempts = 8;

function countKey(journeyId: string): Key {
  return { pk: `PROGRESS#${journeyId}`, sk: "ENTRIES" };
}

/**
 * Creates a run within its journey's limits, with the count in one transaction; beyond them a run that ended at once, which
 * tells of the refusal. The same run again changes nothing, whatever it was the first time.
 *
 * @throws Error when others entered first too often; calling it again is right.
 */
export async function enterWithinLimits(
  table: Table,
  journey: Journey,
  run: Run,
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): Promise<void> {
  const { entryLimits } = journey;
  if (entryLimits === undefined) {
    await createRun(table, run);
    return;
  }
  const refused = refusedRun(run, now.toISOString());
  const today = localDate(now.toISOString(), journey.timeZone ?? timeZone);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const count = await readCount(table, journey.id);
    // After the count: whoever filled it has written this very run before, if it was an earlier delivery of the same event.
    if (await isSettled(table, [run, refused])) return;
    const next = countEntry(entryLimits, count, today);
    if (next === undefined) {
      await createRun(table, refused);
      return;
    }
    if ((await enter(table, run, next)) === "written") return;
  }
  throw new Error(`the count of entries changed under all of ${attempts} attempts to enter`);
}

async function isSettled(table: Table, runs: readonly Run[]): Promise<boolean> {
  const found = await Promise.all(runs.map((run) => getRun(table, run.contactId, runKey(run).sk)));
  return found.some((run) => run !== undefined);
}

async function readCount(table: Table, journeyId: string): Promise<EntryCount | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { ...countKey(journeyId) }, ConsistentRead: true }),
  );
  return Item && entryCountSchema.parse(Item);
}

async function enter(table: Table, run: Run, count: EntryCount): Promise<"written" | "changed meanwhile"> {
  const isFirst = count.version === 1;
  const Put = {
    TableName: table.name,
    Item: { ...countKey(run.journeyId), kind: "entryCount", ...count },
    ...(isFirst
      ? { ConditionExpression: "attribute_not_exists(pk)" }
      : {
          ConditionExpression: "#version = :was",
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":was": count.version - 1 },
        }),
  };
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: [{ Put: newRunWrite(table, run) }, { Put }] }));
    return "written";
  } catch (error) {
    if (error instanceof TransactionCanceledException && isRace(error)) return "changed meanwhile";
    throw error;
  }
}

const races: readonly (string | undefined)[] = ["None", "ConditionalCheckFailed", "TransactionConflict"];

function isRace({ CancellationReasons = [] }: TransactionCanceledException): boolean {
  return CancellationReasons.every(({ Code }) => races.includes(Code));
}
