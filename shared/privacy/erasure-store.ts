import { GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { contactKey, isErasure } from "../contacts/contact.ts";
import { intakeIdIn, latePk } from "../intake/intake-keys.ts";
import type { Table } from "../table/client.ts";
import { type Item, itemSchema } from "../table/item.ts";
import { listNewest, putNextVersion } from "../table/versioned.ts";
import {
  type Erasure,
  type ErasureRequest,
  erasureItem,
  erasureSchema,
  erasuresPk,
  erasuresSkPattern,
  newErasure,
} from "./erasure.ts";

async function readPlace(table: Table, contactId: string): Promise<Item | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: contactKey(contactId), ConsistentRead: true }),
  );
  return Item && itemSchema.parse(Item);
}

/** The record of a contact's erasure, consistently; undefined when the contact has not been erased. */
export async function readErasure(table: Table, contactId: string): Promise<Erasure | undefined> {
  const item = await readPlace(table, contactId);
  return item !== undefined && isErasure(item) ? erasureSchema.parse(item) : undefined;
}

const attempts = 5;

export type Begun =
  | { readonly begun: Erasure }
  | { readonly refused: "no such contact" }
  | { readonly refused: "changed"; readonly version: number };

/**
 * Begins an erasure by one conditional write, from which all the rest follows. One that has begun stays as it is.
 *
 * @param expected the version that the caller has seen; without it whatever is there is erased, also a contact who has
 *   an address and no profile yet
 * @throws Error when the contact changes again and again.
 */
export async function beginErasure(table: Table, request: ErasureRequest, expected?: number): Promise<Begun> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const place = await readPlace(table, request.contactId);
    if (place !== undefined && isErasure(place)) return { begun: erasureSchema.parse(place) };
    const version = place === undefined ? 0 : Number(place.version);
    if (expected !== undefined && place === undefined) return { refused: "no such contact" };
    if (expected !== undefined && version !== expected) return { refused: "changed", version };
    const erasure = newErasure(request, version);
    if (await replaceErasure(table, erasure)) return { begun: erasure };
  }
  throw new Error(`the contact changed under all of ${attempts} attempts to erase it`);
}

/** Writes the record's next version, or its first in the contact's place; false when another write came first. */
export function replaceErasure(table: Table, erasure: Erasure): Promise<boolean> {
  return putNextVersion(table, erasureItem(erasure));
}

export interface ErasurePage {
  readonly items: readonly Erasure[];
  readonly nextCursor?: string;
}

/**
 * A page of all erasures, the newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listErasures(
  table: Table,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<ErasurePage> {
  const { items, ...next } = await listNewest(table, { pk: erasuresPk, skPattern: erasuresSkPattern, limit, cursor });
  return { items: items.map((item) => erasureSchema.parse(item)), ...next };
}

const lateSchema = z.object({ pk: z.string(), gsi1sk: z.iso.datetime() });

/** What arrived for a contact who had been erased, the newest 100, newest first: when, and under which id. */
export async function listLateFacts(table: Table, contactId: string) {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk",
      ExpressionAttributeValues: { ":pk": latePk(contactId) },
      ScanIndexForward: false,
      Limit: 100,
    }),
  );
  return Items.map((item) => lateSchema.parse(item)).map(({ pk, gsi1sk }) => ({
    receivedAt: gsi1sk,
    submissionId: intakeIdIn(pk),
  }));
}
