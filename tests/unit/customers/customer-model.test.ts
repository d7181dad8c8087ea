import { describe, expect, it } from "vitest";
import { profileSchema } from "../../../shared/contacts/profile-schema.ts";
import { hasMoved } from "../../../shared/customers/activity.ts";
import type { ActivityParameters } from "../../../shared/customers/activity-model.ts";
import {
  type Buyer,
  type CustomerModel,
  customerBaseOf,
  customerModelSchema,
  fitCustomerModel,
  spendOf,
} from "../../../shared/customers/customer-model.ts";
import { hasGoneQuiet, type PredictionFacts, predictionOf } from "../../../shared/customers/prediction.ts";
import { dayOf } from "../../../shared/customers/purchase-history.ts";
import { cdnowCustomers } from "./cdnow.ts";

const now = new Date("1997-09-30T12:00:00.000Z");

/** A contact as its profile would be after some orders; amounts in minor units. */
function buyer(
  orders: readonly { readonly day: number; readonly amount: number; readonly currency?: string }[],
  refunded = 0,
): Buyer {
  const days = [...new Set(orders.map(({ day }) => day))].sort((a, b) => a - b);
  const [first = 0] = days;
  const sum = (some: typeof orders) => {
    const sums: Record<string, number> = {};
    for (const { amount, currency = "USD" } of some) sums[currency] = (sums[currency] ?? 0) + amount;
    return sums;
  };
  const ordered = sum(orders);
  const revenue = { ...ordered, USD: Math.max(0, (ordered.USD ?? 0) - refunded) };
  const purchases = {
    count: days.length,
    days,
    first: { day: first, ordered: sum(orders.filter(({ day }) => day === first)) },
  };
  return { purchases, ordered, revenue };
}

const cdnowBuyers = cdnowCustomers().flatMap((all) => {
  const orders = all
    .filter(({ day, dollars }) => day <= dayOf(now) && dollars > 0)
    .map(({ day, dollars }) => ({ day, amount: Math.round(dollars * 100) }));
  return orders.length === 0 ? [] : [buyer(orders)];
});

function modelOf(buyers: readonly Buyer[]): CustomerModel {
  return { ...fitCustomerModel(customerBaseOf(buyers, dayOf(now)), now), version: 1, moves: 1 };
}

describe("what a buyer spends", () => {
  it("leaves the first day out, all of its orders", () => {
    const spend = spendOf(
      buyer([
        { day: 1, amount: 900 },
        { day: 1, amount: 100 },
        { day: 5, amount: 300 },
        { day: 9, amount: 500 },
      ]),
    );
    expect(spend).toEqual({ currency: "USD", purchases: 2, mean: 400, meanOfAll: 600 });
  });

  it("bears refunds by its share of what was ordered", () => {
    const spend = spendOf(
      buyer(
        [
          { day: 1, amount: 500 },
          { day: 5, amount: 500 },
        ],
        250,
      ),
    );
    expect(spend).toEqual({ currency: "USD", purchases: 1, mean: 375, meanOfAll: 375 });
  });

  it("is not told of who buys in several currencies, nor of who has not bought", () => {
    expect(
      spendOf(
        buyer([
          { day: 1, amount: 500 },
          { day: 5, amount: 500, currency: "EUR" },
        ]),
      ),
    ).toBeUndefined();
    expect(spendOf({ purchases: undefined, ordered: {}, revenue: {} })).toBeUndefined();
  });
});

