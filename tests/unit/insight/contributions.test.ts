import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Contributions, contributionsOf, mostContributions } from "../../../shared/insight/contributions.ts";
import { causeOf } from "../../../shared/insight/sentence.ts";
import type { Groups } from "../../../shared/kpis/groups.ts";
import type { Figures } from "../../../shared/kpis/tally.ts";

const figures = (numerator: number, denominator: number | null = null): Figures => ({
  numerator,
  denominator,
  n: denominator ?? numerator,
  facts: numerator,
  leftOut: 0,
});

const changes = (found: Contributions | undefined) =>
  found?.groups.map(({ group, change, rate, mix }) => [group, change, rate, mix]);

describe("contributions to a count", () => {
  it("are the differences of the groups, the largest first", () => {
    const found = contributionsOf(
      "source",
      { a: figures(10), b: figures(50), c: figures(5) },
      { a: figures(12), b: figures(20), d: figures(8) },
    );
    expect(changes(found)).toEqual([
      ["b", -30, null, null],
      ["d", 8, null, null],
      ["c", -5, null, null],
      ["a", 2, null, null],
    ]);
    expect(found?.change).toBe(-25);
    expect(found?.groups[0]?.share).toBe(1.2);
  });
});

describe("contributions to a ratio", () => {
  it("are a group's own ratio and its share of all, as computed by hand", () => {
    // 20 of 100 and 5 of 100 (12.5 %), then 18 of 60 and 7 of 140 (12.5 %): better ratios, worse mix.
    const found = contributionsOf(
      "source",
      { a: figures(20, 100), b: figures(5, 100) },
      { a: figures(18, 60), b: figures(7, 140) },
    );
    expect(found?.change).toBeCloseTo(0, 12);
    const [a, b] = ["a", "b"].map((name) => found?.groups.find(({ group }) => group === name));
    // rate: (0.3 − 0.2) × (0.5 + 0.3) ⁄ 2 = 0.04; mix: (0.3 − 0.5) × (0.25 − 0.125) = −0.025
    expect(a?.rate).toBeCloseTo(0.04, 12);
    expect(a?.mix).toBeCloseTo(-0.025, 12);
    // rate: 0; mix: (0.7 − 0.5) × (0.05 − 0.125) = −0.015
    expect(b?.rate).toBeCloseTo(0, 12);
    expect(b?.mix).toBeCloseTo(-0.015, 12);
  });

  it("are mix alone of a group that is there in one period only", () => {
    const found = contributionsOf("source", { a: figures(10, 100) }, { a: figures(10, 100), b: figures(40, 100) });
    // R: 0.1 → 0.25, mean 0.175; b: 40 ⁄ 200 − 0.175 × 0.5 = 0.1125; a: (0.5 − 1) × (0.1 − 0.175) = 0.0375
    expect(found?.change).toBeCloseTo(0.15, 12);
    expect(found?.groups.map(({ group, rate }) => [group, rate])).toEqual([
      ["b", 0],
      ["a", 0],
    ]);
    expect(found?.groups[0]?.mix).toBeCloseTo(0.1125, 12);
    expect(found?.groups[1]?.mix).toBeCloseTo(0.0375, 12);
  });

  it("are none where a period has nothing to divide by", () => {
    expect(contributionsOf("source", {}, { a: figures(1, 2) })).toBeUndefined();
  });
});

describe("contributions", () => {
  const count = fc.nat(500);
  const ratio = fc.tuple(fc.nat(300), fc.nat(300)).map(([numerator, denominator]) => figures(numerator, denominator));
  const groupsOf = (of: fc.Arbitrary<Figures>) =>
    fc.dictionary(fc.constantFrom(..."abcdefghijklmnop"), of, { maxKeys: 16 });
  const whole = (groups: Groups) =>
    Object.values(groups).reduce((sum, one) => [sum[0] + one.numerator, sum[1] + (one.denominator ?? 0)] as const, [
      0, 0,
    ] as readonly [number, number]);
  const total = (
    found: Contributions,
    pick: (part: { change: number; rate: number | null; mix: number | null }) => number,
  ) => [...found.groups, found.rest].reduce((sum, part) => sum + pick(part), 0);

  it("of a count add up to its change exactly", () => {
    fc.assert(
      fc.property(
        groupsOf(count.map((value) => figures(value))),
        groupsOf(count.map((value) => figures(value))),
        (before, after) => {
          const found = contributionsOf("source", before, after);
          if (found === undefined) throw new Error("a count has contributions");
          expect(total(found, ({ change }) => change)).toBe(whole(after)[0] - whole(before)[0]);
          expect(found.groups.length).toBeLessThanOrEqual(mostContributions);
        },
      ),
    );
  });

  it("of a ratio add up to its change, and so do rate and mix", () => {
    fc.assert(
      fc.property(groupsOf(ratio), groupsOf(ratio), (before, after) => {
        const [[n0, d0], [n1, d1]] = [whole(before), whole(after)];
        const found = contributionsOf("source", before, after);
        if (d0 === 0 || d1 === 0) return;
        if (found === undefined) throw new Error("both periods have a value");
        expect(total(found, ({ change }) => change)).toBeCloseTo(n1 / d1 - n0 / d0, 9);
        expect(total(found, ({ rate, mix }) => (rate ?? 0) + (mix ?? 0))).toBeCloseTo(n1 / d1 - n0 / d0, 9);
        for (const { change, rate, mix } of found.groups) expect((rate ?? 0) + (mix ?? 0)).toBeCloseTo(change, 9);
      }),
    );
  });

  it.each<[string, Groups, Groups, string]>([
    [
      "the largest in the change's own direction",
      { a: figures(80), b: figures(20) },
      { a: figures(40), b: figures(24) },
      "form “a” explains more than all",
    ],
    ["a part of it", { a: figures(80), b: figures(40) }, { a: figures(40), b: figures(20) }, "form “a” explains 67 %"],
    ["all of it", { a: figures(80), b: figures(40) }, { a: figures(40), b: figures(40) }, "form “a” explains all"],
    ["nothing when there is one group", { a: figures(80) }, { a: figures(40) }, ""],
    [
      "nothing when it is without a name",
      { "(none)": figures(80), b: figures(9) },
      { "(none)": figures(40), b: figures(9) },
      "",
    ],
  ])("name as the cause %s", (_, before, after, words) => {
    const found = contributionsOf("form", before, after);
    expect(causeOf(found === undefined ? [] : [found])).toBe(words);
  });

  it("name no cause where each of many groups explains little", () => {
    const even = (value: number) => Object.fromEntries([..."abcdefgh"].map((name) => [name, figures(value)]));
    const found = contributionsOf("form", even(20), even(10));
    expect(causeOf(found === undefined ? [] : [found])).toBe("");
  });
});
