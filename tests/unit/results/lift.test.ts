import { describe, expect, test } from "vitest";
import { costOf, roiOf } from "../../../shared/results/cost.ts";
import { liftOf, newcombe, wilson } from "../../../shared/results/lift.ts";

const arm = (ordered: number, n: number, usd = 0) => ({ ordered, n, revenue: usd === 0 ? {} : { USD: usd } });

describe("the published examples", () => {
  test.each([
    // Newcombe 1998, two-sided intervals for the single proportion, method 3
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("wilson(%d, %d) is %d to %d", (hits, n, low, high) => {
    const interval = wilson(hits, n);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test.each([
    // Newcombe 1998, interval estimation for the difference, method 10
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [10, 10, 0, 10, 0.6075, 1],
  ])("newcombe(%d/%d, %d/%d) is %d to %d", (a, m, b, n, low, high) => {
    const interval = newcombe(arm(a, m), arm(b, n));
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});

describe("a lift", () => {
  test.each([
    ["nobody was held out", arm(5, 1000), arm(0, 0), undefined],
    ["too few were held out", arm(50, 1000), arm(2, 99), "not enough data"],
    ["too few ordered", arm(7, 1000), arm(2, 1000), "not enough data"],
    ["nobody was mailed", arm(0, 0), arm(20, 1000), "not enough data"],
    ["the mailed ordered more", arm(100, 1000), arm(50, 1000), "higher"],
    ["the mailed ordered less", arm(50, 1000), arm(100, 1000), "lower"],
    ["it may be chance", arm(55, 1000), arm(50, 1000), "no difference shown"],
  ])("where %s is %4$s", (_, mailed, heldOut, verdict) => {
    expect(liftOf({ mailed, heldOut })?.verdict).toBe(verdict);
  });

  test("says what the mails brought beyond what would have come anyway", () => {
    expect(liftOf({ mailed: arm(100, 1000, 500_000), heldOut: arm(10, 200, 40_000) })).toMatchObject({
      relative: 1,
      revenue: { USD: 300_000 },
      mailed: { rate: 0.1 },
    });
  });
});

describe("a cost", () => {
  const range = { from: "2026-11-01", to: "2026-11-30" };
  const price = { perThousand: 0.15, currency: "USD" };
  const entered = (dates: readonly string[]) => ({
    costs: dates.map((date) => ({ date, cost: { amount: 5_000, currency: "EUR" } })),
    version: 1,
    updatedAt: "2026-11-01T00:00:00.000Z",
    updatedBy: "test",
  });

  test.each([
    ["nothing was entered", undefined, { amount: 30, currency: "USD", source: "mail counts" }],
    [
      "other days have one",
      entered(["2026-10-31", "2026-12-01"]),
      { amount: 30, currency: "USD", source: "mail counts" },
    ],
    [
      "days have one",
      entered(["2026-11-01", "2026-11-30", "2026-12-01"]),
      { amount: 10_000, currency: "EUR", source: "entered" },
    ],
  ])("where %s", (_, costs, expected) => {
    expect(costOf(costs, range, { sent: 2000 }, price)).toEqual(expected);
  });

  test.each([
    ["revenue less what was taken back", 1000, { USD: 6000 }, { USD: 1000 }, 4],
    ["a loss", 1000, {}, {}, -1],
    ["nothing was spent", 0, { USD: 6000 }, {}, null],
    ["another currency's revenue", 1000, { USD: 6000, EUR: 10 }, {}, null],
  ])("returns, with %s, %5$s", (_, amount, revenue, refunded, expected) => {
    expect(roiOf({ amount, currency: "USD" }, { revenue, refunded })).toBe(expected);
  });
});