describe("the models of an account's customers", () => {
  it("are fitted on the CDNOW sample near its published figures: free orders are no purchases here, and amounts are minor units", () => {
    const model = modelOf(cdnowBuyers);
    expect(model.activity?.r).toBeCloseTo(0.525, 1);
    expect(Math.abs((model.activity?.alpha ?? 0) / 6.183 - 1)).toBeLessThan(0.05);
    expect(model.spend.USD?.repeatBuyers).toBeGreaterThan(900);
    expect(model.spend.USD?.q).toBeCloseTo(3.74, 1);
    expect(model.shortage).toBeUndefined();
    expect(customerModelSchema.parse(model)).toEqual(model);
  });

  it("are none with few customers, few who came back, or none of half a year ago, and say which", () => {
    const once = (day: number) => buyer([{ day, amount: 100 }]);
    const today = dayOf(now);
    expect(modelOf(cdnowBuyers.slice(0, 499))).toMatchObject({ shortage: "fewCustomers", customers: 499, spend: {} });
    expect(modelOf(Array.from({ length: 600 }, () => once(today - 300)))).toMatchObject({
      shortage: "fewRepeatBuyers",
    });
    const lately = Array.from({ length: 600 }, (_, at) =>
      buyer([
        { day: today - 100 - (at % 50), amount: 100 },
        { day: today - (at % 80), amount: 100 },
      ]),
    );
    expect(modelOf(lately)).toMatchObject({ shortage: "shortTime" });
    expect(modelOf([])).toMatchObject({ shortage: "fewCustomers", customers: 0, repeatBuyers: 0 });
  });

  it("know no spend of a currency with few repeat buyers", () => {
    const euros = Array.from({ length: 99 }, (_, at) =>
      buyer([
        { day: 9_900 + at, amount: 500, currency: "EUR" },
        { day: 10_000 + (at % 50), amount: 400 + at, currency: "EUR" },
      ]),
    );
    expect(Object.keys(modelOf([...cdnowBuyers, ...euros]).spend)).toEqual(["USD"]);
  });
});

describe("a model has moved", () => {
  const fitted = { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };
  it.each<[string, ActivityParameters | undefined, ActivityParameters | undefined, boolean]>([
    ["when it is the first", undefined, fitted, true],
    ["when there is none any more", fitted, undefined, true],
    ["not while there is none", undefined, undefined, false],
    ["not when it is the same", fitted, { ...fitted }, false],
    ["not by two percent", fitted, { ...fitted, alpha: 1.02 * fitted.alpha }, false],
    ["when customers leave much sooner", fitted, { ...fitted, a: 1.5 * fitted.a }, true],
  ])("%s", (_, before, after, expected) => {
    expect(hasMoved(before, after)).toBe(expected);
  });
});

