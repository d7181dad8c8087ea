import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ActivityModel,
  activeProbability,
  activityLogLikelihood,
  expectedPurchases,
  fitActivity,
} from "../../../shared/customers/activity-model.ts";
import { groupHistories, historyOf, purchasesOf } from "../../../shared/customers/purchase-history.ts";
import { expectedSpend, fitSpend } from "../../../shared/customers/spend-model.ts";

const positive = fc.double({ min: 0.05, max: 20, noNaN: true });
const model: fc.Arbitrary<ActivityModel> = fc.record({
  variant: fc.constantFrom("BG/NBD" as const, "MBG/NBD" as const),
  r: positive,
  alpha: positive,
  a: positive,
  b: fc.double({ min: 1, max: 20, noNaN: true }),
});
const history = fc
  .record({
    frequency: fc.nat(400),
    until: fc.double({ min: 0.2, max: 1, noNaN: true }),
    age: fc.double({ min: 1, max: 500, noNaN: true }),
  })
  .map(({ frequency, until, age }) => ({ frequency, age, recency: frequency === 0 ? 0 : age * until }));

describe("the activity models", () => {
  it("tell a probability, and purchases that are not negative, of anybody", () => {
    fc.assert(
      fc.property(model, history, (parameters, customer) => {
        const active = activeProbability(parameters, customer);
        expect(active).toBeGreaterThanOrEqual(0);
        expect(active).toBeLessThanOrEqual(1);
        const expected = expectedPurchases(parameters, customer, 52);
        expect(expected).toBeGreaterThanOrEqual(0);
        expect(expected).toBeLessThan(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it("hold the later buyer of two for the likelier active, and time alone makes nobody likelier", () => {
    fc.assert(
      fc.property(model, history, fc.double({ min: 0, max: 100, noNaN: true }), (parameters, customer, weeks) => {
        const active = activeProbability(parameters, customer);
        const lastNow = { ...customer, recency: customer.frequency === 0 ? 0 : customer.age };
        expect(activeProbability(parameters, lastNow)).toBeGreaterThanOrEqual(active);
        expect(activeProbability(parameters, { ...customer, age: customer.age + weeks })).toBeLessThanOrEqual(active);
      }),
    );
  });

  it("expect more purchases of a longer time, and no more than a customer who never leaves would make", () => {
    fc.assert(
      fc.property(model, history, (parameters, customer) => {
        const [few, many] = [26, 52].map((weeks) => expectedPurchases(parameters, customer, weeks));
        expect(many).toBeGreaterThanOrEqual(few ?? 0);
        const stays = (52 * (parameters.r + customer.frequency)) / (parameters.alpha + customer.age);
        expect(many).toBeLessThanOrEqual(stays * (1 + 1e-9));
      }),
    );
  });

  it("expect the same at a = 1, where the printed formula has a hole, as beside it", () => {
    const customer = { frequency: 3, recency: 20, age: 30 };
    const at = (a: number) => expectedPurchases({ variant: "MBG/NBD", r: 0.5, alpha: 6, a, b: 2 }, customer, 52);
    expect(at(1)).toBeCloseTo((at(1 - 1e-4) + at(1 + 1e-4)) / 2, 7);
  });

  it.each([
    ["nobody leaves", { r: 0.5, alpha: 6, a: Math.exp(-8), b: Math.exp(8) }],
    ["all leave at one rate", { r: 0.5, alpha: 6, a: Math.exp(7), b: Math.exp(8) }],
    ["all buy at one rate", { r: Math.exp(8), alpha: Math.exp(8), a: 1, b: 2 }],
  ])("stay finite at the ends of where they are searched: %s", (_, parameters) => {
    for (const frequency of [0, 3, 2_000]) {
      const customer = { frequency, recency: frequency === 0 ? 0 : 300, age: 310 };
      const expected = expectedPurchases({ variant: "MBG/NBD", ...parameters }, customer, 52);
      const stays = (52 * (parameters.r + frequency)) / (parameters.alpha + 310);
      expect(expected).toBeGreaterThanOrEqual(0);
      expect(expected).toBeLessThanOrEqual(stays * (1 + 1e-9));
    }
  });

  it("expect what the integral over the chances to leave says", () => {
    // E = ∫ (1 − (1 + p t ⁄ (α + T))^−(r + x)) ⁄ p · Beta(p; a, b + n) dp, of who is active
    const [r, alpha, a, b, x, age, weeks] = [0.5, 6, 2, 3, 4, 30, 52];
    const n = x + 1;
    const steps = 20_000;
    let [mass, sum] = [0, 0];
    for (let step = 0; step < steps; step++) {
      const p = (step + 0.5) / steps;
      const density = p ** (a - 1) * (1 - p) ** (b + n - 1);
      mass += density;
      sum += (density * (1 - (1 + (p * weeks) / (alpha + age)) ** -(r + x))) / p;
    }
    const parameters = { variant: "MBG/NBD", r, alpha, a, b } as const;
    const customer = { frequency: x, recency: 25, age };
    const expected = (activeProbability(parameters, customer) * sum) / mass;
    expect(expectedPurchases(parameters, customer, weeks)).toBeCloseTo(expected, 6);
  });

  it("tells a single purchase apart as the two are meant to: BG/NBD is sure of it, MBG/NBD is not", () => {
    const once = { frequency: 0, recency: 0, age: 52 };
    const parameters = { r: 0.5, alpha: 6, a: 0.9, b: 1.6 };
    expect(activeProbability({ variant: "BG/NBD", ...parameters }, once)).toBe(1);
    expect(activeProbability({ variant: "MBG/NBD", ...parameters }, once)).toBeLessThan(0.5);
  });

  it("has likelihoods that sum to one over all that may happen in a time", () => {
    // with x purchases the last of which was at t_x: the density is integrated over t_x, by x − 1 others spread before it
    const parameters = { variant: "MBG/NBD", r: 1.5, alpha: 10, a: 1, b: 2 } as const;
    const age = 10;
    const likelihood = (frequency: number, recency: number) =>
      Math.exp(activityLogLikelihood(parameters, [{ frequency, recency, age, customers: 1 }]));
    let total = likelihood(0, 0);
    const steps = 2_000;
    let factorial = 1;
    for (let x = 1; x <= 40; x++) {
      if (x > 1) factorial *= x - 1;
      for (let step = 0; step < steps; step++) {
        const at = ((step + 0.5) / steps) * age;
        total += (likelihood(x, at) * at ** (x - 1) * age) / (factorial * steps);
      }
    }
    expect(total).toBeCloseTo(1, 3);
  });

  it("are fitted to the same parameters whatever the order of the customers", () => {
    const customers = Array.from({ length: 200 }, (_, at) => ({
      frequency: at % 4,
      recency: at % 4 === 0 ? 0 : 5 + (at % 17),
      age: 30 + (at % 9),
    }));
    const [one, other] = [customers, customers.toReversed()].map((each) =>
      fitActivity("MBG/NBD", groupHistories(each)),
    );
    expect(other?.logLikelihood).toBeCloseTo(one?.logLikelihood ?? 0, 6);
  });
});

describe("the spend model", () => {
  it("expects something between the customer's own mean and that of all, the nearer to the own the more there were", () => {
    const parameters = { p: 6.25, q: 3.74, v: 15.44 };
    const all = expectedSpend(parameters, { purchases: 0, mean: 0 });
    expect(all).toBeCloseTo((6.25 * 15.44) / 2.74, 10);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        (purchases, mean) => {
          const expected = expectedSpend(parameters, { purchases, mean });
          const slack = 1e-9 * (mean + all);
          expect(expected).toBeGreaterThanOrEqual(Math.min(mean, all) - slack);
          expect(expected).toBeLessThanOrEqual(Math.max(mean, all) + slack);
          const more = expectedSpend(parameters, { purchases: purchases + 1, mean });
          expect(Math.abs(more - mean)).toBeLessThanOrEqual(Math.abs(expected - mean) + slack);
        },
      ),
    );
  });

  it("has no mean of all customers when the fit says it is endless", () => {
    expect(expectedSpend({ p: 2, q: 0.9, v: 5 }, { purchases: 0, mean: 0 })).toBe(Number.POSITIVE_INFINITY);
  });

  it("is the same in cents as in dollars", () => {
    const spends = Array.from({ length: 120 }, (_, at) => ({ purchases: 1 + (at % 5), mean: 10 + ((at * 37) % 90) }));
    const dollars = fitSpend(spends);
    const cents = fitSpend(spends.map(({ purchases, mean }) => ({ purchases, mean: mean * 100 })));
    expect(cents.p).toBeCloseTo(dollars.p, 6);
    expect(cents.v / dollars.v).toBeCloseTo(100, 4);
    expect(cents.logLikelihood).toBeCloseTo(dollars.logLikelihood - spends.length * Math.log(100), 4);
  });
});

describe("a purchase history", () => {
  it("counts the orders of one day as one purchase, and the first one as none", () => {
    const purchases = purchasesOf([17, 3, 3, 10, 17]);
    expect(purchases).toEqual({ count: 3, first: 3, last: 17 });
    expect(purchases && historyOf(purchases, 24)).toEqual({ frequency: 2, recency: 2, age: 3 });
  });

  it("is none without orders", () => {
    expect(purchasesOf([])).toBeUndefined();
  });

  it("is not older than its last purchase is late: a clock that runs ahead makes no negative wait", () => {
    expect(historyOf({ count: 2, first: 0, last: 14 }, 7)).toEqual({ frequency: 1, recency: 2, age: 2 });
  });

  it("is grouped with its like, and nobody is lost", () => {
    fc.assert(
      fc.property(fc.array(history), (histories) => {
        const groups = groupHistories([...histories, ...histories]);
        expect(groups.reduce((sum, { customers }) => sum + customers, 0)).toBe(2 * histories.length);
        expect(groups.length).toBeLessThanOrEqual(histories.length);
      }),
    );
  });
});
