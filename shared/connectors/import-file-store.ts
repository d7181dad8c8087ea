import { gunzipSync, gzipSync } from "node:zlib";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { attemptEach } from "../stream/concurrency.ts";
import type { Table } from "../table/client.ts";
import { expiryAfter, type Key } from "../table/item.ts";
import { queryAll } from "../table/query-all.ts";
import { nextVersion } from "../table/versioned.ts";
import type { Call } from "./connector.ts";
import type { FileOrder } from "./csv-orders.ts";
import { draftOf, type Import, importKey } from "./import.ts";
import { type FilePart, filePartSchema, keptDays, pageKey, partKey, partPrefix, placeOf } from "./import-file.ts";
import { ShopRefusal } from "./shop-error.ts";

const defaultPageOrders = 100;
/** Compressed it is smaller, never much larger, and a third larger as text; an item has 400 KB. */
const pageBytes = 250_000;
const together = 8;

/**
 * Keeps a part of a file: its pages first, then, in one transaction, what they are and a new version of the draft that they
 * belong to. Pages of a try that ended before, or was replaced, are found by nobody and expire.
 *
 * @param draft the import as it was read; undefined for a new one
 * @returns "changed meanwhile" when the draft has another version by now, or was begun
 */
export async function putPart(
  table: Table,
  draft: Import | undefined,
  part: Omit<FilePart, "pages">,
  orders: readonly FileOrder[],
  { now, pageOrders = defaultPageOrders }: { readonly now: Date; readonly pageOrders?: number | undefined },
): Promise<FilePart | "changed meanwhile"> {
  const expiresAt = expiryAfter(now, keptDays);
  const pages = pagesOf(orders, pageOrders);
  const kept: FilePart = { ...part, pages: pages.length };
  await attemptEach([...pages.entries()], together, async ([at, page]) => {
    const content = gzipSync(page).toString("base64");
    const Item = { ...pageKey(kept, at + 1), kind: "importPage", content, expiresAt };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
  });
  const next = draftOf(draft, { source: part.source, importId: part.importId, startedAt: now.toISOString() });
  try {
    await table.client.send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Put: nextVersion(table, {
              ...importKey(next.source, next.importId),
              ...{ kind: "import", ...next, expiresAt },
            }),
          },
          {
            Put: {
              TableName: table.name,
              Item: { ...partKey(kept, kept.part), kind: "importPart", ...kept, expiresAt },
            },
          },
        ],
      }),
    );
    return kept;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return "changed meanwhile";
    throw error;
  }
}

/** Texts of at most so many orders and bytes. */
function pagesOf(orders: readonly FileOrder[], pageOrders: number): readonly string[] {
  const pages: string[][] = [];
  let bytes = 0;
  for (const { id, calls } of orders) {
    const text = JSON.stringify({ id, calls });
    const size = Buffer.byteLength(text);
    const last = pages.at(-1);
    if (last === undefined || last.length === pageOrders || bytes + size > pageBytes) {
      pages.push([text]);
      bytes = size;
    } else {
      last.push(text);
      bytes += size;
    }
  }
  return pages.map((page) => `[${page.join(",")}]`);
}

/** The parts of a file, in their order, by a consistent read. */
export async function readParts(
  table: Table,
  { source, importId }: Pick<Import, "source" | "importId">,
): Promise<readonly FilePart[]> {
  const items = await queryAll(table, {
    pk: partKey({ source, importId }, 1).pk,
    prefix: partPrefix,
    consistent: true,
  });
  return items.map((item) => filePartSchema.parse(item));
}

const pageSchema = z.object({ content: z.string() });
const ordersSchema = z.array(z.object({ id: z.string(), calls: z.array(z.custom<Call>()) }));

/** A page of a file: orders with their facts, as they were checked when they were kept. */
export interface FilePage {
  readonly orders: readonly Pick<FileOrder, "id" | "calls">[];
  /** The place after which the next page begins; undefined after the last one. */
  readonly next: string | undefined;
  /** Where it stands; a part without orders has no page. */
  readonly key?: Key;
}

/**
 * The page after a place.
 *
 * @throws ShopRefusal when the file has expired
 */
export async function readFilePage(
  table: Table,
  { source, importId, after, expected }: Pick<Import, "source" | "importId" | "after" | "expected">,
): Promise<FilePage> {
  const place = placeOf(after);
  const isLastPart = place.part >= (expected?.parts ?? 0);
  const part = await getPart(table, { source, importId }, place.part);
  const page = place.page + 1;
  if (page > part.pages) {
    if (isLastPart) return { orders: [], next: undefined };
    return readFilePage(table, { source, importId, expected, after: `${place.part + 1}/0` });
  }
  const key = pageKey(part, page);
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  if (Item === undefined) throw new ShopRefusal(expired(place.part));
  const text = gunzipSync(Buffer.from(pageSchema.parse(Item).content, "base64")).toString("utf8");
  const isLast = isLastPart && page === part.pages;
  return { key, orders: ordersSchema.parse(JSON.parse(text)), next: isLast ? undefined : `${place.part}/${page}` };
}

/** Deletes a page that is worked off: it names people. */
export async function forgetFilePage(table: Table, key: Key): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: key }));
}

async function getPart(table: Table, file: Pick<Import, "source" | "importId">, part: number): Promise<FilePart> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: partKey(file, part), ConsistentRead: true }),
  );
  if (Item === undefined) throw new ShopRefusal(expired(part));
  return filePartSchema.parse(Item);
}

const expired = (part: number): string =>
  `Part ${part} of the file is there no more: it is kept for ${keptDays} days. Send the file again, as another import.`;
