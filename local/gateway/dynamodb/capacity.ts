import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../json.ts";
import { type Item, readUnits, tableWriteUnits } from "../sizes.ts";

/** Units that one call used of a table or of one of its indexes. */
export interface Capacity {
  readonly table: string;
  readonly index?: string;
  readonly readUnits: number;
  readonly writeUnits: number;
}

const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]);
const READS = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);

/** Operations whose capacity the engine reports rightly. Transactions are not among them. */
export function isMetered(action: string): boolean {
  return WRITES.has(action) || READS.has(action);
}

/** Reads the engine's `ConsumedCapacity`, an object or a list of them. */
export function consumedCapacity(action: string, request: JsonObject, consumed: Json | undefined): readonly Capacity[] {
  const parts = Array.isArray(consumed) ? consumed : [consumed];
  return parts.filter(isObject).flatMap((part) => {
    const table = stringOf(part.TableName) ?? "";
    const units = capacityParts(part).map(([index, count]) => capacity(action, table, index, count));
    return isEmptyRead(action, part) ? [emptyRead(request, table)] : units.filter(isUsed);
  });
}

/** The engine bills nothing for the keys of a batch that have no item; AWS bills the least read for each. */
export function absentCapacity(request: JsonObject, response: JsonObject): readonly Capacity[] {
  return Object.entries(objectOf(request.RequestItems)).flatMap(([table, wanted]) => {
    const { Keys, ConsistentRead } = objectOf(wanted);
    const found = listOf(objectOf(response.Responses)[table]).length;
    const leftOut = listOf(objectOf(objectOf(response.UnprocessedKeys)[table]).Keys).length;
    const absent = listOf(Keys).length - found - leftOut;
    const least = readUnits(0, ConsistentRead === true);
    return absent > 0 ? [{ table, readUnits: absent * least, writeUnits: 0 }] : [];
  });
}

/** The engine bills nothing for a page without items; AWS bills the least read. */
function isEmptyRead(action: string, part: JsonObject): boolean {
  return (action === "Query" || action === "Scan") && numberOf(part.CapacityUnits) === 0;
}

function emptyRead(request: JsonObject, table: string): Capacity {
  const index = stringOf(request.IndexName);
  const units = readUnits(0, request.ConsistentRead === true);
  return { table, ...(index === undefined ? {} : { index }), readUnits: units, writeUnits: 0 };
}

function capacityParts(part: JsonObject): readonly (readonly [string | undefined, number])[] {
  const indexes = { ...objectOf(part.GlobalSecondaryIndexes), ...objectOf(part.LocalSecondaryIndexes) };
  return [
    [undefined, numberOf(objectOf(part.Table).CapacityUnits)],
    ...Object.entries(indexes).map(([name, used]) => [name, numberOf(objectOf(used).CapacityUnits)] as const),
  ];
}

function capacity(action: string, table: string, index: string | undefined, units: number): Capacity {
  const isWrite = WRITES.has(action);
  return {
    table,
    ...(index === undefined ? {} : { index }),
    readUnits: isWrite ? 0 : units,
    writeUnits: isWrite ? units : 0,
  };
}

function isUsed({ readUnits: read, writeUnits: write }: Capacity): boolean {
  return read + write > 0;
}

/** A write whose condition fails is billed by the larger of the item that is there and the one that was offered. */
export function failedConditionCapacity(request: JsonObject, existing: Item | undefined): Capacity {
  const offered = isObject(request.Item) ? request.Item : undefined;
  return { table: stringOf(request.TableName) ?? "", readUnits: 0, writeUnits: tableWriteUnits(existing, offered) };
}

/** What the caller asked to be told of the engine's `INDEXES` figures. */
export function shownCapacity(wanted: Json | undefined, consumed: Json | undefined): Json | undefined {
  if (wanted === "INDEXES") return consumed;
  if (wanted !== "TOTAL") return undefined;
  const total = (part: Json): Json => {
    const { TableName, CapacityUnits } = objectOf(part);
    return { TableName, CapacityUnits };
  };
  return Array.isArray(consumed) ? consumed.map(total) : consumed === undefined ? undefined : total(consumed);
}
