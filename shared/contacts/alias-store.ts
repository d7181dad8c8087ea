import { GetCommand, PutCommand, paginateQuery, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ownedBy } from "../events/event-keys.ts";
import type { TrackPayload } from "../intake/intake.ts";
import { intakeKey } from "../intake/intake-keys.ts";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import { expiryAfter, type Key } from "../table/item.ts";
import { type Alias, aliasesOf, type Joined, joinedSchema, waitingSchema } from "./alias.ts";
import { isErased } from "./contact-store.ts";

/** How long a fact waits for its person to be known. */
export const waitingDays = 30;
/** A browser's own id is worth remembering longer than what waits under it, and not for ever. */
const joinedDays = 400;

/** Whose an alias is, and whether a browser alone says so. */
export type Holder = Pick<Joined, "contactId" | "claimed">;

/** Whose it is what is known by an alias; undefined while nobody knows. */
export async function findHolder(
  table: Table,
  key: Key,
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<Holder | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: consistent }),
  );
  return Item && joinedSchema.safeParse(Item).data;
}

/** The same without the doubt. */
export async function findJoined(...args: Parameters<typeof findHolder>): Promise<string | undefined> {
  return (await findHolder(...args))?.contactId;
}

/**
 * Says whose an alias is, unless that was said before or the person has been erased. What a browser claimed yields to
 * whatever else is told.
 *
 * @returns whose it is now; undefined when it is nobody's.
 */
export async function joinAlias(
  table: Table,
  alias: Alias,
  { contactId, claimed }: Holder,
  now: Date,
): Promise<string | undefined> {
  const holder = await findHolder(table, alias.joined);
  if (holder !== undefined && (claimed || !holder.claimed)) return holder.contactId;
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
          ...(claimed && { claimed }),
          waitsAt: alias.waitsAt,
          ...ownedBy(contactId, alias.joined),
          ...lasting,
        },
        ...(claimed
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "attribute_not_exists(pk) OR claimed = :claimed",
              ExpressionAttributeValues: { ":claimed": true },
            }),
      }),
    ),
  );
  return joined ? contactId : findJoined(table, alias.joined, { consistent: true });
}

/**
 * Whether nothing but a browser's word says whose a fact is. A shop, a server and a form are believed the address that they
 * name; otherwise one of the ids and tokens must be the contact's by more than a claim, and for a browser one that
 * nobody guesses.
 */
export async function isClaimed(table: Table, payload: TrackPayload, contactId: string): Promise<boolean> {
  const { browser, email, userId } = payload;
  if (!browser && (email !== undefined || userId !== undefined)) return false;
  const aliases = aliasesOf(payload).filter(({ isGuessable }) => !(browser && isGuessable));
  const holders = await Promise.all(aliases.map(({ joined }) => findHolder(table, joined, { consistent: true })));
  return !holders.some((holder) => holder?.contactId === contactId && !holder.claimed);
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
