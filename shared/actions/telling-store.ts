import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { contactKey } from "../contacts/contact.ts";
import { addressHash } from "../contacts/email-address.ts";
import { recipientOf } from "../email/recipient.ts";
import { suppressionKey } from "../email/suppression.ts";
import { listFeedback, readFeedback, type Span } from "../feedback/feedback-store.ts";
import type { Theme } from "../feedback/theme.ts";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import type { Key } from "../table/item.ts";
import { putNextVersion } from "../table/versioned.ts";
import { afterPage, mostComments, type Sorted, sortOut, type Telling, tellingSchema } from "./telling.ts";

const keyOf = (action: string): Key => ({ pk: `ACTIONS#tell#${action}`, sk: "TELL" });

export async function readTelling(table: Table, action: string): Promise<Telling | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keyOf(action), ConsistentRead: true }),
  );
  return Item && tellingSchema.parse(Item);
}

/** Begins a telling, or notes how far it has come; false when another write came first. */
export function putTelling(table: Table, telling: Telling): Promise<boolean> {
  return putNextVersion(table, { ...keyOf(telling.action), ...{ kind: "telling" }, ...telling });
}

const pageSize = 250;

/** The next page of a telling: whom it concerns, and the telling after it. */
export async function nextPage(table: Table, telling: Telling): Promise<{ sorted: Sorted; next: Telling }> {
  const { items, nextCursor } = await listFeedback(table, {
    ...{ from: new Date(telling.from), to: new Date(telling.to) },
    limit: pageSize,
    cursor: telling.cursor ?? undefined,
    passes: () => true,
  });
  const sorted = sortOut(items, telling.theme);
  return { sorted, next: afterPage(telling, { lookedAt: items.length, sorted, nextCursor }) };
}

export interface Forecast extends Omit<Sorted, "contactIds"> {
  readonly truncated: boolean;
  readonly people: number;
  /** Of the people: whose address is suppressed, and who has none, or is erased. They get nothing. */
  readonly suppressed: number;
  readonly unreachable: number;
  /** People whose address was looked at: the first 1,000. */
  readonly checked: number;
}

const mostChecked = 1_000;

/** Counts whom a telling would concern; writes and sends nothing. */
export async function foretell(table: Table, span: Span, theme: Theme): Promise<Forecast> {
  const { items, truncated } = await readFeedback(table, span, mostComments);
  const { contactIds, ...counts } = sortOut(items, theme);
  const checked = contactIds.slice(0, mostChecked);
  let [suppressed, unreachable] = [0, 0];
  for (let at = 0; at < checked.length; at += 100) {
    const page = checked.slice(at, at + 100);
    const contacts = await batchGet(table, page.map(contactKey));
    const hashes = contacts.flatMap((contact) => {
      const recipient = recipientOf(contact);
      return recipient === undefined ? [] : [addressHash(recipient.address)];
    });
    unreachable += page.length - hashes.length;
    suppressed += (await batchGet(table, [...new Set(hashes)].map(suppressionKey))).length;
  }
  return { ...counts, truncated, people: contactIds.length, suppressed, unreachable, checked: checked.length };
}
