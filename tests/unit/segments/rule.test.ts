import { readFile } from "node:fs/promises";
import { expect, describe as group, test } from "vitest";
import { DomainError } from "../../../shared/errors.ts";
import { parsePart } from "../../../shared/http/request.ts";
import { circleThrough, concernsChange, dependenciesOf } from "../../../shared/segments/dependencies.ts";
import { describe } from "../../../shared/segments/describe.ts";
import { ruleSchema } from "../../../shared/segments/rule.ts";
import { shippedSegments } from "../../../shared/segments/shipped.ts";
import { rule } from "./facts.ts";

const order = { type: "event", name: "Order Completed" };

group("what is wrong with a rule is said with its place and how to mend it", () => {
  test.each([
    [{}, "/type", "give a rule"],
    [[], "", ""],
    [{ type: "al", rules: [] }, "/type", "give a rule"],
    [{ type: "all", rules: [] }, "/rules", "at least one rule"],
    [
      { type: "not", rule: { type: "attribute", attribute: "fields.shoe", op: "eq", value: 1 } },
      "/rule/attribute",
      "fields.<firstName",
    ],
    [{ type: "attribute", attribute: "orders", op: "more", value: 1 }, "/op", "use one of eq"],
    [{ type: "attribute", attribute: "orders", op: "gt" }, "/value", "gt needs a value"],
    [{ type: "attribute", attribute: "orders", op: "in", value: 1 }, "/value", "in takes a list"],
    [{ type: "attribute", attribute: "orders", op: "gt", value: true }, "/value", "gt takes a number"],
    [{ type: "any", rules: [{ type: "elapsed", since: "lastOrder" }] }, "/rules/0", "give atLeastDays"],
    [{ type: "elapsed", since: "lastOrder", atLeastDays: 9, lessThanDays: 3 }, "", "no contact can fit"],
    [{ type: "elapsed", since: "birthday", atLeastDays: 9 }, "/since", "use one of lastOrder"],
    [{ ...order, measure: "often" }, "/measure", "give measure as one of"],
    [{ ...order, measure: "sum", op: "gt", value: 1 }, "/property", ""],
    [{ ...order, measure: "count", op: "contains", value: 1 }, "/op", "use one of"],
    [{ type: "event", name: "Segment Entered", measure: "never" }, "/name", "type segment"],
    [
      { ...order, measure: "never", where: [{ property: "a..b", op: "eq", value: 1 }] },
      "/where/0/property",
      "give a path",
    ],
    [{ type: "segment", segmentId: "VIP!" }, "/segmentId", "lower-case"],
    [{ type: "consent", is: "granted" }, "/is", "use subscribed"],
    [{ type: "channel", is: "fax" }, "/is", "use one of email, sms, phone"],
    [{ type: "valueTier", tier: "high", currency: "EUR", midFrom: 5, highFrom: 5 }, "", "midFrom smaller"],
    [{ type: "rfm" }, "", "give scores of recency"],
    [{ type: "rfm", recency: [6] }, "/recency/0", ""],
    [{ type: "rfm", frequency: [] }, "/frequency", "at least one score"],
    [{ type: "rfm", money: [5] }, "", "give money and its currency together"],
    [{ type: "not", rules: [] }, "/rule", ""],
    [
      { type: "any", rules: Array(26).fill({ type: "all", rules: Array(2).fill({ type: "overdue", times: 1 }) }) },
      "",
      "at most 50",
    ],
  ])("%j", (given, pointer, message) => {
    try {
      parsePart(ruleSchema, given, "");
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const found = error.errors.find((violation) => violation.pointer === pointer);
      expect(found?.message, JSON.stringify(error.errors)).toContain(message);
    }
  });
});

group("a rule in plain words", () => {
  test.each([
    [
      {
        ...order,
        measure: "count",
        op: "gte",
        value: 2,
        withinDays: 90,
        where: [{ property: "products.*.category", op: "eq", value: "mugs" }],
      },
      '"Order Completed" with products.*.category is "mugs" at least 2 times in the last 90 days',
    ],
    [{ ...order, measure: "never", withinDays: 60 }, 'no "Order Completed" in the last 60 days'],
    [
      { ...order, measure: "last", where: [{ property: "coupon", op: "exists" }] },
      'the last "Order Completed" came with coupon is known',
    ],
    [{ ...order, measure: "first", withinDays: 7 }, 'the first "Order Completed" came in the last 7 days'],
    [{ ...order, measure: "first" }, 'the first "Order Completed" is known'],
    [
      { ...order, measure: "sum", property: "revenue.amount", op: "gt", value: 5 },
      'the sum of revenue.amount of "Order Completed" is more than 5',
    ],
    [
      { type: "elapsed", since: "lastOrder", atLeastDays: 30, lessThanDays: 90 },
      "at least 30 days but less than 90 days since the last order",
    ],
    [
      {
        type: "all",
        rules: [
          { type: "consent", is: "subscribed" },
          {
            type: "any",
            rules: [
              { type: "segment", segmentId: "vip" },
              { type: "attribute", attribute: "customer", op: "eq", value: true },
            ],
          },
          { type: "not", rule: { type: "attribute", attribute: "fields.country", op: "in", value: ["DE", "AT"] } },
        ],
      },
      'may get marketing e-mail and (is in the segment vip or is a customer) and not (country is one of "DE", "AT")',
    ],
    [
      { type: "all", rules: [{ type: "channel", is: "sms" }, { type: "suppressed" }] },
      "is to be reached by text message and gets no e-mail: the address bounced or complained",
    ],
    [{ type: "attribute", attribute: "revenue.JPY", op: "gte", value: 500 }, "revenue is at least 500 JPY"],
    [
      { type: "valueTier", tier: "mid", currency: "EUR" },
      "is of middle value, the next three tenths of customers by revenue in EUR",
    ],
    [
      { type: "rfm", recency: [4, 5], frequency: [5], money: [3, 4, 5], currency: "EUR" },
      "is a customer with recency 4 or 5, frequency 5, revenue in EUR 3 or 4 or 5 of 5",
    ],
    [{ type: "attribute", attribute: "traits.plan", op: "exists", value: false }, "plan is not known"],
  ])("%j", (given, words) => {
    expect(describe(rule(given))).toBe(words);
  });
});

