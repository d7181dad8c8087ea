import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { contactSchema, listShards } from "../contacts/contact.ts";
import { listShardAfter } from "../contacts/contact-list-store.ts";
import { forEachConcurrently } from "../stream/concurrency.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { isWritten } from "../table/is-written.ts";
import { hasMoved } from "./activity.ts";
import { activityParametersSchema } from "./activity-model.ts";
import {
  type Buyer,
  type CustomerModel,
  customerBaseOf,
  customerModelKey,
  customerModelSchema,
  fitCustomerModel,
} from "./customer-model.ts";
import { dayOf } from "./purchase-history.ts";

/** Of more contacts so many are read, chosen by a hash of their ids: the same ones every night. */
export const mostContacts = 200_000;

/** A week, less what a clock may lose in it: so long segments are left as a fit found them. */
const restMilliseconds = (7 * 24 - 2) * 3_600_000;

const pageSize = 1_000;
const batch = 100;
const concurrency = 8;
const buyerSchema = z.pick(contactSchema, { purchases: true, ordered: true, revenue: true });

/** The models as last fitted; undefined before the first night. */
export async function readCustomerModel(table: Table): Promise<CustomerModel | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: customerModelKey() }));
  return Item && customerModelSchema.parse(Item);
}

/**
 * Fits the models of the account's customers anew and keeps them. It reads and writes nothing of a person's; running it
 * again, after a crash or beside another one, gives the same models.
 *
 * @param most contacts that are read at most
 */
export async function refitCustomerModel(table: Table, now: Date, most = mostContacts): Promise<CustomerModel> {
  const before = await readCustomerModel(table);
  const buyers = await readBuyers(table, sampleOf(await listContactKeys(table), most));
  const fitted = fitCustomerModel(customerBaseOf(buyers, dayOf(now)), now);
  const rests = before?.moved !== undefined && now.getTime() - Date.parse(before.moved.at) < restMilliseconds;
  const isMoved = !rests && hasMoved(before?.moved?.activity, fitted.activity);
  const moved = isMoved
    ? { at: fitted.at, activity: fitted.activity && activityParametersSchema.parse(fitted.activity) }
    : before?.moved;
  const model: CustomerModel = {
    ...fitted,
    version: (before?.version ?? 0) + 1,
    moves: (before?.moves ?? 0) + Number(isMoved),
    ...(moved !== undefined && { moved }),
  };
  await putModel(table, model, before?.version);
  return model;
}

/** Who becomes active during the walk moves ahead in the list and is met again: each counts once. */
async function listContactKeys(table: Table): Promise<readonly string[]> {
  const keys = new Set<string>();
  for (let shard = 0; shard < listShards; shard++) {
    let after: string | undefined;
    for (let isDone = false; !isDone; ) {
      const page = await listShardAfter(table, { shard: String(shard), after }, pageSize);
      for (const { pk } of page) keys.add(pk);
      after = page.at(-1)?.gsi1sk;
      isDone = page.length < pageSize;
    }
  }
  return [...keys];
}

/** Those of some keys whose hashes are the smallest, in their order. */
export function sampleOf(keys: readonly string[], most: number): readonly string[] {
  if (keys.length <= most) return keys;
  const ranked = keys
    .map((key) => [digestOf([key], 16), key] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return ranked.slice(0, most).map(([, key]) => key);
}

/** In the order of their keys, so that sums of theirs are the same to the last digit. */
async function readBuyers(table: Table, keys: readonly string[]): Promise<readonly Buyer[]> {
  const batches = Array.from({ length: Math.ceil(keys.length / batch) }, (_, at) => ({
    pks: keys.slice(at * batch, (at + 1) * batch),
    buyers: [] as Buyer[],
  }));
  await forEachConcurrently(batches, concurrency, async ({ pks, buyers }) => {
    const items = await batchGet(
      table,
      pks.map((pk) => ({ pk, sk: "CONTACT" })),
    );
    for (const item of items) if (item.kind === "contact") buyers.push(buyerSchema.parse(item));
  });
  return batches.flatMap(({ buyers }) => buyers);
}

/** A write that another one came before is left out: that one's models are as good. */
async function putModel(table: Table, model: CustomerModel, before: number | undefined): Promise<void> {
  await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...customerModelKey(), kind: "customerModel", ...model },
        ...(before === undefined
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":before": before },
            }),
      }),
    ),
  );
}
