import { paginateScan } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../../shared/table/client.ts";
import { type Item, itemSchema } from "../../shared/table/item.ts";

/** Every item of a table by its key, in the order of the keys. */
export async function contentsOf(table: Table): Promise<Map<string, Item>> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client: table.client }, { TableName: table.name, ConsistentRead: true })) {
    items.push(...(page.Items ?? []).map((item) => itemSchema.parse(item)));
  }
  const key = ({ pk, sk }: Item) => `${pk} ${sk}`;
  return new Map(items.sort((a, b) => (key(a) < key(b) ? -1 : 1)).map((item) => [key(item), item]));
}

/** The items of one kind. */
export async function itemsOf(table: Table, kind: Item["kind"]): Promise<Item[]> {
  return [...(await contentsOf(table)).values()].filter((item) => item.kind === kind);
}
