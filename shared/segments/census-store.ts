import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { listShards } from "../contacts/contact.ts";
import { getContacts, listShardAfter } from "../contacts/contact-list-store.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import {
  type CensusShard,
  censusShardKey,
  censusShardSchema,
  countCustomers,
  cutPointsOf,
  newCensus,
} from "./census.ts";
import { type CutPoints, censusPk, cutPointsKey, cutPointsSchema, hasMoved } from "./cut-points.ts";
import { segmentContactSchema } from "./facts.ts";
import type { CensusPageMessage } from "./rebuild.ts";

/** The newest cut points by a consistent read; undefined before the first census. */
export async function readCutPoints(table: Table): Promise<CutPoints | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: cutPointsKey(), ConsistentRead: true }),
  );
  return Item && cutPointsSchema.parse(Item);
}

/** Begins the census of a date in each shard that has not begun it; the records of what it writes start the pages. */
export async function beginCensus(table: Table, date: string): Promise<void> {
  for (const shard of newCensus(date)) {
    await putIf(table, shard, "attribute_not_exists(pk) OR #date < :date", { ":date": date }, { "#date": "date" });
  }
}

const pageSize = 1_000;
const batch = 100;

/** Counts a page of contacts. A page of an older census, or one that was counted before, changes nothing. */
export async function countPage(table: Table, page: CensusPageMessage, now: Date): Promise<void> {
  const shard = await readShard(table, page.shard);
  if (shard === undefined || shard.done || shard.date !== page.date || shard.pages !== page.pages) return;
  const entries = await listShardAfter(table, shard, pageSize);
  let { counts } = shard;
  for (let start = 0; start < entries.length; start += batch) {
    const keys = entries.slice(start, start + batch).map(({ pk }) => ({ pk, sk: "CONTACT" }));
    const contacts = (await getContacts(table, keys)).map((contact) => segmentContactSchema.parse(contact));
    counts = countCustomers(counts, contacts, now);
  }
  const next: CensusShard = {
    ...shard,
    pages: shard.pages + 1,
    after: entries.at(-1)?.gsi1sk ?? shard.after,
    done: entries.length < pageSize,
    counts,
  };
  const names = { "#date": "date" };
  await putIf(table, next, "#date = :date AND pages = :pages", { ":date": page.date, ":pages": page.pages }, names);
}

async function readShard(table: Table, shard: string): Promise<CensusShard | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: censusShardKey(shard), ConsistentRead: true }),
  );
  return Item && censusShardSchema.parse(Item);
}

/** Once every shard of a census is counted, keeps the cut points, if they moved. */
export async function closeCensus(table: Table, now: Date): Promise<void> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": censusPk },
      ConsistentRead: true,
    }),
  );
  const shards = Items.filter(({ kind }) => kind === "censusShard").map((item) => censusShardSchema.parse(item));
  const dates = new Set(shards.map(({ date }) => date));
  if (shards.length < listShards || dates.size !== 1 || !shards.every(({ done }) => done)) return;
  const stored = Items.find(({ kind }) => kind === "cutPoints");
  const before = stored && cutPointsSchema.parse(stored);
  const cuts = cutPointsOf(
    shards.map(({ counts }) => counts),
    now,
  );
  if (!hasMoved(before, cuts)) return;
  const version = (before?.version ?? 0) + 1;
  const item = { ...cutPointsKey(), kind: "cutPoints", ...cuts, version };
  if (before === undefined) await putIf(table, item, "attribute_not_exists(pk)");
  else await putIf(table, item, "#version = :before", { ":before": before.version }, { "#version": "version" });
}

/** A write that another one came before is left out: that one's record leads on. */
async function putIf(
  table: Table,
  item: object,
  condition: string,
  values?: Readonly<Record<string, unknown>>,
  names?: Readonly<Record<string, string>>,
): Promise<void> {
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...item },
        ConditionExpression: condition,
        ...(names && { ExpressionAttributeNames: { ...names } }),
        ...(values && { ExpressionAttributeValues: { ...values } }),
      }),
    ),
  );
}
