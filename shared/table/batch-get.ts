import { setTimeout } from "node:timers/promises";
import { BatchGetCommand, type BatchGetCommandOutput, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Table } from "./client.ts";
import { type Item, itemSchema, type Key, keySchema } from "./item.ts";

/** As many keys as a batch may name. */
export const batchKeys = 100;
/** A batch may leave keys out when the table is throttled, or when they hold more than 16 MB. */
const attempts = 5;

export const nameOfKey = ({ pk, sk }: Key) => `${pk} ${sk}`;

/** What a batch has brought. */
export interface Batch {
  /** Items as the table holds them, by the names of their keys. */
  readonly found: ReadonlyMap<string, Record<string, unknown>>;
  /** Keys that the table left out, to be asked for again. */
  readonly leftOut: readonly Key[];
  readonly $metadata: BatchGetCommandOutput["$metadata"];
}

/** Asks once for the items of at most 100 keys. */
export async function readBatch(
  { name, client }: { readonly name: string; readonly client: Pick<DynamoDBDocumentClient, "send"> },
  keys: readonly Key[],
  consistent: boolean,
): Promise<Batch> {
  const request = { Keys: keys.map(({ pk, sk }) => ({ pk, sk })), ConsistentRead: consistent };
  const answer = await client.send(new BatchGetCommand({ RequestItems: { [name]: request } }));
  const items = answer.Responses?.[name] ?? [];
  const leftOut = answer.UnprocessedKeys?.[name]?.Keys ?? [];
  return {
    found: new Map(items.map((item) => [nameOfKey(keySchema.parse(item)), item])),
    leftOut: leftOut.map((key) => keySchema.parse(key)),
    $metadata: answer.$metadata,
  };
}

/**
 * Calls `ask` with what is wanted, and again, after a while, with what it was left without.
 *
 * @throws Error when that goes on.
 */
export async function askUntilNoneLeft<Wanted>(
  all: readonly Wanted[],
  ask: (wanted: readonly Wanted[]) => Promise<readonly Wanted[]>,
): Promise<void> {
  let wanted = all;
  for (let attempt = 0; wanted.length > 0; attempt++) {
    if (attempt === attempts) throw new Error(`the table left out ${wanted.length} items ${attempts} times`);
    if (attempt > 0) await setTimeout(50 * 2 ** attempt);
    wanted = await ask(wanted);
  }
}

/**
 * The items of some keys, in their order, a hundred a call and all calls at once; those that are gone are left out.
 *
 * @throws Error when the table leaves keys out again and again.
 */
export async function batchGet(
  table: Table,
  keys: readonly Key[],
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<Item[]> {
  const found = new Map<string, Item>();
  const calls = Array.from({ length: Math.ceil(keys.length / batchKeys) }, (_, at) =>
    askUntilNoneLeft(keys.slice(at * batchKeys, (at + 1) * batchKeys), async (wanted) => {
      const batch = await readBatch(table, wanted, consistent);
      for (const [name, item] of batch.found) found.set(name, itemSchema.parse(item));
      return batch.leftOut;
    }),
  );
  await Promise.all(calls);
  return keys.flatMap((key) => found.get(nameOfKey(key)) ?? []);
}
