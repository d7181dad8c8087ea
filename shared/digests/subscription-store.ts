import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { queryAll } from "../table/query-all.ts";
import { putNextVersion } from "../table/versioned.ts";
import { isStanding, type Stored, type Subscription, storedSchema } from "./subscription.ts";

const pk = "DIGESTS";
const subscriptionPrefix = "DIGEST#";
const sentPrefix = "SENT#";
const sentSchema = z.object({ id: z.string(), date: z.iso.date() });

/** All subscriptions, the ended included, and for which local date each was sent last. */
export interface Subscriptions {
  readonly stored: readonly Stored[];
  readonly sentFor: ReadonlyMap<string, string>;
}

/** All by one consistent Query. */
export async function readSubscriptions(table: Table): Promise<Subscriptions> {
  const items = await queryAll(table, { pk, consistent: true });
  const [marks, stored] = [items.filter(isMark), items.filter((item) => !isMark(item))];
  return {
    stored: stored.map((item) => storedSchema.parse(item)),
    sentFor: new Map(marks.map((item) => sentSchema.parse(item)).map(({ id, date }) => [id, date])),
  };
}

function isMark({ sk }: Readonly<Record<string, unknown>>): boolean {
  return String(sk).startsWith(sentPrefix);
}

/** The newest version, the one that ended it included; consistent. */
export async function readSubscription(table: Table, id: string): Promise<Stored | undefined> {
  const Key = { pk, sk: `${subscriptionPrefix}${id}` };
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  return Item && storedSchema.parse(Item);
}

/** Writes the next version, or the first; false when another change came first. */
export function tryPutSubscription(table: Table, stored: Stored): Promise<boolean> {
  const item = { pk, sk: `${subscriptionPrefix}${stored.id}`, kind: "digest", ...stored };
  return putNextVersion(table, item);
}

/** Writes the next version, or the first. @throws DomainError version_conflict when another change came first */
export async function putSubscription(table: Table, stored: Stored): Promise<void> {
  if (await tryPutSubscription(table, stored)) return;
  throw new DomainError("version_conflict", "The digest was changed meanwhile. Read it again.");
}

/** Notes for which local date a digest has been asked for, so that no later hour asks again. */
export async function markSent(table: Table, id: string, date: string): Promise<void> {
  const Item = { pk, sk: `${sentPrefix}${id}`, kind: "digestSent", id, date };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

/**
 * Stops a subscription for its recipient. One that is over, is somebody else's by now, or began anew since, stays.
 *
 * @returns false when another change came first
 */
export async function stopSubscription(
  table: Table,
  id: string,
  { isRecipient, at }: { readonly isRecipient: (subscription: Subscription) => boolean; readonly at: string },
): Promise<boolean> {
  const stored = await readSubscription(table, id);
  if (!isStanding(stored) || stored.stoppedAt !== undefined || !isRecipient(stored)) return true;
  if (Date.parse(stored.since) > Date.parse(at)) return true;
  const stamp = { updatedAt: at, updatedBy: "recipient" };
  return tryPutSubscription(table, { ...stored, ...stamp, stoppedAt: at, version: stored.version + 1 });
}
