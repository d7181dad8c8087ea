import { isDeepStrictEqual } from "node:util";
import { PutCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { orderSchema } from "../events/commerce.ts";
import { contactPk, eventPrefix } from "../events/event-keys.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { productKeyOf } from "./basket.ts";
import { readBaskets } from "./basket-store.ts";
import { boughtTogether, type Partner, partnerSchema } from "./bought-together.ts";

const pk = "RECOMMENDATIONS";
const bestSellersKey = "BEST-SELLERS";
/** Orders of this long ago count. */
export const basketDays = 365;

const listSchema = z.object({ sk: z.string(), partners: z.array(partnerSchema) });

function sortKeyOf(productKey: string): string {
  return `PRODUCT#${digestOf([productKey])}`;
}

/** What a recount did. */
export interface Recount {
  readonly baskets: number;
  readonly lists: number;
  readonly changed: number;
}

/**
 * Works out anew what is bought together, and writes only what has changed. Running it again, after a crash anywhere or
 * beside another one, gives the same lists.
 */
export async function recountBoughtTogether(table: Table, now: Date): Promise<Recount> {
  const baskets = [];
  for await (const { sk, products } of readBaskets(table, now, basketDays)) baskets.push({ sk, products });
  const { partners, bestSellers } = boughtTogether(baskets);
  const told = new Map([...partners].map(([key, list]) => [sortKeyOf(key), list]));
  if (bestSellers.length > 0) told.set(bestSellersKey, bestSellers);
  const there = await readAll(table);
  let changed = 0;
  // a list that no order tells of any more is emptied
  for (const sk of new Set([...told.keys(), ...there.keys()])) {
    const list = told.get(sk) ?? [];
    if (isDeepStrictEqual(there.get(sk), listSchema.shape.partners.parse(list))) continue;
    changed++;
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { pk, sk, kind: "recommendations", partners: list } }),
    );
  }
  return { baskets: baskets.length, lists: told.size, changed };
}

async function readAll(table: Table): Promise<ReadonlyMap<string, readonly Partner[]>> {
  const lists = new Map<string, readonly Partner[]>();
  const pages = paginateQuery(
    { client: table.client },
    { TableName: table.name, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": pk } },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const { sk, partners } = listSchema.parse(item);
      lists.set(sk, partners);
    }
  }
  return lists;
}

/** What goes with each of some products (100 at most), and the best sellers when none is given. */
export async function readPartners(
  table: Table,
  productKeys: readonly string[],
): Promise<readonly (readonly Partner[])[]> {
  const wanted = productKeys.length === 0 ? [bestSellersKey] : [...new Set(productKeys.map(sortKeyOf))].slice(0, 100);
  const items = await batchGet(
    table,
    wanted.map((sk) => ({ pk, sk })),
  );
  const found = new Map(items.map((item) => [item.sk, listSchema.parse(item).partners]));
  return wanted.map((sk) => found.get(sk) ?? []);
}

/** Of so many of a contact's newest events the orders tell what they have already. */
const newestEvents = 200;

/** Keys of the products that a contact has ordered lately. */
export async function readOwned(table: Table, contactId: string): Promise<ReadonlySet<string>> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      FilterExpression: "#name = :order",
      ProjectionExpression: "properties",
      ExpressionAttributeNames: { "#name": "name" },
      ExpressionAttributeValues: { ":pk": contactPk(contactId), ":prefix": eventPrefix, ":order": "Order Completed" },
      ScanIndexForward: false,
      Limit: newestEvents,
    }),
  );
  const orders = Items.flatMap(({ properties }) => orderSchema.safeParse(properties).data ?? []);
  return new Set(orders.flatMap(({ products }) => products.flatMap((product) => productKeyOf(product) ?? [])));
}
