import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activeProbability } from "../../../shared/customers/activity-model.ts";
import { evaluate } from "../../../shared/segments/evaluate.ts";
import { shippedSegments } from "../../../shared/segments/shipped.ts";
import { anyFacts, anyRule, day, daysAgo, factsOf, now, ordered, rule } from "./facts.ts";

const isIn = (value: unknown, facts = factsOf(), at = now) => evaluate(rule(value), facts, at).member;
const attribute = (name: string, op: string, value?: unknown) => ({ type: "attribute", attribute: name, op, value });

describe("attribute conditions", () => {
  const ada = factsOf({
    email: { value: "ada@Example.com" },
    fields: { country: { value: "DE" } },
    traits: { plan: { value: "pro" }, seats: { value: 12 }, "renews.at": { value: "2026-07-01" } },
    tags: ["vip", "b2b"],
    orders: 3,
    revenue: { EUR: 12_000 },
    leadAt: daysAgo(40),
    carts: { one: { at: daysAgo(1) } },
  });
  test.each([
    ["fields.country", "eq", "DE", true],
    ["fields.country", "in", ["AT", "DE"], true],
    ["fields.country", "ne", "DE", false],
    ["fields.city", "ne", "Berlin", true],
    ["fields.city", "eq", "Berlin", false],
    ["fields.city", "exists", undefined, false],
    ["fields.city", "exists", false, true],
    ["traits.plan", "contains", "PR", true],
    ["traits.seats", "gt", 10, true],
    ["traits.seats", "gt", "10", false],
    ["traits.renews.at", "lt", "2026-08-01", true],
    ["traits.toString", "exists", undefined, false],
    ["tags", "eq", "vip", true],
    ["tags", "ne", "vip", false],
    ["tags", "in", ["other", "b2b"], true],
    ["emailDomain", "eq", "example.com", true],
    ["lead", "eq", true, true],
    ["customer", "eq", true, false],
    ["orders", "lte", 3, true],
    ["revenue.EUR", "gte", 12_000, true],
    ["revenue.USD", "gte", 1, false],
    ["openCarts", "gte", 1, true],
  ])("%s %s %j is %s", (name, op, value, expected) => {
    expect(isIn(attribute(name, op, value), ada)).toBe(expected);
  });
});

describe("time since a moment", () => {
  const facts = factsOf({ lastOrderAt: daysAgo(60) });
  test.each([
    [{ atLeastDays: 60 }, true],
    [{ atLeastDays: 60.001 }, false],
    [{ lessThanDays: 60 }, false],
    [{ atLeastDays: 30, lessThanDays: 90 }, true],
  ])("60 days after the last order, %j is %s", (bounds, expected) => {
    expect(isIn({ type: "elapsed", since: "lastOrder", ...bounds }, facts)).toBe(expected);
  });

  test("never holds for what has not happened", () => {
    expect(evaluate(rule({ type: "elapsed", since: "lastOrder", atLeastDays: 1 }), factsOf(), now)).toEqual({
      member: false,
    });
  });

  test("names the moment at which it comes true", () => {
    const lapsed = rule({ type: "elapsed", since: "lastOrder", atLeastDays: 90 });
    expect(evaluate(lapsed, facts, now)).toEqual({ member: false, changesAt: daysAgo(-30) });
  });

  test.each([
    ["late after one and a half of the own mean gap", 3, 16, true],
    ["in time before", 3, 14, false],
    ["without a rhythm after one order", 1, 300, false],
  ])("a customer is %s", (_, orders, since, expected) => {
    // Three orders in twenty days: one every ten.
    const customer = factsOf({ orders, customerAt: daysAgo(since + 20), lastOrderAt: daysAgo(since) });
    expect(isIn({ type: "overdue", times: 1.5 }, customer)).toBe(expected);
  });

  test.each([
    ["one order, 29 days ago", 1, 0, 29, false],
    ["one order, 30 days ago", 1, 0, 30, true],
    ["an order every ten days, 16 days without one", 3, 20, 16, false],
    ["an order every ten days, 30 days without one", 3, 20, 30, true],
    ["an order every hundred days, 149 days without one", 3, 200, 149, false],
    ["an order every hundred days, 150 days without one", 3, 200, 150, true],
  ])("asked back is who is past their own cycle: %s", (_, orders, span, since, expected) => {
    const customer = factsOf({ orders, customerAt: daysAgo(since + span), lastOrderAt: daysAgo(since) });
    const pastCycle = shippedSegments("EUR", { midFrom: 1, highFrom: 2 }).find(({ id }) => id === "past-cycle");
    expect(isIn(pastCycle?.rule, customer)).toBe(expected);
    expect(isIn(pastCycle?.rule)).toBe(false);
  });
});

