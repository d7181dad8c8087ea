import type { Table } from "./client.ts";
import type { ItemKind } from "./item.ts";
import { type Page, type Paging, queryPage } from "./query-page.ts";

const skPattern = /^\d{8}$/;

/** The write that keeps a version of something in its history, for the transaction that writes the version itself. */
export function historyWrite(
  table: Table,
  { pk, kind }: { readonly pk: string; readonly kind: ItemKind },
  value: { readonly version: number },
) {
  const sk = String(value.version).padStart(8, "0");
  return {
    Put: {
      TableName: table.name,
      Item: { pk, sk, kind, ...value },
      ConditionExpression: "attribute_not_exists(pk)",
    },
  };
}

/**
 * A page of a history, the newest version first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export function readHistory<T>(
  table: Table,
  pk: string,
  paging: Paging,
  read: (item: Readonly<Record<string, unknown>>) => T,
): Promise<Page<T>> {
  return queryPage(table, { ...paging, pk, skPattern, newestFirst: true }, read);
}