test("the guide's examples are rules, and read as the guide says", async () => {
  const guide = await readFile(new URL("../../../docs/guides/segments.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| `(\{.+\})` \| (.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(9);
  for (const [, json = "", words] of rows) expect(describe(rule(JSON.parse(json)))).toBe(words);
});

group("what a rule depends on", () => {
  test("is named, with how far back events matter", () => {
    const both = rule({
      type: "all",
      rules: [
        { type: "attribute", attribute: "fields.country", op: "eq", value: "DE" },
        { ...order, measure: "count", op: "gte", value: 2, withinDays: 90 },
        { type: "event", name: "Email Opened", measure: "never", withinDays: 30 },
        { type: "segment", segmentId: "vip" },
      ],
    });
    expect(dependenciesOf(both)).toEqual({
      profile: new Set(["fields.country"]),
      model: false,
      events: new Set(["Order Completed", "Order Cancelled", "Email Opened"]),
      eventDays: 90,
      consent: false,
      suppression: false,
      segments: new Set(["vip"]),
      ranks: false,
      time: true,
    });
    expect(dependenciesOf(rule({ ...order, measure: "last", withinDays: 3 })).eventDays).toBeUndefined();
    expect(dependenciesOf(rule({ type: "attribute", attribute: "orders", op: "eq", value: 0 })).time).toBe(false);
  });

  test("is the ranks of all customers for value tiers and RFM, and time where recency is asked for", () => {
    const ofMoney = dependenciesOf(rule({ type: "rfm", money: [5], currency: "EUR" }));
    expect(ofMoney).toMatchObject({
      ranks: true,
      time: false,
      profile: new Set(["lastOrderAt", "orders", "revenue.EUR"]),
    });
    expect(dependenciesOf(rule({ type: "rfm", recency: [5] })).time).toBe(true);
    expect(dependenciesOf(rule({ type: "valueTier", tier: "low", currency: "EUR" })).ranks).toBe(true);
  });

  test("changes with what it names and with nothing else", () => {
    const german = dependenciesOf(rule({ type: "attribute", attribute: "fields.country", op: "eq", value: "DE" }));
    const before = { orders: 1, fields: { country: { value: "DE", at: "a" }, city: { value: "Bonn", at: "a" } } };
    expect(
      concernsChange(german, before, { ...before, orders: 2, fields: { ...before.fields, city: { value: "Köln" } } }),
    ).toBe(false);
    expect(concernsChange(german, before, { ...before, fields: { country: { value: "AT", at: "a" } } })).toBe(true);
  });

  test("a circle is found on whatever way round, and a shared segment is none", () => {
    const asks = (...ids: string[]) =>
      rule({ type: "any", rules: ids.map((segmentId) => ({ type: "segment", segmentId })) });
    const rules = new Map([
      ["a", asks("b", "c")],
      ["b", asks("d")],
      ["c", asks("d")],
      ["d", rule({ type: "overdue", times: 1 })],
    ]);
    expect(circleThrough("a", rules)).toBeUndefined();
    expect(circleThrough("d", new Map([...rules, ["d", asks("a")]]))).toEqual(["d", "a", "b", "d"]);
    expect(circleThrough("a", new Map([["a", asks("a")]]))).toEqual(["a", "a"]);
  });
});

test("the ready-made segments are sound rules that can be told in words", () => {
  const shipped = shippedSegments("EUR", { midFrom: 10_000, highFrom: 50_000 });
  expect(shipped.map(({ id }) => id)).toEqual([
    "new",
    "active",
    "at-risk",
    "lapsed",
    "past-cycle",
    "high-value",
    "mid-value",
    "low-value",
    "champions",
    "engaged",
    "unengaged",
    "never-ordered",
    "cart-open",
  ]);
  for (const each of shipped) expect(rule(each.rule)).toEqual(each.rule);
  expect(shipped.map((each) => describe(each.rule)).join("\n")).not.toContain("undefined");
});
