import { parseEmailAddress } from "../contacts/email-address.ts";
import { type HeldOrder, heldOrderSchema } from "../contacts/order-facts.ts";
import { orderKey, orderOrigin } from "../contacts/order-keys.ts";
import { isOrdering } from "../events/commerce.ts";
import type { Money } from "../intake/money.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { minorOf } from "./amounts.ts";
import type { Call, TrackCall } from "./connector.ts";
import { newImport } from "./import.ts";
import { putImport } from "./import-store.ts";
import type { ShopOrder } from "./order-api.ts";
import { earlier, firstLook, netOf, nightOf, type OrderPair } from "./reconciliation.ts";
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

/** An order of the shop, as it is compared. */
interface Sought {
  readonly order: string;
  /** What was told of it, each with the key under which it is kept here. */
  readonly facts: readonly { readonly call: TrackCall; readonly key: Key }[];
}

/** What a page of the shop's orders is beside what we have of them. */
export interface Compared {
  readonly pairs: readonly OrderPair[];
  /** What was never told here, by the order: the order itself, or what became of it. */
  readonly missing: ReadonlyMap<string, readonly Call[]>;
}

/** Compares each order of a page that we should have with what we have of it. */
export async function compareOrders(
  table: Table,
  { source, api }: Shop,
  orders: readonly ShopOrder[],
  from: string | undefined,
): Promise<Compared> {
  const sought = orders.flatMap(({ id, body }) => soughtOf(source.source, id, () => api.map(body)?.calls ?? []));
  const keys = sought.flatMap(({ facts }) => facts.map(({ key }) => key));
  const unique = [...new Map(keys.map((key) => [key.pk, key])).values()];
  const items = await batchGet(table, unique, { consistent: true });
  const held = new Map(items.map((item) => [item.pk, heldOrderSchema.parse(item)]));
  const missing = new Map(
    sought.map(({ order, facts }) => [order, facts.filter(({ key }) => !held.has(key.pk)).map(({ call }) => call)]),
  );
  return {
    pairs: sought.flatMap((each) => pairOf(each, held, from) ?? []),
    missing: new Map([...missing].filter(([, calls]) => calls.length > 0)),
  };
}

function pairOf(
  { order, facts }: Sought,
  held: ReadonlyMap<string, HeldOrder>,
  from: string | undefined,
): OrderPair | undefined {
  const ordered = facts.find(({ call }) => call.event === "Order Completed");
  if (ordered?.call.timestamp === undefined) return undefined;
  const { timestamp } = ordered.call;
  const told = facts.map(({ call }) => ({ event: call.event, revenue: revenueOf(call) }));
  const ours = facts.flatMap(({ call, key }) => {
    const item = held.get(key.pk);
    return item === undefined ? [] : [{ event: call.event, revenue: item.revenue ?? revenueOf(call) }];
  });
  return {
    order,
    date: from !== undefined && timestamp < from ? earlier : timestamp.slice(0, 10),
    theirs: netOf(told),
    ours: held.has(ordered.key.pk) ? netOf(ours) : undefined,
    isWhole: ours.length === facts.length,
  };
}

function revenueOf({ properties: { revenue, currency } }: TrackCall): Money {
  return { amount: minorOf(String(revenue ?? ""), String(currency)), currency: String(currency) };
}

/** What cannot be read is the import's to tell. What is nobody's, or a test, no timeline has. */
function soughtOf(source: string, order: string, callsOf: () => readonly Call[]): Sought[] {
  try {
    const calls = callsOf().filter((call) => call.type === "track");
    const ordering = calls.find(({ event }) => isOrdering(event));
    const isSomebodys = parseEmailAddress(ordering?.context.traits.email ?? "") !== undefined;
    if (!isSomebodys || ordering?.properties.test === true) return [];
    const facts = calls.flatMap((call) => {
      const { order_id, refund_id } = call.properties;
      const properties = { orderId: String(order_id), ...(refund_id !== undefined && { refundId: String(refund_id) }) };
      const origin = orderOrigin({ event: call.event, source, messageId: "", timestamp: "", properties });
      return origin === undefined ? [] : [{ call, key: orderKey(origin) }];
    });
    return [{ order, facts }];
  } catch (error) {
    if (unreadableIn(error) === undefined) throw error;
    return [];
  }
}
