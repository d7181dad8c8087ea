import { $ZodError } from "zod/v4/core";
import { forEachConcurrently } from "../stream/concurrency.ts";
import type { Key } from "../table/item.ts";
import { storeCalls } from "./call-store.ts";
import type { Call } from "./connector.ts";
import type { PageMessage } from "./connector-message.ts";
import { afterBusy, afterPage, failed, type Import, type PageTally } from "./import.ts";
import { isFileImport } from "./import-file.ts";
import { forgetFilePage, readFilePage } from "./import-file-store.ts";
import { getImport, putImport } from "./import-store.ts";
import { compareOrders } from "./reconciliation-store.ts";
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
  const { next, worked } = await nextOf(deps, before);
  if ((await putImport(deps.table, next)) === "written" && worked !== undefined)
    await forgetFilePage(deps.table, worked);
}

interface Step {
  readonly next: Import;
  /** The page of a file that is needed no more. */
  readonly worked?: Key | undefined;
}

async function nextOf(deps: ImportDependencies, before: Import): Promise<Step> {
  try {
    const page = await pageOf(deps, before);
    return { next: afterPage(before, await takePage(deps, page), deps.now()), worked: page.key };
  } catch (error) {
    if (error instanceof ShopBusy)
      return { next: afterBusy(before, error.message, error.retryAfterSeconds, deps.now()) };
    if (error instanceof ShopRefusal) return { next: failed(before, error.message, deps.now()) };
    throw error;
  }
}

/** Orders that are to be kept, whoever tells them. */
interface Page {
  readonly source: string;
  /** Orders that the page has, those that are not wanted among them. */
  readonly read: number;
  readonly orders: readonly { readonly id: string; calls(): readonly Call[] }[];
  readonly next: string | undefined;
  readonly pairs?: PageTally["pairs"];
  readonly key?: Key | undefined;
}

function pageOf(deps: ImportDependencies, asked: Import): Promise<Page> {
  return isFileImport(asked.importId) ? filePage(deps, asked) : shopPage(deps, asked);
}

async function filePage({ table }: ImportDependencies, asked: Import): Promise<Page> {
  const { orders, next, key } = await readFilePage(table, asked);
  return {
    source: asked.source,
    read: orders.length,
    orders: orders.map(({ id, calls }) => ({ id, calls: () => calls })),
    next,
    key,
  };
}

async function shopPage(deps: ImportDependencies, asked: Import): Promise<Page> {
  const { source, after, from, until, comparison } = asked;
  const shop = await openShop(deps, source);
  // A night looks at what has changed, so that what became of older orders is found as well.
  const range = comparison === undefined ? { from, until } : { changedFrom: from, until };
  const answer = await shop.ask(shop.api.pagePath(range, after));
  const { orders, next } = readPage(shop, answer, after);
  if (comparison === undefined) {
    const told = orders.map(({ id, body }) => ({ id, calls: () => shop.api.map(body)?.calls ?? [] }));
    return { source, read: orders.length, orders: told, next };
  }
  const { pairs, missing } = await compareOrders(deps.table, shop, orders, from);
  const wanted = [...missing].map(([id, calls]) => ({ id, calls: () => calls }));
  return { source, read: orders.length, orders: wanted, next, pairs };
}

const concurrency = 16;

async function takePage({ table, now }: ImportDependencies, { source, orders, read, next, pairs }: Page) {
  const tally = { written: 0, skipped: 0, refusals: [] as PageTally["refusals"] };
  const faults: unknown[] = [];
  await forEachConcurrently(orders, concurrency, async ({ id, calls }) => {
    try {
      const origin = { source, deliveryId: `import-${id}`, imported: true } as const;
      const kept = await storeCalls(table, origin, calls(), now());
      if (kept > 0) tally.written++;
      else tally.skipped++;
    } catch (error) {
      const problems = unreadableIn(error);
      if (problems === undefined) faults.push(error);
      else tally.refusals.push({ order: id, problems: [...problems] });
    }
  });
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} orders could not be kept`);
  return { ...tally, read, next, ...(pairs !== undefined && { pairs }) };
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
