import type { TableModel } from "../../assembly/model.ts";
import type { Engine } from "../engine.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseObject, stringOf } from "../json.ts";
import { type Item, indexWriteUnits, itemSize, readUnits, tableWriteUnits } from "../sizes.ts";
import type { Capacity } from "./capacity.ts";
import { keyOf, type Tables } from "./tables.ts";

/** DynamoDB Local reports made-up units for transactions, so theirs are computed from the items before and after. */

interface Part {
  readonly kind: string;
  readonly table: TableModel;
  readonly key: JsonObject;
  /** The whole item of a Put. */
  readonly item?: Item;
}

type Items = ReadonlyMap<string, Item>;

export interface TransactionMeter {
  /** Units of the transaction once the engine has answered. */
  after(answer: { readonly status: number; readonly response: JsonObject | undefined }): Promise<readonly Capacity[]>;
}

/** Reads, past the meter, the items that a transaction is about to touch. A write between these reads may blur the figure. */
export async function watchTransaction(engine: Engine, tables: Tables, request: JsonObject): Promise<TransactionMeter> {
  const parts = partsOf(request, tables);
  const before = await readItems(engine, parts);
  return {
    async after({ status, response }) {
      if (status !== 200) return isCancelled(response) ? parts.map((part) => tableWrite(part, before, before)) : [];
      const updated = await readItems(
        engine,
        parts.filter(({ kind }) => kind === "Update"),
      );
      return parts.flatMap((part) => (part.kind === "Get" ? [read(part, before)] : writes(part, before, updated)));
    },
  };
}

/** Capacity in the answer's own form, for a caller that asked for it. */
export function transactionCapacity(wanted: Json | undefined, used: readonly Capacity[]): Json | undefined {
  if (wanted !== "TOTAL" && wanted !== "INDEXES") return undefined;
  return [...new Set(used.map(({ table }) => table))].map((table) => {
    const own = used.filter((part) => part.table === table);
    const units = (parts: readonly Capacity[]) =>
      parts.reduce((sum, part) => sum + part.readUnits + part.writeUnits, 0);
    const isRead = own.some((part) => part.readUnits > 0);
    const total = { CapacityUnits: units(own), [isRead ? "ReadCapacityUnits" : "WriteCapacityUnits"]: units(own) };
    if (wanted === "TOTAL") return { TableName: table, ...total };
    const indexes = own.flatMap(({ index }) => (index === undefined ? [] : [index]));
    const indexUnits = indexes.map((name) => [
      name,
      { CapacityUnits: units(own.filter(({ index }) => index === name)) },
    ]);
    return {
      TableName: table,
      ...total,
      Table: { CapacityUnits: units(own.filter(({ index }) => index === undefined)) },
      ...(indexes.length > 0 ? { GlobalSecondaryIndexes: Object.fromEntries(indexUnits) } : {}),
    };
  });
}

function partsOf(request: JsonObject, tables: Tables): readonly Part[] {
  return listOf(request.TransactItems).flatMap((entry) =>
    Object.entries(objectOf(entry)).flatMap(([kind, content]) => {
      const table = tables.find(stringOf(objectOf(content).TableName) ?? "");
      if (!table) return [];
      const item = objectOf(content).Item;
      const key = keyOf(table, objectOf(item ?? objectOf(content).Key));
      return [{ kind, table, key, ...(isObject(item) ? { item } : {}) }];
    }),
  );
}

/** A transactional write costs twice a plain one, in the table and in each index. */
function writes(part: Part, before: Items, updated: Items): readonly Capacity[] {
  const table = tableWrite(part, before, updated);
  if (part.kind === "ConditionCheck") return [table];
  const old = before.get(idOf(part.table, part.key));
  const next = itemAfter(part, updated);
  const indexes = part.table.indexes.map((index) => ({
    table: part.table.name,
    index: index.name,
    readUnits: 0,
    writeUnits: 2 * indexWriteUnits(index, part.table, old, next),
  }));
  return [table, ...indexes.filter(({ writeUnits }) => writeUnits > 0)];
}

function tableWrite(part: Part, before: Items, updated: Items): Capacity {
  const units = 2 * tableWriteUnits(before.get(idOf(part.table, part.key)), itemAfter(part, updated));
  return { table: part.table.name, readUnits: 0, writeUnits: units };
}

function itemAfter(part: Part, updated: Items): Item | undefined {
  if (part.kind === "Put") return part.item;
  return part.kind === "Update" ? updated.get(idOf(part.table, part.key)) : undefined;
}

/** A transactional read costs twice a consistent one. */
function read(part: Part, items: Items): Capacity {
  const item = items.get(idOf(part.table, part.key));
  return { table: part.table.name, readUnits: 2 * readUnits(item ? itemSize(item) : 0, true), writeUnits: 0 };
}

function isCancelled(response: JsonObject | undefined): boolean {
  return stringOf(response?.__type)?.endsWith("TransactionCanceledException") ?? false;
}

async function readItems(engine: Engine, parts: readonly Part[]): Promise<Items> {
  const found = new Map<string, Item>();
  const tables = new Map(parts.map(({ table }) => [table.name, table]));
  let wanted = batchRequest(parts);
  while (Object.keys(wanted).length > 0) {
    const { status, body } = await engine.send(
      { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.BatchGetItem" },
      JSON.stringify({ RequestItems: wanted }),
    );
    // A request that cannot be read (malformed keys) fails as a transaction too and then costs nothing.
    if (status !== 200) return found;
    const answer = objectOf(parseObject(body.toString("utf8")));
    for (const [name, items] of Object.entries(objectOf(answer.Responses))) {
      const table = tables.get(name);
      if (table) for (const item of listOf(items).filter(isObject)) found.set(idOf(table, keyOf(table, item)), item);
    }
    wanted = objectOf(answer.UnprocessedKeys);
  }
  return found;
}

function batchRequest(parts: readonly Part[]): JsonObject {
  const requests: Record<string, { readonly ConsistentRead: true; readonly Keys: JsonObject[] }> = {};
  for (const { table, key } of new Map(parts.map((part) => [idOf(part.table, part.key), part])).values()) {
    const request = requests[table.name] ?? { ConsistentRead: true, Keys: [] };
    request.Keys.push(key);
    requests[table.name] = request;
  }
  return requests;
}

function idOf(table: TableModel, key: JsonObject): string {
  return `${table.name} ${JSON.stringify(key)}`;
}
