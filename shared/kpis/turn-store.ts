import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import { markDirty } from "../table/dirty-store.ts";
import { addDays, instantsOf, localDateAt, utcDatesOf } from "./calendar.ts";

const key = { pk: "KPIS", sk: "TURN" };
const turnSchema = z.object({ day: z.iso.date() });
/** After a longer silence the days before are left. */
const mostDays = 400;

/**
 * Marks, once on each local day, the days that are over since it did so last: who is active changes by time alone, so the
 * periods that have ended, and those that run, are counted also where no fact came. The day is noted last: after a crash all
 * is marked anew.
 *
 * @returns how many days are over
 */
export async function markTurn(
  table: Table,
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): Promise<number> {
  const today = localDateAt(now, timeZone);
  const known = await readTurn(table);
  if (known === today) return 0;
  const from = [known ?? addDays(today, -1), addDays(today, -mostDays)].sort()[1] ?? today;
  if (from < today) {
    for (const date of utcDatesOf(instantsOf({ start: from, end: today }, timeZone)))
      await markDirty(table, "kpis", date);
  }
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, kind: "kpiTurn", day: today } }));
  return Math.max(0, Math.round((Date.parse(today) - Date.parse(from)) / 86_400_000));
}

async function readTurn(table: Table): Promise<string | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item && turnSchema.parse(Item).day;
}
