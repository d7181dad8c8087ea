import { setTimeout } from "node:timers/promises";
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "./client.ts";
import { type Item, itemSchema, type Key, keySchema } from "./item.ts";

/** A batch may leave keys out when the table is throttled, or when they hold more than 16 MB. */
const attempts = 5;

/**
 * The items of at most 100 keys, in their order; those that are gone are left out.
 *
 * @throws Error when the table leaves keys out again and again.
 */
export async function batchGet(
  table: Table,
  keys: readonly Key[],
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<Item[]> {
  const name = ({ pk, sk }: Key) => `${pk} ${sk}`;
  const found = new Map<string, Item>();
  let wanted: Key[] = keys.map(({ pk, sk }) => ({ pk, sk }));
  for (let attempt = 0; wanted.length > 0; attempt++) {
    if (attempt === attempts) throw new Error(`the table left out ${wanted.length} items ${attempts} times`);
    if (attempt > 0) await setTimeout(50 * 2 ** attempt);
    const request = { Keys: wanted, ConsistentRead: consistent };
    const answer = await table.client.send(new BatchGetCommand({ RequestItems: { [table.name]: request } }));
    for (const item of answer.Responses?.[table.name] ?? []) {
      const parsed = itemSchema.parse(item);
      found.set(name(parsed), parsed);
    }
    wanted = (answer.UnprocessedKeys?.[table.name]?.Keys ?? []).map((key) => keySchema.parse(key));
  }
  return keys.flatMap((key) => found.get(name(key)) ?? []);
}
