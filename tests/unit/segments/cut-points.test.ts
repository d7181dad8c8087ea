import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countCustomers, cutPointsOf, newCensus } from "../../../shared/segments/census.ts";
import {
  type CutPoints,
  fewestCustomers,
  frequencyScore,
  hasMoved,
  moneyScore,
  recencyScore,
  tierOf,
} from "../../../shared/segments/cut-points.ts";
import type { SegmentContact } from "../../../shared/segments/facts.ts";
import { atLeastFor, atMostFor, count, type Sketch, sumOf } from "../../../shared/segments/sketch.ts";
import { day, daysAgo, factsOf, now } from "./facts.ts";

const sketchOf = (values: readonly number[]) => {
  const sketch: Sketch = {};
  for (const value of values) count(sketch, value);
  return sketch;
};
const shareOf = <Value>(values: readonly Value[], fits: (value: Value) => boolean) =>
  values.filter(fits).length / values.length;

describe("a sketch", () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 2_000_000_000 })), {
    minLength: 1,
    maxLength: 60,
  });
  const shares = fc.constantFrom(0.2, 0.4, 0.5, 0.6, 0.8);

  test("finds a number that a share of the values do not exceed, two percent above the least one at most", () => {
    void fc.assert(
      fc.property(values, shares, (all, share) => {
        const cut = atMostFor(sketchOf(all), share);
        expect(shareOf(all, (value) => value <= cut)).toBeGreaterThanOrEqual(share);
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length - 1e-9) - 1] ?? 0;
        expect(cut).toBeGreaterThanOrEqual(exact);
        expect(cut).toBeLessThanOrEqual(exact * 1.02 + 1e-6);
      }),
    );
  });

  test("finds a number that a share of the values reach, two percent below the greatest one at most", () => {
    void fc.assert(
      fc.property(values, shares, (all, share) => {
        const cut = atLeastFor(sketchOf(all), share);
        expect(shareOf(all, (value) => value >= cut)).toBeGreaterThanOrEqual(share);
        const exact = all.toSorted((a, b) => b - a)[Math.ceil(share * all.length - 1e-9) - 1] ?? 0;
        expect(cut).toBeLessThanOrEqual(exact);
        expect(cut).toBeGreaterThanOrEqual(exact / 1.02 - 1e-6);
      }),
    );
  });

  test("of parts adds up to the sketch of the whole", () => {
    void fc.assert(
      fc.property(values, values, (some, others) => {
        expect(sumOf([sketchOf(some), sketchOf(others)])).toEqual(sketchOf([...some, ...others]));
      }),
    );
  });
});

const customer = (days: number, orders: number, revenue: Record<string, number>): SegmentContact =>
  factsOf({ lastOrderAt: daysAgo(days), customerAt: daysAgo(days), orders, revenue }).contact;

function censusOf(contacts: readonly SegmentContact[]): CutPoints {
  // Every other one in another shard.
  const [empty] = newCensus("2026-06-01");
  if (empty === undefined) throw new Error("a census has shards");
  const parts = [0, 1].map((part) =>
    countCustomers(
      empty.counts,
      contacts.filter((_, at) => at % 2 === part),
      now,
    ),
  );
  return { ...cutPointsOf(parts, now), version: 1 };
}

