import { GetCommand, PutCommand, paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ownedBy } from "../events/event-keys.ts";
import { intakeKey } from "../intake/intake-keys.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { expiryAfter, type Key } from "../table/item.ts";
import { type Alias, joinedSchema, waitingSchema } from "./alias.ts";
import { isErased } from "./contact-store.ts";

/** How long a fact waits for its person to be known. */
export const waitingDays = 30;
/** A browser's own id is worth remembering longer than what waits under it, and not for ever. */
const joinedDays = 400;

/** Whose it is what is known by an alias; undefined while nobody knows. */
export async function findJoined(
  table: Table,
  key: Key,
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<string | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: consistent }),
  );
  return Item && joinedSchema.safeParse(Item).data?.contactId;
}

/**
 * Says whose an alias is, unless that was said before or the person has been erased.
 *
 * @returns whose it is now; undefined when it is nobody's.
 */
export async function joinAlias(table: Table, alias: Alias, contactId: string, now: Date): Promise<string | undefined> {
  const holder = await findJoined(table, alias.joined);
  if (holder !== undefined) return holder;
  if (await isErased(table, contactId)) return undefined;
  const lasting = alias.type === "user" ? {} : { expiresAt: expiryAfter(now, joinedDays) };
  const joined = await isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          ...alias.joined,
          kind: "joined",
          contactId,
          waitsAt: alias.waitsAt,
          ...ownedBy(contactId, alias.joined),
          ...lasting,
        },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
  return joined ? contactId : findJoined(table, alias.joined, { consistent: true });
}

/** What a fact is kept by while it waits. */
export interface Waiting {
  readonly intakeId: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
}

/** Lets a fact wait under an alias, for 30 days. */
export async function putWaiting(table: Table, { waitsAt, joined }: Alias, fact: Waiting): Promise<void> {
  const { intakeId, occurredAt, receivedAt } = fact;
  const expiresAt = expiryAfter(new Date(receivedAt), waitingDays);
  const Item = { pk: waitsAt, sk: `EVENT#${occurredAt}#${intakeId}`, kind: "waiting", intakeId, joined, expiresAt };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

/** The intake ids of what waits under an alias, oldest first. */
export async function* readWaiting(table: Table, waitsAt: string): AsyncGenerator<string> {
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": waitsAt, ":prefix": "EVENT#" },
      ConsistentRead: true,
    },
  );
  for await (const page of pages) for (const item of page.Items ?? []) yield waitingSchema.parse(item).intakeId;
}

/**
 * Fixes on an intake item whose it is, unless that is fixed or the item has expired meanwhile.
 *
 * @param joinedAt when that became known, of a fact that waited
 */
export async function fixContact(table: Table, intakeId: string, contactId: string, joinedAt?: Date): Promise<void> {
  await isWritten(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: intakeKey(intakeId),
        UpdateExpression: `SET contactId = :contactId${joinedAt === undefined ? "" : ", joinedAt = :joinedAt"}`,
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(contactId)",
        ExpressionAttributeValues: {
          ":contactId": contactId,
          ...(joinedAt !== undefined && { ":joinedAt": joinedAt.toISOString() }),
        },
      }),
    ),
  );
}
