import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { type Page, type Paging, queryPage } from "../table/query-page.ts";
import { putNextVersion } from "../table/versioned.ts";
import { type Cost, costSchema } from "./cost.ts";

const keyOf = (id: string) => ({ pk: "COSTS", sk: id });

/** What an item says: its own kind is the table's. */
export function costOfItem(item: Readonly<Record<string, unknown>>): Cost {
  return costSchema.parse({ ...item, kind: item.costKind });
}

export async function readCostItem(table: Table, id: string): Promise<Cost | undefined> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: keyOf(id) }));
  return Item && costOfItem(Item);
}

/** A page of the costs that stand and that were taken back. */
export function listCosts(table: Table, paging: Paging): Promise<Page<Cost>> {
  return queryPage(table, { ...paging, pk: "COSTS", skPattern: /^[0-9a-f]{26}$/ }, costOfItem);
}

/**
 * Writes a version of a cost: the first one, or the one after that which was read.
 *
 * @throws DomainError already_exists, or version_conflict when somebody was faster.
 */
export async function putCostItem(table: Table, cost: Cost): Promise<void> {
  const item = { ...keyOf(cost.id), ...cost, kind: "cost", costKind: cost.kind };
  if (await putNextVersion(table, item)) return;
  const code = cost.version === 1 ? "already_exists" : "version_conflict";
  throw new DomainError(code, `The cost ${cost.id} was changed meanwhile.`);
}