describe("scores", () => {
  const shop = fc.array(
    fc
      .tuple(fc.integer({ min: 1, max: 800 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 90_000 }))
      .map(([days, orders, amount]) => customer(days, orders, { EUR: amount })),
    { minLength: fewestCustomers, maxLength: 90 },
  );
  const lastOrder = ({ lastOrderAt = "" }: SegmentContact) => Date.parse(lastOrderAt);

  test("of s say that at least s − 1 fifths of the customers stand lower", () => {
    void fc.assert(
      fc.property(shop, fc.nat(), (all, pick) => {
        const cuts = censusOf(all);
        const one = all[pick % all.length];
        if (one === undefined) return;
        const amount = one.revenue.EUR ?? 0;
        const recency = recencyScore(lastOrder(one), now.getTime(), cuts);
        // The census knows the hour.
        const later = (other: SegmentContact) => lastOrder(other) < lastOrder(one) + day / 24;
        expect(shareOf(all, later)).toBeGreaterThanOrEqual((recency - 1) / 5 - 1e-9);
        const frequency = frequencyScore(one.orders, cuts);
        expect(shareOf(all, ({ orders }) => orders < one.orders)).toBeGreaterThanOrEqual((frequency - 1) / 5 - 1e-9);
        const money = moneyScore(amount, "EUR", cuts);
        expect(shareOf(all, ({ revenue }) => (revenue.EUR ?? 0) < amount)).toBeGreaterThanOrEqual(
          (money - 1) / 5 - 1e-9,
        );
        if (tierOf(amount, "EUR", cuts, { midFrom: 1, highFrom: 2 }) === "high") expect(money).toBe(5);
      }),
    );
  });

  test("part a hundred different customers in fifths, and their revenue in a fifth, three tenths and a half", () => {
    const all = Array.from({ length: 100 }, (_, at) => customer(at + 1, at + 1, { EUR: 10_000 * 1.03 ** at }));
    const cuts = censusOf(all.map((one) => ({ ...one, revenue: { EUR: Math.round(one.revenue.EUR ?? 0) } })));
    const tally = (scores: readonly unknown[]) =>
      Object.fromEntries(Object.entries(Object.groupBy(scores, String)).map(([score, of = []]) => [score, of.length]));
    const fifths = { 1: 20, 2: 20, 3: 20, 4: 20, 5: 20 };
    expect(tally(all.map((one) => recencyScore(lastOrder(one), now.getTime(), cuts)))).toEqual(fifths);
    const amounts = all.map(({ revenue }) => Math.round(revenue.EUR ?? 0));
    expect(tally(amounts.map((amount) => moneyScore(amount, "EUR", cuts)))).toEqual(fifths);
    const tiers = amounts.map((amount) => tierOf(amount, "EUR", cuts, { midFrom: 1, highFrom: 2 }));
    expect(tally(tiers)).toEqual({ high: 20, mid: 30, low: 50 });
  });

  test("of who ties with others are the lowest of theirs", () => {
    const all = Array.from({ length: 100 }, (_, at) => customer(10, at < 70 ? 1 : 2, { EUR: 5_000 }));
    const cuts = censusOf(all);
    expect([1, 2, 3].map((orders) => frequencyScore(orders, cuts))).toEqual([1, 4, 5]);
    expect(moneyScore(5_000, "EUR", cuts)).toBe(1);
    expect(tierOf(5_000, "EUR", cuts, { midFrom: 1, highFrom: 2 })).toBe("low");
  });

  test("come from fixed thresholds while customers are few, for each currency apart", () => {
    const euros = Array.from({ length: fewestCustomers - 1 }, () => customer(10, 1, { EUR: 1_000 }));
    const few = censusOf(euros);
    expect(few).toMatchObject({ customers: fewestCustomers - 1, revenue: {} });
    expect(few.orders).toBeUndefined();
    expect([1, 2, 4, 6].map((orders) => frequencyScore(orders, few))).toEqual([1, 2, 4, 5]);
    expect(recencyScore(now.getTime() - 29 * day, now.getTime(), few)).toBe(5);
    const cuts = censusOf([...euros, customer(10, 1, { EUR: 9_000, USD: 1 }), customer(9, 1, { USD: 1, EUR: -5 })]);
    expect(cuts).toMatchObject({ customers: fewestCustomers + 1, revenue: { EUR: { customers: fewestCustomers } } });
    expect(Object.keys(cuts.revenue)).toEqual(["EUR"]);
    expect(tierOf(20_000, "USD", cuts, { midFrom: 10_000, highFrom: 50_000 })).toBe("mid");
  });

  test("are of customers: who never ordered is not counted", () => {
    expect(censusOf([factsOf().contact, factsOf({ lastOrderAt: daysAgo(1), orders: 0 }).contact]).customers).toBe(0);
  });
});

describe("cut points", () => {
  const cuts = { orders: [1, 1, 2, 4], revenue: { EUR: { customers: 60, fifths: [100, 200, 300, 400], half: 250 } } };
  test.each([
    ["the first ones", undefined, true],
    ["the same", cuts, false],
    ["one a little higher", { ...cuts, revenue: { EUR: { ...cuts.revenue.EUR, half: 260 } } }, false],
    ["one much higher", { ...cuts, revenue: { EUR: { ...cuts.revenue.EUR, half: 270 } } }, true],
    ["another number of orders", { ...cuts, orders: [1, 1, 2, 3] }, true],
    ["one currency less", { ...cuts, revenue: {} }, true],
  ])("%s: moved is %s", (_, before, expected) => {
    expect(hasMoved(before, cuts)).toBe(expected);
  });
});
