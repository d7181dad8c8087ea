import { paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { addressHash } from "../contacts/email-address.ts";
import { emailOfIdentity } from "../contacts/identity.ts";
import { contactPk } from "../events/event-keys.ts";
import { intakeKey } from "../intake/intake-keys.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { decodeCursor, encodeCursor } from "../table/cursor.ts";
import { type Item, itemSchema, type Key, keySchema } from "../table/item.ts";
import { taskKey } from "../tasks/task.ts";

/** A function's answer may have 6 MB; an item at most 400 KB, and as much again in what it leads to. */
const defaultMostBytes = 4_000_000;
const queried = 100;

export interface ExportPage {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** What sorts before every sort key of the partition, and what they look like. */
const beginning = "!";
const cursorPattern = /^(?:!|[A-Z][A-Z-]*(?:#[^\p{Cc}]*)?)$/u;

/**
 * A page of what is held on a contact, by the two lists that erasure follows. The first has what stands outside the
 * contact's partition; then the partition follows in the order of its keys, each item with what it leads to, until the
 * page is full.
 *
 * @param mostBytes of JSON that a page has at most, unless a single item has more
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function readExport(
  table: Table,
  contactId: string,
  { cursor, mostBytes = defaultMostBytes }: { readonly cursor?: string | undefined; readonly mostBytes?: number },
): Promise<ExportPage> {
  let after = cursor === undefined ? beginning : decodeCursor(cursor, cursorPattern);
  const items = cursor === undefined ? await readOutside(table, contactId) : [];
  let bytes = bytesOf(items);
  for (;;) {
    const { page, isLast } = await readPartition(table, contactId, after);
    for (const group of await withWhatTheyLeadTo(table, page)) {
      const size = bytesOf(group);
      if (items.length > 0 && bytes + size > mostBytes) return { items, nextCursor: encodeCursor(after) };
      items.push(...group);
      bytes += size;
      after = group[0]?.sk ?? after;
    }
    if (isLast) return { items };
  }
}

function bytesOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + Buffer.byteLength(JSON.stringify(item)), 0);
}

async function readPartition(table: Table, contactId: string, after: string) {
  const { Items = [], LastEvaluatedKey } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND sk > :after",
      ExpressionAttributeValues: { ":pk": contactPk(contactId), ":after": after },
      ConsistentRead: true,
      Limit: queried,
    }),
  );
  return { page: Items.map((item) => itemSchema.parse(item)), isLast: LastEvaluatedKey === undefined };
}

/** Each item, followed by the task or the intake that it names, unless an earlier one of these named it. */
async function withWhatTheyLeadTo(table: Table, page: readonly Item[]): Promise<readonly (readonly Item[])[]> {
  const keys = new Map(page.flatMap(keysIn).map((key) => [key.pk, key]));
  const found = new Map((await batchGet(table, [...keys.values()])).map((item) => [item.pk, item]));
  return page.map((item) => {
    const named = keysIn(item).flatMap(({ pk }) => found.get(pk) ?? []);
    for (const { pk } of named) found.delete(pk);
    return [item, ...named];
  });
}

function keysIn({ intakeId, taskId }: Item): Key[] {
  if (typeof taskId === "string") return [taskKey(taskId)];
  return typeof intakeId === "string" ? [intakeKey(intakeId)] : [];
}

/** Identities, consents, suppressions and what waits: what names the contact in the index, and what stands under its addresses. */
async function readOutside(table: Table, contactId: string): Promise<Item[]> {
  const pk = contactPk(contactId);
  const owned = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk",
      ExpressionAttributeValues: { ":pk": pk },
      Limit: queried,
    },
  );
  const found = new Map<string, Item>();
  const add = (items: readonly Item[]) => {
    for (const item of items) found.set(`${item.pk} ${item.sk}`, item);
  };
  for await (const { Items = [] } of owned) {
    const keys = Items.map((entry) => keySchema.parse(entry));
    // What the index says is somebody's may have become somebody else's since.
    add((await batchGet(table, keys, { consistent: true })).filter(({ gsi1pk }) => gsi1pk === pk));
  }
  for (const { pk: identity } of [...found.values()]) {
    const email = emailOfIdentity(identity);
    if (email !== undefined) add(await readAddress(table, addressHash(email)));
  }
  return [...found.values()];
}

async function readAddress(table: Table, hash: string): Promise<readonly Item[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": `ADDRESS#${hash}` },
      ConsistentRead: true,
    }),
  );
  return Items.map((item) => itemSchema.parse(item));
}
