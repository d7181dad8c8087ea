import { GetCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { addDays, instantsOf, utcDatesOf } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import type { Key } from "../table/item.ts";
import { createCounter, type LineCounts, lineCountsSchema } from "./counts.ts";
import { orderResultSchema } from "./credit.ts";
import { type CampaignName, campaignKey, mailFactSchema, resultPk } from "./mail-fact.ts";

/** A campaign's results of the mails that were asked for on one local day, as they were counted at `asOf`. */
const resultDaySchema = z.object({
  day: z.iso.date(),
  asOf: z.iso.datetime(),
  revision: z.number(),
  lines: z.readonly(z.array(lineCountsSchema)),
});
export type ResultDay = z.infer<typeof resultDaySchema>;

const attempts = 5;
const dayPk = (campaign: CampaignName) => `RESULTDAYS#${campaignKey(campaign)}`;

export interface CountDay {
  readonly table: Table;
  readonly campaign: CampaignName;
  readonly day: string;
  readonly timeZone: string;
  readonly now: () => Date;
}

/**
 * Counts a campaign's day anew. Should another roll-up write it after the counting began, all is counted again: what was
 * counted earlier never stands over what was counted later.
 *
 * @throws Error when others write faster than can be counted; the day's mark stays, so a later roll-up counts.
 */
export async function recountDay({ table, campaign, day, timeZone, now }: CountDay): Promise<void> {
  const key = { pk: dayPk(campaign), sk: day };
  for (let attempt = 0; attempt < attempts; attempt++) {
    // Before the counting: whoever writes after this read makes ours fail.
    const revision = await readRevision(table, key);
    const asOf = now().toISOString();
    const lines = await countDay(table, campaign, instantsOf({ start: day, end: addDays(day, 1) }, timeZone));
    const counted = { day, asOf, lines, revision: revision + 1 };
    if ((await putDay(table, key, counted, revision)) === "written") return;
  }
  throw new Error(`the results of ${campaignKey(campaign)} on ${day} change faster than they can be counted`);
}

async function countDay(
  table: Table,
  campaign: CampaignName,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<readonly LineCounts[]> {
  const counter = createCounter();
  const isOfDay = ({ askedAt }: { readonly askedAt: string }) => {
    const at = Date.parse(askedAt);
    return at >= from.getTime() && at < to.getTime();
  };
  for (const utcDate of utcDatesOf({ from, to })) {
    const pages = paginateQuery(
      { client: table.client },
      {
        TableName: table.name,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": resultPk(campaign, utcDate) },
      },
    );
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        if (item.kind === "mailFacts") {
          for (const fact of z.array(mailFactSchema).parse(item.facts)) if (isOfDay(fact)) counter.addFact(fact);
        } else {
          const order = orderResultSchema.parse(item);
          if (isOfDay(order)) counter.addOrder(order);
        }
      }
    }
  }
  return counter.counts();
}

async function readRevision(table: Table, key: Key): Promise<number> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item === undefined ? 0 : resultDaySchema.parse(Item).revision;
}

async function putDay(table: Table, key: Key, day: ResultDay, revision: number): Promise<"written" | "overtaken"> {
  return (await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "resultDay", ...day },
        ConditionExpression: "attribute_not_exists(pk) OR revision = :revision",
        ExpressionAttributeValues: { ":revision": revision },
      }),
    ),
  ))
    ? "written"
    : "overtaken";
}

/** A campaign's days from one local date to another, both included: one Query, whatever the number of mails. */
export async function readDays(
  table: Table,
  campaign: CampaignName,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<readonly ResultDay[]> {
  const days: ResultDay[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": dayPk(campaign), ":from": from, ":to": to },
    },
  );
  for await (const { Items = [] } of pages) days.push(...Items.map((item) => resultDaySchema.parse(item)));
  return days;
}