describe("the customer model", () => {
  // MBG/NBD of the CDNOW sample.
  const activity = { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };
  const today = Math.floor(now.getTime() / day);
  const buyer = (orderedAgo: readonly number[]) => {
    const days = orderedAgo.map((ago) => today - ago).sort((a, b) => a - b);
    const first = { day: days[0] ?? 0, ordered: { EUR: 100 } };
    const [customerAt, lastOrderAt] = [orderedAgo[0], orderedAgo.at(-1)].map((ago) => daysAgo(ago ?? 0));
    const purchases = { count: days.length, days, first };
    return factsOf({ orders: days.length, purchases, customerAt, lastOrderAt }, { activity });
  };
  const activeOf = (orderedAgo: readonly number[], ahead: number) => {
    const [first = 0, last = 0] = [orderedAgo[0], orderedAgo.at(-1)];
    const history = { frequency: orderedAgo.length - 1, recency: (first - last) / 7, age: (first + ahead) / 7 };
    return activeProbability({ variant: "MBG/NBD", ...activity }, history);
  };
  const below = (activeBelow: number) => ({ type: "prediction", activeBelow });

  test.each<[string, readonly number[], boolean]>([
    ["bought once, yesterday", [1], false],
    ["bought once, a year ago", [365], true],
    ["bought each week until last week", [35, 28, 21, 14, 7], false],
    ["bought each week until four months ago", [150, 143, 136, 129, 122], true],
  ])("who %s is likely gone: %s", (_, orderedAgo, expected) => {
    expect(isIn(below(0.5), buyer(orderedAgo))).toBe(expected);
    expect(activeOf(orderedAgo, 0) < 0.5).toBe(expected);
  });

  test("says nothing of who has not bought, nor while there is none", () => {
    expect(evaluate(rule(below(0.5)), factsOf({}, { activity }), now)).toEqual({ member: false });
    expect(evaluate(rule(below(0.5)), { ...buyer([365]), activity: undefined }, now)).toEqual({ member: false });
  });

  test("names the day on which who buys no more falls below, to the day", () => {
    const history = fc.uniqueArray(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 });
    void fc.assert(
      fc.property(history, fc.constantFrom(0.2, 0.5, 0.8), (given, activeBelow) => {
        const orderedAgo = given.toSorted((a, b) => b - a);
        const { member, changesAt } = evaluate(rule(below(activeBelow)), buyer(orderedAgo), now);
        expect(member).toBe(activeOf(orderedAgo, 0) < activeBelow);
        const ahead = Math.round((Date.parse(changesAt ?? "") - now.getTime()) / day);
        const isThatDay = activeOf(orderedAgo, ahead) < activeBelow && activeOf(orderedAgo, ahead - 1) >= activeBelow;
        expect(member ? changesAt === undefined : isThatDay).toBe(true);
      }),
    );
  });

  const atRisk = shippedSegments("EUR", { midFrom: 1, highFrom: 2 }).find(({ id }) => id === "at-risk")?.rule;
  const mails = [10, 20, 30].map((ago) => ({ name: "Email Sent", occurredAt: daysAgo(ago), properties: {} }));
  const said = (name: string, ago: number, discontent?: true) => ({
    events: [{ name, occurredAt: daysAgo(ago), properties: { discontent } }],
  });
  const reading = (lastOpen: number) => ({ opens: 4, clicks: 0, lastOpenAt: daysAgo(lastOpen) });
  test.each<[string, readonly number[], object, object, boolean]>([
    ["likely gone by the model", [89], {}, { activity: { ...activity, a: 1.2 } }, true],
    ["of whom nothing else is known, without a model", [89], {}, { activity: undefined }, false],
    ["of few words and of late", [1], {}, {}, false],
    ["late against their own rhythm, without a model", [40, 30, 20], {}, { activity: undefined }, true],
    ["reading no more", [3], { engagement: reading(120) }, { events: mails }, true],
    ["reading still", [3], { engagement: reading(20) }, { events: mails }, false],
    ["reading no more, but not written to", [3], { engagement: reading(120) }, { events: [] }, false],
    ["who never read", [3], {}, { events: mails }, false],
    ["who gave a low score", [3], {}, said("Survey Answered", 89, true), true],
    ["who gave few stars", [3], {}, said("Feedback Received", 10, true), true],
    ["who was content", [3], {}, said("Survey Answered", 10), false],
    ["whose discontent is long ago", [3], {}, said("Feedback Received", 91, true), false],
    ["lapsed", [300, 200, 91], {}, said("Survey Answered", 10, true), false],
  ])("at risk is a customer %s: %#", (_, orderedAgo, contact, rest, expected) => {
    const facts = buyer(orderedAgo);
    expect(isIn(atRisk, { ...facts, ...rest, contact: { ...facts.contact, ...contact } })).toBe(expected);
  });
});

