import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import { readWaiting } from "../table/dirty-store.ts";
import { isWritten } from "../table/is-written.ts";
import { type RollUp, rollUp } from "./roll-up.ts";

const key = { pk: "KPIS", sk: "COUNTING" };

/** The days that wait are counted a stretch a turn, one turn after the other, until none waits. */
export const countingSchema = z.object({ turn: z.number(), askedAt: z.iso.datetime(), open: z.boolean() });
type Counting = z.infer<typeof countingSchema>;

/** UTC dates of a turn. */
const datesOfTurn = 31;
/** A turn that was asked for so long ago, in minutes, is lost: it has been tried as often as the queue tries anything. */
const lostAfterMinutes = 120;

/**
 * Asks for the next turn, unless one is under way already; what it writes sends its message.
 *
 * @param before the turn that is over; without it, a turn that was lost is taken up
 */
export async function askToCount(table: Table, now: Date, before?: number): Promise<void> {
  const known = await readCounting(table);
  const isUnderWay = known?.open && now.getTime() - Date.parse(known.askedAt) < lostAfterMinutes * 60_000;
  if (before === undefined ? isUnderWay : known?.turn !== before) return;
  const turn = known?.turn ?? 0;
  await putCounting(table, { turn: turn + 1, askedAt: now.toISOString(), open: true }, turn);
}

/** What another one wrote first stays: that one's record leads on. */
async function putCounting(table: Table, counting: Counting, before: number): Promise<void> {
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "kpiCounting", ...counting },
        ConditionExpression: before === 0 ? "attribute_not_exists(pk)" : "turn = :before",
        ...(before > 0 && { ExpressionAttributeValues: { ":before": before } }),
      }),
    ),
  );
}

/**
 * Counts the newest days that wait, and the longer periods that they belong to, then asks for the next turn; a turn that
 * is not the newest does nothing. Two turns at once would count the same quarter and year against each other.
 *
 * @param delivery the how manieth of the message: after one that failed, be it by want of time, half as many days are
 * counted at once, so that what is done then stays done
 */
export async function countTurn(options: RollUp, turn: number, delivery: number): Promise<void> {
  const { table, now } = options;
  const counting = await readCounting(table);
  if (counting?.turn !== turn || !counting.open) return;
  const dates = (await readWaiting(table, "kpis", now())).map(({ name }) => name);
  const [from, ...others] = dates.slice(-Math.ceil(datesOfTurn / 2 ** (delivery - 1)));
  if (from === undefined) return putCounting(table, { ...counting, open: false }, turn);
  await rollUp({ ...options, within: { from, to: others.at(-1) ?? from } });
  await askToCount(table, now(), turn);
}

async function readCounting(table: Table): Promise<Counting | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item && countingSchema.parse(Item);
}
