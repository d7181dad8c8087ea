import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  differs,
  firstLook,
  nightOf,
  type OrderPair,
  secondLook,
  withPairs,
} from "../../../shared/connectors/reconciliation.ts";

const pair = (order: string, amount: number, ours: number | undefined, date = "2026-03-04"): OrderPair => ({
  order,
  date,
  theirs: { amount, currency: "EUR" },
  ours: ours === undefined ? undefined : { amount: ours, currency: "EUR" },
  isWhole: ours !== undefined,
});

it("compares the seven whole days before a night", () => {
  expect(nightOf(new Date("2026-03-05T08:30:00Z"))).toEqual({
    importId: "nightly-2026-03-05",
    from: "2026-02-26T00:00:00.000Z",
    until: "2026-03-05T00:00:00.000Z",
  });
});

it.each<[string, OrderPair[], boolean]>([
  ["no orders", [], false],
  ["the same orders", [pair("1", 500, 500), pair("2", 700, 700)], false],
  ["a missing order", [pair("1", 500, 500), pair("2", 700, undefined)], true],
  ["a missing order of nothing", [pair("1", 0, undefined)], true],
  ["another amount", [pair("1", 500, 400)], true],
])("finds of %s that a difference is %3$s", (_, pairs, expected) => {
  expect(differs(withPairs(firstLook, pairs))).toBe(expected);
});

it("names at most twenty missing orders of a day, and counts them all for the second look", () => {
  const all = Array.from({ length: 30 }, (_, at) => pair(String(at), 100, undefined));
  const compared = withPairs(firstLook, all);
  expect(compared.days["2026-03-04"]).toMatchObject({ shop: { orders: 30 }, rapport: { orders: 0 } });
  expect(compared.days["2026-03-04"]?.missing).toHaveLength(20);
  expect(secondLook(compared)).toEqual({ look: 2, found: 30, days: {} });
});

it("comes to the same however the orders fall into pages", () => {
  const pairs = fc.array(
    fc.record({
      order: fc.string(),
      date: fc.constantFrom("2026-03-03", "2026-03-04"),
      theirs: fc.record({ amount: fc.nat(), currency: fc.constantFrom("EUR", "USD") }),
      ours: fc.option(fc.record({ amount: fc.nat(), currency: fc.constantFrom("EUR", "USD") }), { nil: undefined }),
      isWhole: fc.boolean(),
    }),
  );
  void fc.assert(
    fc.property(pairs, fc.nat(20), (all, at) => {
      const whole = withPairs(firstLook, all);
      expect(withPairs(withPairs(firstLook, all.slice(0, at)), all.slice(at))).toEqual(whole);
    }),
  );
});
