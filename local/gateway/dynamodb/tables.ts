import type { Assembly, IndexModel, TableModel } from "../../assembly/model.ts";
import type { JsonObject } from "../json.ts";

export interface Tables {
  find(name: string): TableModel | undefined;
  arn(name: string): string;
}

/** Finds tables by name or by ARN, as requests may name them either way. */
export function tablesOf(assembly: Assembly): Tables {
  const byName = new Map(assembly.tables.map((table) => [table.name, table]));
  const find = (name: string): TableModel | undefined => byName.get(name.replace(/^arn:.*:table\//, ""));
  return {
    find,
    arn: (name) =>
      find(name)?.arn ??
      (name.startsWith("arn:") ? name : `arn:aws:dynamodb:${assembly.region}:${assembly.account}:table/${name}`),
  };
}

export function indexOf(table: TableModel | undefined, name: string | undefined): IndexModel | undefined {
  return table?.indexes.find((index) => index.name === name);
}

/** The key of an item, out of a whole item or a key alone. */
export function keyOf(table: TableModel, item: JsonObject): JsonObject {
  const names = [table.partitionKey.name, ...(table.sortKey ? [table.sortKey.name] : [])];
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}
