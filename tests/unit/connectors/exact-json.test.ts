import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseExactJson } from "../../../shared/connectors/exact-json.ts";

const parse = (text: string) => parseExactJson(Buffer.from(text));

it.each([
  ["820982911946154508", "820982911946154508"],
  ["9007199254740992", "9007199254740992"],
  ["9007199254740991", 9007199254740991],
  ["-9007199254740993", "-9007199254740993"],
  ["10.5", 10.5],
  ["1e3", 1000],
  ["0", 0],
])("%s is read as %o", (text, value) => {
  expect(parse(`{"id":${text}}`)).toEqual({ id: value });
});

it("loses no digit of any integer", () => {
  void fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (id) => {
      expect(parse(`[{"id":${id}}]`)).toEqual([{ id: id > 9007199254740991n ? String(id) : Number(id) }]);
    }),
  );
});

it("leaves out names that would reach into JavaScript's own objects", () => {
  expect(parse('{"a":1,"__proto__":{"b":2},"constructor":3}')).toEqual({ a: 1 });
});

it.each([["{"], [""], ["nonsense"], ["[".repeat(200_000)]])("refuses what is not JSON", (text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: "malformed_json" }));
});
