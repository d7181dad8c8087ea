import * as z from "zod/mini";
import { parseEmailAddress } from "../contacts/email-address.ts";
import { orderKey, orderOrigin } from "../contacts/order-keys.ts";
import { moneySchema } from "../intake/money.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { type Key, keySchema } from "../table/item.ts";
import { minorOf } from "./amounts.ts";
import type { TrackCall } from "./connector.ts";
import { newImport } from "./import.ts";
import { putImport } from "./import-store.ts";
import type { ShopOrder } from "./order-api.ts";
import { firstLook, nightOf, type OrderPair } from "./reconciliation.ts";
import type { Shop } from "./shop-access-store.ts";
import { listSources } from "./source-store.ts";
import { unreadableIn } from "./unreadable.ts";

/**
 * Begins the night's comparison of every shop whose orders can be read; what was begun already is left alone. The writes'
 * own stream records do the rest.
 *
 * @returns how many shops are compared
 */
export async function startReconciliations(table: Table, now: Date): Promise<number> {
  const shops = (await listSources(table)).filter(({ connected, address }) => connected && address !== undefined);
  for (const { source } of shops) {
    const night = { source, ...nightOf(now), startedAt: now.toISOString(), comparison: firstLook };
    await putImport(table, newImport(night));
  }
  return shops.length;
}

interface Sought extends Omit<OrderPair, "ours"> {
  readonly key: Key;
}

/** Each order of a page that we should have, with what we have of it. */
export async function pairOrders(
  table: Table,
  { source, api }: Shop,
  orders: readonly ShopOrder[],
): Promise<readonly OrderPair[]> {
  const sought = orders.flatMap(({ id, body }) => soughtOf(source.source, id, () => api.map(body)?.calls ?? []));
  const keys = [...new Map(sought.map(({ key }) => [key.pk, key])).values()];
  const items = await batchGet(table, keys, { consistent: true });
  const held = new Map(items.map((item) => heldSchema.parse(item)).map((order) => [order.pk, order]));
  return sought.map(({ key, ...pair }) => {
    const item = held.get(key.pk);
    return { ...pair, ours: item && (item.revenue ?? pair.theirs) };
  });
}

/** What cannot be read is the import's to tell. What is nobody's, or a test, no timeline has. */
function soughtOf(source: string, order: string, callsOf: () => readonly { readonly type: string }[]): Sought[] {
  try {
    return callsOf()
      .filter((call): call is TrackCall => call.type === "track")
      .filter(({ event, context, properties }) => {
        const isSomebodys = parseEmailAddress(context.traits.email ?? "") !== undefined;
        return event === "Order Completed" && isSomebodys && properties.test !== true;
      })
      .flatMap(({ event, timestamp, properties: { order_id, currency, revenue } }) => {
        const facts = { event, source, messageId: "", timestamp: "", properties: { orderId: String(order_id) } };
        const origin = orderOrigin(facts);
        if (origin === undefined || timestamp === undefined) return [];
        const amount = minorOf(String(revenue), String(currency));
        const theirs = { amount, currency: String(currency) };
        return [{ order, date: timestamp.slice(0, 10), theirs, key: orderKey(origin) }];
      });
  } catch (error) {
    if (unreadableIn(error) === undefined) throw error;
    return [];
  }
}

const heldSchema = z.object({ ...keySchema.def.shape, revenue: z.optional(moneySchema) });
