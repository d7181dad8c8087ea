import { PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import type { Key } from "../table/item.ts";
import { countEvent, type Guard, guardKey, guardSchema, guardVerdict, guardWarnings, reopened } from "./guard.ts";
import type { Claimed } from "./pace.ts";
import { grantRate, type Rate, type RateWish, rateKey, ratePk, rateSchema } from "./rate.ts";

const attempts = 20;

/** What is sent and what came back of it, by one consistent Query. */
export async function readSending(table: Table): Promise<{ rate: Rate | undefined; guard: Guard | undefined }> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": ratePk },
      ConsistentRead: true,
    }),
  );
  const itemOf = ({ sk }: Key) => Items.find((item) => item.sk === sk);
  const rate = itemOf(rateKey);
  const guard = itemOf(guardKey);
  return { rate: rate && rateSchema.parse(rate), guard: guard && guardSchema.parse(guard) };
}

/**
 * Takes a share of the account's rate and quota, on condition that nobody else did meanwhile. One write unit.
 *
 * @throws Error when others take at the same time again and again; the mail is tried anew then.
 */
export async function claimRate(table: Table, wish: Omit<RateWish, "now">, now: () => Date): Promise<Claimed> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { rate, guard } = await readSending(table);
    const granted = grantRate(rate, { ...wish, now: now() });
    const verdict = guardVerdict(guard, granted.rate.days);
    const nothing = granted.grant.perSecond === 0 && granted.grant.mails === 0;
    if (nothing || (await put(table, rateKey, granted.rate))) return { grant: granted.grant, guard: verdict };
  }
  throw new Error("The account's sending rate changes faster than it can be claimed.");
}

/**
 * Counts a bounce or complaint once.
 *
 * @returns what now comes near the rates at which marketing stops itself.
 */
export async function countFeedback(
  table: Table,
  event: Parameters<typeof countEvent>[1],
  now: Date,
): Promise<ReturnType<typeof guardWarnings>> {
  const { rate, guard } = await changeGuard(table, (guard) => countEvent(guard, event, now));
  return guardWarnings(guard, rate?.days ?? {});
}

/** Lets marketing go on after it stopped itself. */
export async function reopenSending(table: Table, now: Date): Promise<void> {
  await changeGuard(table, (guard) => guard && reopened(guard, now));
}

async function changeGuard(
  table: Table,
  change: (guard: Guard | undefined) => Guard | undefined,
): ReturnType<typeof readSending> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const read = await readSending(table);
    const next = change(read.guard);
    if (next === undefined) return read;
    if (await put(table, guardKey, next)) return { ...read, guard: next };
  }
  throw new Error("Bounces come faster than they can be counted.");
}

async function put(table: Table, key: Key, value: { readonly version: number }): Promise<boolean> {
  return isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "rate", ...value },
        ConditionExpression: value.version === 1 ? "attribute_not_exists(pk)" : "#version = :previous",
        ...(value.version > 1 && {
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":previous": value.version - 1 },
        }),
      }),
    ),
  );
}
