import { $ZodError } from "zod/v4/core";
import { forEachConcurrently } from "../stream/concurrency.ts";
import { storeCalls } from "./call-store.ts";
import type { PageMessage } from "./connector-message.ts";
import { afterBusy, afterPage, failed, type Import, type PageTally } from "./import.ts";
import { getImport, putImport } from "./import-store.ts";
import type { ShopOrder } from "./order-api.ts";
import { pairOrders } from "./reconciliation-store.ts";
import { openShop, type Shop, type ShopDependencies } from "./shop-access-store.ts";
import { ShopBusy, ShopRefusal } from "./shop-error.ts";
import { unreadableIn } from "./unreadable.ts";

export interface ImportDependencies extends ShopDependencies {
  readonly now: () => Date;
}

/**
 * Imports one page of a shop's orders, then notes how far it has come; the note's own stream record asks for the next
 * page. A page that was done before does nothing, and one that is done twice keeps the same facts.
 */
export async function importPage(deps: ImportDependencies, { source, importId, version }: PageMessage): Promise<void> {
  const before = await getImport(deps.table, source, importId);
  if (before?.state !== "running" || before.version !== version) return;
  await putImport(deps.table, await nextOf(deps, before));
}

async function nextOf(deps: ImportDependencies, before: Import): Promise<Import> {
  try {
    return afterPage(before, await takePage(deps, before), deps.now());
  } catch (error) {
    if (error instanceof ShopBusy) return afterBusy(before, error.message, error.retryAfterSeconds, deps.now());
    if (error instanceof ShopRefusal) return failed(before, error.message, deps.now());
    throw error;
  }
}

const concurrency = 16;

async function takePage(deps: ImportDependencies, asked: Import): Promise<PageTally> {
  const { source, after, from, until, comparison } = asked;
  const shop = await openShop(deps, source);
  const answer = await shop.ask(shop.api.pagePath({ from, until }, after));
  const { orders, next } = readPage(shop, answer, after);
  const pairs = comparison && (await pairOrders(deps.table, shop, orders));
  const missing = pairs && new Set(pairs.filter(({ ours }) => ours === undefined).map(({ order }) => order));
  const wanted = missing === undefined ? orders : orders.filter(({ id }) => missing.has(id));
  const tally = { written: 0, skipped: 0, refusals: [] as PageTally["refusals"] };
  const faults: unknown[] = [];
  await forEachConcurrently(wanted, concurrency, async (order) => {
    try {
      const kept = await storeOrder(deps, shop, order);
      if (kept > 0) tally.written++;
      else tally.skipped++;
    } catch (error) {
      const problems = unreadableIn(error);
      if (problems === undefined) faults.push(error);
      else tally.refusals.push({ order: order.id, problems: [...problems] });
    }
  });
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} orders could not be kept`);
  return { ...tally, read: orders.length, next, ...(pairs !== undefined && { pairs }) };
}

/** An answer that is not as the shop documents it, or leads nowhere, is the same the next time. */
function readPage({ api }: Shop, answer: unknown, after: string | undefined) {
  try {
    return api.readPage(answer, after);
  } catch (cause) {
    if (cause instanceof RangeError) throw new ShopRefusal(`The import ends: ${cause.message}.`, { cause });
    if (!(cause instanceof $ZodError)) throw cause;
    throw new ShopRefusal("The shop's answer is no list of orders: check its address and the key's rights.", { cause });
  }
}

/** @returns how many facts of the order are kept, now or before */
function storeOrder(
  { table, now }: ImportDependencies,
  { source, api }: Shop,
  { id, body }: ShopOrder,
): Promise<number> {
  const origin = { source: source.source, deliveryId: `import-${id}`, imported: true } as const;
  return storeCalls(table, origin, api.map(body)?.calls ?? [], now());
}