describe("a prediction", () => {
  const profile = profileSchema.parse({
    contactId: "c1",
    fields: {},
    orders: 0,
    revenue: {},
    engagement: { opens: 0, clicks: 0 },
    createdAt: "1997-01-01T00:00:00.000Z",
    ring: [],
  });
  const item = { pk: "CONTACT#c1", sk: "CONTACT", kind: "contact", version: 1 } as const;
  const iso = (day: number) => new Date(day * 86_400_000).toISOString();
  /** A contact with an order of 20.00 on each of some days ago. */
  function contactWith(daysAgo: readonly number[], more: Partial<typeof profile> = {}) {
    const days = daysAgo.map((ago) => dayOf(now) - ago).sort((a, b) => a - b);
    const [first, last] = [days[0] ?? 0, days.at(-1) ?? 0];
    return {
      ...item,
      ...profile,
      ...buyer(days.map((day) => ({ day, amount: 2_000 }))),
      orders: days.length,
      customerAt: iso(first),
      lastOrderAt: iso(last),
      ...more,
    };
  }
  const model = modelOf(cdnowBuyers);
  const facts: PredictionFacts = { model, cutPoints: undefined, mailsSent: 0, complained: false };

  it("comes of the models, with the moment of the fit", () => {
    const prediction = predictionOf(contactWith([250, 150, 20]), facts, now);
    expect(prediction).toMatchObject({ source: "model", modelAt: now.toISOString(), atRisk: false, reasons: [] });
    expect(prediction?.active).toBeGreaterThan(0.5);
    expect(prediction?.purchases12m).toBeGreaterThan(1);
    const each = (prediction?.value12m?.amount ?? 0) / (prediction?.purchases12m ?? 1);
    expect(each).toBeGreaterThan(2_000);
    expect(each).toBeLessThan(4_000);
  });

  it("expects of who bought once, at the mean of all customers' spend, and is not sure of them", () => {
    const prediction = predictionOf(contactWith([250]), facts, now);
    expect(prediction?.active).toBeLessThan(0.5);
    const { p = 0, q = 0, v = 0 } = model.spend.USD ?? {};
    expect(prediction?.value12m?.currency).toBe("USD");
    const expected = (prediction?.purchases12m ?? 0) * ((p * v) / (q - 1));
    expect(Math.abs((prediction?.value12m?.amount ?? 0) - expected)).toBeLessThan(0.01 * ((p * v) / (q - 1)));
  });

  it("holds who came last longer ago for less active, and expects less", () => {
    const [lately, long] = [contactWith([250, 150, 10]), contactWith([250, 150, 100])].map((contact) =>
      predictionOf(contact, facts, now),
    );
    expect(long?.active).toBeLessThan(lately?.active ?? 0);
    expect(long?.purchases12m).toBeLessThan(lately?.purchases12m ?? 0);
  });

  it.each([
    ["no model yet", undefined],
    ["too few customers", modelOf(cdnowBuyers.slice(0, 100))],
  ])("goes by the recency score with %s: nine in ten within 30 days, one in ten from 180 on", (_, few) => {
    const without = { ...facts, model: few };
    const at = (daysAgo: readonly number[]) => predictionOf(contactWith(daysAgo), without, now);
    expect(at([5])).toMatchObject({ source: "rfm", modelAt: null, active: 0.9, purchases12m: 0.9 });
    expect(at([40])).toMatchObject({ active: 0.7 });
    expect(at([70])).toMatchObject({ active: 0.5 });
    expect(at([100])).toMatchObject({ active: 0.3 });
    expect(at([200])).toMatchObject({ active: 0.1, value12m: { amount: 200, currency: "USD" } });
    // two years of four purchases are two a year
    expect(at([730, 500, 300, 5])?.purchases12m).toBeCloseTo(0.9 * 2, 1);
  });

  it("is at risk once one and a half of the customer's own gaps have passed", () => {
    const late = predictionOf(contactWith([100, 80, 60]), facts, now);
    expect(late).toMatchObject({
      atRisk: true,
      reasons: ["late"],
      explanation: [expect.stringContaining("1.5 times their mean gap")],
    });
    expect(predictionOf(contactWith([100, 60, 25]), facts, now)).toMatchObject({ atRisk: false, reasons: [] });
    expect(predictionOf(contactWith([250]), { ...facts, model: undefined }, now)).toMatchObject({ atRisk: false });
  });

  it("is at risk once the customer is as likely gone as not, where a model tells", () => {
    expect(predictionOf(contactWith([250]), facts, now)).toMatchObject({ atRisk: true, reasons: ["likelyGone"] });
    expect(predictionOf(contactWith([5]), facts, now)).toMatchObject({ atRisk: false, reasons: [] });
  });

  it("is at risk when mails that were read before are read no more, and were sent", () => {
    const quiet = { engagement: { opens: 4, clicks: 0, lastOpenAt: "1997-05-01T00:00:00.000Z" } };
    const contact = contactWith([10], quiet);
    expect(hasGoneQuiet(contact, now)).toBe(true);
    expect(predictionOf(contact, { ...facts, mailsSent: 3 }, now)).toMatchObject({
      atRisk: true,
      reasons: ["decliningEngagement"],
    });
    expect(predictionOf(contact, { ...facts, mailsSent: 2 }, now)).toMatchObject({ atRisk: false });
    const clicks = { engagement: { ...quiet.engagement, lastClickAt: "1997-09-20T00:00:00.000Z" } };
    expect(predictionOf(contactWith([10], clicks), { ...facts, mailsSent: 3 }, now)).toMatchObject({ atRisk: false });
    expect(predictionOf(contactWith([10]), { ...facts, mailsSent: 3 }, now)).toMatchObject({ atRisk: false });
  });

  it("is at risk when the customer has spoken of discontent lately", () => {
    expect(predictionOf(contactWith([5]), { ...facts, complained: true }, now)).toMatchObject({
      atRisk: true,
      reasons: ["negativeFeedback"],
    });
  });

  it("is none of who has not bought", () => {
    expect(predictionOf({ ...item, ...profile }, facts, now)).toBeUndefined();
  });
});
