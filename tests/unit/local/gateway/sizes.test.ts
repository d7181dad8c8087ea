import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  indexEntry,
  indexWriteUnits,
  itemSize,
  readUnits,
  tableWriteUnits,
  valueSize,
  writeUnits,
} from "../../../../local/gateway/sizes.ts";
import { TABLE } from "./support.ts";

const text = (length: number) => ({ S: "x".repeat(length) });
const [byOwner, byStage] = TABLE.indexes;
if (!byOwner || !byStage) throw new Error("the fixture has two indexes");

describe("the size of a value", () => {
  it.each([
    ["text is its UTF-8 bytes", { S: "aé€😀" }, 1 + 2 + 3 + 4],
    ["empty text is nothing", { S: "" }, 0],
    ["binary is its raw bytes", { B: Buffer.from("hello").toString("base64") }, 5],
    ["zero is one byte", { N: "0" }, 1],
    ["zero with decimals is one byte", { N: "0.00" }, 1],
    ["a number is a byte per two digits and one", { N: "1234" }, 3],
    ["an odd digit takes a byte too", { N: "12345" }, 4],
    ["outer zeros do not count", { N: "00120000" }, 2],
    ["pairs are counted from the decimal point", { N: "120" }, 3],
    ["pairs are counted on its right, too", { N: "1.5" }, 3],
    ["zeros after the point do not count", { N: "0.0015" }, 2],
    ["half a pair after the point takes a byte", { N: "0.015" }, 3],
    ["an exponent moves the point", { N: "1.2E+30" }, 3],
    ["an exponent is not counted", { N: "12e-4" }, 2],
    ["a minus sign is a byte", { N: "-12" }, 3],
    ["a boolean is one byte", { BOOL: false }, 1],
    ["null is one byte", { NULL: true }, 1],
    ["a text set is the sum of its members", { SS: ["ab", "c"] }, 3],
    ["a number set is the sum of its members", { NS: ["12", "3"] }, 4],
    ["a binary set is the sum of its members", { BS: ["aGVsbG8="] }, 5],
    ["an empty list is three bytes", { L: [] }, 3],
    ["a list adds one for each member", { L: [{ S: "ab" }, { BOOL: true }] }, 3 + 3 + 2],
    ["an empty map is three bytes", { M: {} }, 3],
    ["a map adds names, values and one for each member", { M: { ab: { S: "c" } } }, 3 + 2 + 1 + 1],
  ])("%s", (_, value, size) => {
    expect(valueSize(value)).toBe(size);
  });

  it("counts names of attributes in UTF-8", () => {
    expect(itemSize({ né: { S: "x" } })).toBe(3 + 1);
  });
});

describe("units", () => {
  it.each([
    [0, 1],
    [1, 1],
    [1024, 1],
    [1025, 2],
    [409_600, 400],
  ])("a write of %d bytes costs %d", (bytes, units) => {
    expect(writeUnits(bytes)).toBe(units);
  });

  it.each([
    [0, true, 1],
    [4096, true, 1],
    [4097, true, 2],
    [0, false, 0.5],
    [4096, false, 0.5],
    [4097, false, 1],
  ])("a read of %d bytes, consistent %s, costs %d", (bytes, consistent, units) => {
    expect(readUnits(bytes, consistent)).toBe(units);
  });

  it("bills a write by the larger of the item before and after", () => {
    expect(tableWriteUnits({ a: text(3000) }, { a: text(1) })).toBe(3);
    expect(tableWriteUnits({ a: text(1) }, { a: text(3000) })).toBe(3);
    expect(tableWriteUnits(undefined, undefined)).toBe(1);
  });

  it("never bills a write less than either item alone", () => {
    const item = fc.record({ a: fc.string().map((S) => ({ S: S.repeat(50) })) });
    fc.assert(
      fc.property(item, item, (before, after) => {
        const units = tableWriteUnits(before, after);
        expect(units).toBeGreaterThanOrEqual(writeUnits(itemSize(before)));
        expect(units).toBeGreaterThanOrEqual(writeUnits(itemSize(after)));
      }),
    );
  });
});

describe("what a write costs in an index", () => {
  const keys = { pk: { S: "p" }, sk: { S: "s" } };
  const owned = { ...keys, owner: { S: "o" }, at: { S: "1" } };
  const staged = { ...keys, stage: { S: "new" } };

  it.each([
    ["an item outside the index costs nothing", byOwner, undefined, keys, 0],
    ["an item with half of the index's key costs nothing", byOwner, undefined, { ...keys, owner: { S: "o" } }, 0],
    ["an entry that appears costs one", byOwner, keys, owned, 1],
    ["an entry that disappears costs one", byOwner, owned, undefined, 1],
    ["a key that changes costs two", byOwner, owned, { ...owned, at: { S: "2" } }, 2],
    ["a change that is not projected costs nothing", byOwner, owned, { ...owned, note: text(5000) }, 0],
    ["a projected change costs one", byStage, staged, { ...staged, note: { S: "x" } }, 1],
    ["a projected change costs by the larger entry", byStage, { ...staged, note: text(2500) }, staged, 3],
    ["the same item costs nothing", byStage, staged, { ...staged }, 0],
    [
      "a set in another order is the same",
      byStage,
      { ...staged, t: { SS: ["a", "b"] } },
      { ...staged, t: { SS: ["b", "a"] } },
      0,
    ],
    [
      "a list in another order is a change",
      byStage,
      { ...staged, t: { L: [{ S: "a" }, { S: "b" }] } },
      { ...staged, t: { L: [{ S: "b" }, { S: "a" }] } },
      1,
    ],
    [
      "a moved large entry costs its delete and its put",
      byStage,
      { ...staged, note: text(1500) },
      { ...staged, stage: { S: "won" }, note: text(2500) },
      5,
    ],
  ])("%s", (_, index, before, after, units) => {
    expect(indexWriteUnits(index, TABLE, before, after)).toBe(units);
  });

  it("keeps keys and included attributes only", () => {
    const including = { ...byOwner, projection: { type: "INCLUDE" as const, attributes: ["note"] } };
    const item = { ...owned, note: { S: "n" }, other: { S: "o" } };
    expect(Object.keys(indexEntry(including, TABLE, item) ?? {}).sort()).toEqual(["at", "note", "owner", "pk", "sk"]);
    expect(Object.keys(indexEntry(byOwner, TABLE, item) ?? {}).sort()).toEqual(["at", "owner", "pk", "sk"]);
  });
});