describe("event conditions", () => {
  const events = [
    ordered(100, { revenue: { amount: 500 }, products: [{ productId: "mug" }] }),
    ordered(20, { revenue: { amount: 300 }, coupon: "SPRING", products: [{ productId: "cup" }, { productId: "mug" }] }),
    ordered(3, { revenue: { amount: 200 }, products: [{ productId: "tea" }] }),
  ];
  const facts = factsOf({}, { events });
  const orders = (more: object) => ({ type: "event", name: "Order Completed", ...more });
  const mug = [{ property: "products.*.productId", op: "eq", value: "mug" }];
  test.each([
    ["ordered at least twice in 90 days", orders({ measure: "count", op: "gte", value: 2, withinDays: 90 }), true],
    ["ordered three times in 90 days", orders({ measure: "count", op: "gte", value: 3, withinDays: 90 }), false],
    ["bought a mug twice", orders({ measure: "count", op: "eq", value: 2, where: mug }), true],
    [
      "spent 500 in 30 days",
      orders({ measure: "sum", property: "revenue.amount", op: "gte", value: 500, withinDays: 30 }),
      true,
    ],
    [
      "spent more than that",
      orders({ measure: "sum", property: "revenue.amount", op: "gt", value: 500, withinDays: 30 }),
      false,
    ],
    ["bought a mug first", orders({ measure: "first", where: mug }), true],
    ["bought a mug last", orders({ measure: "last", where: mug }), false],
    ["ordered last within a week", orders({ measure: "last", withinDays: 7 }), true],
    ["ordered first within a week", orders({ measure: "first", withinDays: 7 }), false],
    ["used a coupon last", orders({ measure: "last", where: [{ property: "coupon", op: "exists" }] }), false],
    [
      "never bought a book",
      orders({ measure: "never", where: [{ property: "products.*.productId", op: "eq", value: "book" }] }),
      true,
    ],
    ["never ordered in 2 days", orders({ measure: "never", withinDays: 2 }), true],
    ["never ordered in 4 days", orders({ measure: "never", withinDays: 4 }), false],
  ])("%s", (_, condition, expected) => {
    expect(isIn(condition, facts)).toBe(expected);
  });

  test.each([
    ["is no order", orders({ measure: "count", op: "gte", value: 1 }), false],
    ["brings nothing", orders({ measure: "sum", property: "revenue.amount", op: "gt", value: 0 }), false],
    ["is not the last one", orders({ measure: "last" }), false],
    ["leaves somebody who never ordered", orders({ measure: "never" }), true],
  ])("a shop's test order %s", (_, condition, expected) => {
    const tried = factsOf({}, { events: [ordered(1, { revenue: { amount: 500 }, test: true })] });
    expect(isIn(condition, tried)).toBe(expected);
  });

  test.each([
    ["an order that was cancelled in full", 500, "shop", 0],
    ["an order of which a part was cancelled", 400, "shop", 1],
    ["another shop's order of the same number", 500, "other", 1],
  ])("%s counts accordingly", (_, cancelled, source, count) => {
    const told = (name: string, amount: number, from: string) => ({
      name,
      source: from,
      occurredAt: daysAgo(2),
      properties: { orderId: "1", revenue: { amount, currency: "EUR" }, products: [] },
    });
    const events = [told("Order Completed", 500, "shop"), told("Order Cancelled", cancelled, source)];
    expect(isIn(orders({ measure: "count", op: "eq", value: count }), factsOf({}, { events }))).toBe(true);
    expect(isIn(orders({ measure: "never" }), factsOf({}, { events }))).toBe(count === 0);
  });

  test.each([
    ["one line that has both", [{ brand: "Acme", category: "mugs" }, { brand: "Other" }], true],
    [
      "two lines that have one each",
      [
        { brand: "Acme", category: "cups" },
        { brand: "Other", category: "mugs" },
      ],
      false,
    ],
    ["no lines", [], false],
  ])("%s: a mug by Acme is %#", (_, products, expected) => {
    const where = [
      { property: "products.*.brand", op: "eq", value: "Acme" },
      { property: "products.*.category", op: "in", value: ["mugs"] },
    ];
    const facts = factsOf({}, { events: [ordered(1, { products, coupon: "SPRING" })] });
    const used = { property: "coupon", op: "eq", value: "SPRING" };
    expect(isIn(orders({ measure: "last", where: [...where, used] }), facts)).toBe(expected);
  });

  test("what no line may be is asked of all lines", () => {
    const facts = factsOf({}, { events: [ordered(1, { products: [{ brand: "Acme" }, { brand: "Other" }] })] });
    const not = (value: string) => ({ property: "products.*.brand", op: "ne", value });
    const last = (...where: object[]) => isIn(orders({ measure: "last", where }), facts);
    expect([last(not("Acme")), last(not("Acme"), not("None")), last(not("None"), not("Nobody"))]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("an event of a clock that runs ahead counts when its time has come", () => {
    const ahead = factsOf({}, { events: [ordered(-0.5)] });
    const once = rule(orders({ measure: "count", op: "gte", value: 1 }));
    expect(evaluate(once, ahead, now)).toEqual({ member: false, changesAt: daysAgo(-0.5) });
  });
});

describe("other conditions", () => {
  test.each([
    ["granted", "subscribed"],
    ["pending", "pending"],
    ["withdrawn", "unsubscribed"],
  ] as const)("a consent that is %s reads as %s", (state, is) => {
    const facts = factsOf({}, { consent: { state, pendingUntil: daysAgo(-1) } });
    expect(isIn({ type: "consent", is }, facts)).toBe(true);
    expect(isIn({ type: "consent", is: "never" }, facts)).toBe(false);
  });

  test("a consent is asked for by its topic, and of any without one", () => {
    const standings = { "*": { state: "withdrawn" }, offers: { state: "granted" } } as const;
    const facts = factsOf({}, { consent: { state: "granted", standings } });
    const is = (state: string, topic?: string) => isIn({ type: "consent", is: state, ...(topic && { topic }) }, facts);
    expect([is("subscribed"), is("subscribed", "offers"), is("unsubscribed", "newsletter")]).toEqual([
      true,
      true,
      true,
    ]);
    expect(is("subscribed", "newsletter")).toBe(false);
  });

  test("nobody asked is never subscribed, and so is who did not confirm in time", () => {
    expect(isIn({ type: "consent", is: "never" })).toBe(true);
    const facts = factsOf({}, { consent: { state: "pending", pendingUntil: daysAgo(-1) } });
    expect(evaluate(rule({ type: "consent", is: "pending" }), facts, now).changesAt).toBe(daysAgo(-1));
  });

  const phone = { fields: { phone: { value: "+49 30 1234" } } };
  const mail = { email: { value: "ada@example.com" } };
  const prefers = (value: string) => ({ traits: { preferredChannel: { value } } });
  test.each([
    ["whose address alone is known", mail, false, ["email"]],
    ["whose address is suppressed", { ...mail, ...phone }, true, ["sms", "phone"]],
    ["of whom both are known", { ...mail, ...phone }, false, ["email", "sms", "phone"]],
    ["who prefers messages", { ...mail, ...phone, ...prefers(" SMS") }, false, ["sms"]],
    ["who prefers what does not work", { ...mail, ...prefers("phone") }, false, ["email"]],
    ["who prefers an address that is suppressed", { ...mail, ...phone, ...prefers("email") }, true, ["sms", "phone"]],
    ["who prefers what we cannot do", { ...mail, ...prefers("fax") }, false, ["email"]],
    [
      "by another word for it",
      { ...mail, ...phone, traits: { preferred_channel: { value: "phone" } } },
      false,
      ["phone"],
    ],
    ["of whom nothing is known", {}, false, []],
  ])("a contact %s is reached by what works", (_, contact, suppressed, expected) => {
    const facts = factsOf(contact, { suppressed });
    expect(["email", "sms", "phone"].filter((is) => isIn({ type: "channel", is }, facts))).toEqual(expected);
    expect(isIn({ type: "suppressed" }, facts)).toBe(suppressed);
  });

  test("membership in another segment is a fact", () => {
    const facts = factsOf({}, { memberOf: new Set(["vip"]) });
    expect(isIn({ type: "segment", segmentId: "vip" }, facts)).toBe(true);
    expect(isIn({ type: "segment", segmentId: "other" }, facts)).toBe(false);
  });

  test.each([
    [0, undefined],
    [9_999, "low"],
    [10_000, "mid"],
    [50_000, "high"],
  ])("revenue of %s is of tier %s", (revenue, expected) => {
    const facts = factsOf({ revenue: { EUR: revenue } });
    const tiers = ["high", "mid", "low"].filter((tier) =>
      isIn({ type: "valueTier", tier, currency: "EUR", midFrom: 10_000, highFrom: 50_000 }, facts),
    );
    expect(tiers).toEqual(expected === undefined ? [] : [expected]);
  });
});

describe("the moment at which time alone changes the answer", () => {
  test("is exact: the answer holds until then, at every instant tried, and is another one then", () => {
    void fc.assert(
      fc.property(anyRule, anyFacts, fc.integer({ min: 0, max: 24 * 30 }), (any, facts, hours) => {
        const { member, changesAt } = evaluate(any, facts, now);
        const end = changesAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(changesAt);
        expect(end).toBeGreaterThan(now.getTime());
        // By the hour, and just before and at every instant that a day could end on.
        for (const at of [now.getTime() + hours * 3_600_000, end - 1]) {
          if (at < end && Number.isFinite(at)) expect(evaluate(any, facts, new Date(at)).member).toBe(member);
        }
        for (let at = now.getTime(); at < Math.min(end, now.getTime() + 30 * day); at += 3_600_000) {
          if (evaluate(any, facts, new Date(at)).member !== member)
            throw new Error(`changed at ${new Date(at).toISOString()}`);
        }
        if (changesAt !== undefined) expect(evaluate(any, facts, new Date(end)).member).toBe(!member);
      }),
      { numRuns: 200 },
    );
  });
});
