import { isDeepStrictEqual } from "node:util";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { listShards } from "../contacts/contact.ts";
import { countContacts, listShardAfter } from "../contacts/contact-list-store.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { readEvents } from "../events/event-store.ts";
import { attemptEach } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { notePage } from "../table/note-page.ts";
import { newShards } from "../table/shards.ts";
import type { Catalogue } from "./catalogue.ts";
import { catalogueSeconds } from "./catalogue-store.ts";
import { utcDateOf } from "./entry.ts";
import { putEntry } from "./entry-store.ts";
import {
  contactsOfPage,
  foundBy,
  missingOf,
  noWalk,
  type Walk,
  type WalkPageMessage,
  type WalkShard,
  walkSchema,
} from "./history.ts";
import { otherEntry } from "./other-events.ts";

const key = { pk: "KPIS", sk: "TIMELINES" };
const concurrency = 32;

/** The newest walk by a consistent read. */
export async function readWalk(table: Table): Promise<Walk> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item === undefined ? noWalk : walkSchema.parse(Item.walk);
}

/**
 * Begins a walk over all contacts' timelines when KPIs ask for events of which not all from before have been found; one
 * that is under way for the same goes on from where it is, should its messages have been lost. What it writes starts the
 * pages.
 *
 * @returns whether anything is still to be found
 */
export async function beginWalk(table: Table, catalogue: Catalogue, now: Date): Promise<boolean> {
  const walk = await readWalk(table);
  const asked = missingOf(catalogue.asked, walk);
  if (Object.keys(asked).length === 0) return false;
  // Every process is to keep the events that come meanwhile, before what came earlier is gone through.
  const latest = Math.max(0, ...Object.values(catalogue.definitions).map(({ updatedAt }) => Date.parse(updatedAt)));
  if (now.getTime() - latest < 2 * catalogueSeconds * 1000) return true;
  const epoch = walk.epoch + 1;
  const next = isDeepStrictEqual(walk.asked, asked)
    ? { ...walk, epoch }
    : {
        epoch,
        asked,
        version: catalogue.version,
        contacts: await countContacts(table),
        shards: newShards<WalkShard>(listShards, { pages: 0, contacts: 0, done: false }),
        found: foundBy(walk),
      };
  await putWalk(table, next, walk.epoch);
  return true;
}

/** A walk that another one came before is left out: that one's record leads on. */
async function putWalk(table: Table, walk: Walk, before: number): Promise<void> {
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "kpiWalk", walk },
        ConditionExpression: before === 0 ? "attribute_not_exists(pk)" : "walk.epoch = :before",
        ...(before > 0 && { ExpressionAttributeValues: { ":before": before } }),
      }),
    ),
  );
}

/**
 * Writes the entries of one page of contacts, then notes how far the walk has come. A page that was noted before, or of
 * a walk that began anew since, changes nothing.
 *
 * @param pageSize contacts of a page
 */
export async function walkPage(table: Table, message: WalkPageMessage, pageSize = contactsOfPage): Promise<void> {
  const walk = await readWalk(table);
  const shard = walk.epoch === message.epoch ? walk.shards[message.shard] : undefined;
  if (shard === undefined || shard.done || shard.pages !== message.pages) return;
  const page = await listShardAfter(table, { shard: message.shard, after: shard.after }, pageSize);
  const dates = shard.oldest === undefined ? [] : [shard.oldest];
  await attemptEach(page, concurrency, async ({ pk }) => {
    const first = await keepEvents(table, contactIdOf(pk), walk);
    if (first !== undefined) dates.push(first);
  });
  const after = page.at(-1)?.gsi1sk ?? shard.after;
  const oldest = dates.sort()[0];
  const next: WalkShard = {
    pages: shard.pages + 1,
    contacts: shard.contacts + page.length,
    done: page.length < pageSize,
    ...(after !== undefined && { after }),
    ...(oldest !== undefined && { oldest }),
  };
  await notePage(table, key, { of: "walk", meant: { epoch: message.epoch }, ...message }, next);
}

/** @returns the UTC date of the first that was found */
async function keepEvents(table: Table, contactId: string, { asked, version }: Walk): Promise<string | undefined> {
  const events = new Map(Object.entries(asked).map(([name, { properties }]) => [name, new Set(properties)]));
  let first: string | undefined;
  for await (const event of readEvents(table, contactId)) {
    const properties = events.get(event.name);
    if (properties === undefined) continue;
    const entry = otherEntry(event, properties, version);
    await putEntry(table, { ...entry, walked: true });
    first ??= utcDateOf(entry);
  }
  return first;
}
