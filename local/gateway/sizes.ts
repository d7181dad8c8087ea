import type { IndexModel, TableModel } from "../assembly/model.ts";
import { isObject, type Json, type JsonObject, listOf } from "./json.ts";

/** Item sizes and the units they cost, by the rules that DynamoDB documents. Sizes are bytes, units are request units. */

/** An item in DynamoDB's JSON: attribute name → typed value (`{"S": "x"}`). */
export type Item = JsonObject;

/** Attribute names in UTF-8 plus values. */
export function itemSize(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0);
}

/** Size of one typed value: text in UTF-8, binary raw, numbers by digits, 3 bytes and one for each member of a container. */
export function valueSize(value: Json | undefined): number {
  if (!isObject(value)) return 0;
  const [type, content] = Object.entries(value)[0] ?? [];
  switch (type) {
    case "S":
      return utf8(content);
    case "N":
      return numberSize(content);
    case "B":
      return binarySize(content);
    case "BOOL":
    case "NULL":
      return 1;
    case "SS":
      return total(content, utf8);
    case "NS":
      return total(content, numberSize);
    case "BS":
      return total(content, binarySize);
    case "L":
      return 3 + total(content, (member) => 1 + valueSize(member));
    case "M":
      return 3 + (isObject(content) ? itemSize(content) + Object.keys(content).length : 0);
    default:
      return 0;
  }
}

/** One unit per 1 KB begun; a write of nothing (a delete that found nothing) still costs one. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

/** One unit per 4 KB begun, half of it when eventually consistent; a read that finds nothing still costs the least unit. */
export function readUnits(bytes: number, consistent: boolean): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);
}

/** A write is billed by the larger of the item before and after it. */
export function tableWriteUnits(before: Item | undefined, after: Item | undefined): number {
  return writeUnits(Math.max(before ? itemSize(before) : 0, after ? itemSize(after) : 0));
}

/**
 * What a write costs in one index: nothing when no projected attribute changes, one write when an entry appears,
 * disappears or changes in place, two (a delete and a put) when its key changes.
 */
export function indexWriteUnits(
  index: IndexModel,
  table: TableModel,
  before: Item | undefined,
  after: Item | undefined,
): number {
  const old = before && indexEntry(index, table, before);
  const next = after && indexEntry(index, table, after);
  if (!old && !next) return 0;
  if (!old || !next) return writeUnits(itemSize(old ?? next ?? {}));
  if (sameItem(old, next)) return 0;
  const keys = [index.partitionKey.name, ...(index.sortKey ? [index.sortKey.name] : [])];
  if (keys.some((name) => !sameValue(old[name], next[name]))) {
    return writeUnits(itemSize(old)) + writeUnits(itemSize(next));
  }
  return writeUnits(Math.max(itemSize(old), itemSize(next)));
}

/** The part of an item that an index keeps; undefined when the item lacks one of the index's keys. */
export function indexEntry(index: IndexModel, table: TableModel, item: Item): Item | undefined {
  const keys = [index.partitionKey, ...(index.sortKey ? [index.sortKey] : [])];
  if (keys.some((key) => item[key.name] === undefined)) return undefined;
  if (index.projection.type === "ALL") return item;
  const kept = new Set([
    table.partitionKey.name,
    ...(table.sortKey ? [table.sortKey.name] : []),
    ...keys.map((key) => key.name),
    ...(index.projection.type === "INCLUDE" ? index.projection.attributes : []),
  ]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
}

function sameItem(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameValue(a[name], b[name]));
}

function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || canonical(a) === canonical(b);
}

/** Sets and maps have no order of their own, so both sides are put in one. */
function canonical(value: Json | undefined): string {
  return JSON.stringify(value, (type, content) => {
    if (/^[SNB]S$/.test(type) && Array.isArray(content)) return [...content].sort();
    return isObject(content)
      ? Object.fromEntries(Object.entries(content).sort(([left], [right]) => (left < right ? -1 : 1)))
      : content;
  });
}

function total(content: Json | undefined, size: (member: Json) => number): number {
  return listOf(content).reduce<number>((sum, member) => sum + size(member), 0);
}

function utf8(text: Json | undefined): number {
  return typeof text === "string" ? Buffer.byteLength(text) : 0;
}

function binarySize(base64: Json | undefined): number {
  return typeof base64 === "string" ? Buffer.byteLength(base64, "base64") : 0;
}

/** One byte for each pair of digits left and right of the decimal point, outer zeros apart, one more, and one for a minus. */
function numberSize(text: Json | undefined): number {
  const [, minus, whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(typeof text === "string" ? text : "") ?? [];
  const written = whole + fraction;
  const digits = written.replace(/^0+/, "");
  if (digits === "") return 1;
  const pointAt = whole.length + Number(exponent) - (written.length - digits.length);
  const aligned = (pointAt % 2 === 0 ? digits : `0${digits}`).replace(/0+$/, "");
  return Math.ceil(aligned.length / 2) + 1 + (minus === "-" ? 1 : 0);
}
