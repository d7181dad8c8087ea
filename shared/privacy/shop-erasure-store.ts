import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { listShards } from "../contacts/contact.ts";
import { listShardAfter } from "../contacts/contact-list-store.ts";
import { contactIdOf, contactPk, eventPrefix } from "../events/event-keys.ts";
import type { Table } from "../table/client.ts";
import type { ShopErasureMessage } from "./erasure.ts";
import { beginErasure } from "./erasure-store.ts";
import { afterShopPage, isBeyondShop, type PrivacyRequest } from "./privacy-request.ts";
import { putPrivacyRequest, readPrivacyRequest } from "./privacy-request-store.ts";

export interface ShopErasureDependencies {
  readonly table: Table;
  readonly now: () => Date;
  readonly pageSize?: number;
}

/**
 * Begins the erasure of those on one page of the list of contacts whom this shop alone told us of, and notes how far it
 * has come; the note's own stream record asks for the next page. A page that was done before does nothing. The list is
 * walked from the oldest activity on: who becomes active meanwhile is met again, and nobody is missed.
 */
export async function eraseShopPage(deps: ShopErasureDependencies, message: ShopErasureMessage): Promise<void> {
  const { table, now, pageSize = 100 } = deps;
  const request = await readPrivacyRequest(table, message.requestId);
  if (request?.walk === undefined || request.version !== message.version) return;
  const { shard, after } = request.walk;
  const entries = await listShardAfter(table, { shard: String(shard), after }, pageSize);
  let erased = 0;
  for (const { pk } of entries) if (await eraseShopsOwn(table, request, contactIdOf(pk))) erased++;
  const next = entries.length < pageSize ? undefined : entries.at(-1)?.gsi1sk;
  await putPrivacyRequest(table, afterShopPage(request, { erased, next }, listShards, now()));
}

async function eraseShopsOwn(table: Table, request: PrivacyRequest, contactId: string): Promise<boolean> {
  const { source: requestedBy, receivedAt } = request;
  if (!(await isShopsOwn(table, contactId, requestedBy))) return false;
  await beginErasure(table, { contactId, reason: "shop", requestedBy, at: new Date(receivedAt) });
  return true;
}

/** Reads a timeline as far as the first event that somebody else told. */
async function isShopsOwn(table: Table, contactId: string, shop: string): Promise<boolean> {
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": contactPk(contactId), ":prefix": eventPrefix },
      ProjectionExpression: "#source",
      ExpressionAttributeNames: { "#source": "source" },
      ConsistentRead: true,
    },
  );
  let isToldByShop = false;
  for await (const { Items = [] } of pages) {
    const sources = Items.map((item) => String(item.source));
    if (sources.some((source) => isBeyondShop(source, shop))) return false;
    isToldByShop ||= sources.includes(shop);
  }
  return isToldByShop;
}
