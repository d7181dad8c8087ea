import * as fc from "fast-check";
import type { FactEvent, Facts } from "../../../shared/segments/facts.ts";
import { type Rule, ruleSchema } from "../../../shared/segments/rule.ts";

export const now = new Date("2026-06-01T00:00:00.000Z");
export const day = 86_400_000;

export function daysAgo(days: number): string {
  return new Date(now.getTime() - days * day).toISOString();
}

/** Facts of a contact of whom nothing is known but what is given. */
export function factsOf(contact: Partial<Facts["contact"]> = {}, rest: Partial<Omit<Facts, "contact">> = {}): Facts {
  return {
    contact: {
      contactId: "c1",
      fields: {},
      traits: {},
      tags: [],
      orders: 0,
      revenue: {},
      engagement: { opens: 0, clicks: 0 },
      createdAt: daysAgo(400),
      carts: {},
      ...contact,
    },
    consent: undefined,
    suppressed: false,
    events: [],
    memberOf: new Set(),
    ...rest,
  };
}

export function ordered(days: number, properties: Record<string, unknown> = {}): FactEvent {
  return { name: "Order Completed", occurredAt: daysAgo(days), properties };
}

export function rule(value: unknown): Rule {
  return ruleSchema.parse(value);
}

// Few instants and few windows, so that many of them meet.
const days = fc.constantFrom(1, 2, 5, 10);
const instant = fc.integer({ min: -24, max: 24 * 12 }).map((hours) => daysAgo(hours / 24));
const maybeInstant = fc.option(instant, { nil: undefined });

const leaf: fc.Arbitrary<Rule> = fc.oneof(
  fc
    .tuple(fc.constantFrom("lastOrder" as const, "lead" as const), days, fc.boolean())
    .map(([since, count, isAtLeast]) =>
      rule({ type: "elapsed", since, ...(isAtLeast ? { atLeastDays: count } : { lessThanDays: count }) }),
    ),
  fc.constantFrom(0.5, 1, 2).map((times) => rule({ type: "overdue", times })),
  fc.constantFrom("pending", "never", "subscribed").map((is) => rule({ type: "consent", is })),
  fc
    .tuple(fc.constantFrom("gte", "eq", "lt"), fc.integer({ min: 0, max: 3 }), fc.option(days, { nil: undefined }))
    .map(([op, value, withinDays]) =>
      rule({ type: "event", name: "Order Completed", measure: "count", op, value, withinDays }),
    ),
  fc
    .tuple(fc.constantFrom("first", "last", "never"), fc.option(days, { nil: undefined }), fc.boolean())
    .map(([measure, withinDays, isBig]) =>
      rule({
        type: "event",
        name: "Order Completed",
        measure,
        withinDays,
        where: isBig ? [{ property: "revenue.amount", op: "gte", value: 50 }] : [],
      }),
    ),
  fc.constant(
    rule({
      type: "event",
      name: "Order Completed",
      measure: "sum",
      property: "revenue.amount",
      op: "gt",
      value: 60,
      withinDays: 5,
    }),
  ),
  fc.constant(rule({ type: "attribute", attribute: "orders", op: "gte", value: 2 })),
  fc
    .tuple(fc.subarray([1, 2, 3, 4, 5], { minLength: 1 }), fc.subarray([1, 3, 5]))
    .map(([recency, frequency]) => rule({ type: "rfm", recency, ...(frequency.length > 0 && { frequency }) })),
);

/** Rules of every kind, joined in every way. */
export const anyRule: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc
      .tuple(fc.constantFrom("all" as const, "any" as const), fc.array(tie("rule"), { minLength: 1, maxLength: 3 }))
      .map(([type, rules]) => ({ type, rules })),
    tie("rule").map((inner) => ({ type: "not" as const, rule: inner })),
  ),
})).rule;

export const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    orders: fc.array(fc.record({ at: instant, amount: fc.constantFrom(10, 50, 90) }), { maxLength: 6 }),
    leadAt: maybeInstant,
    consent: fc.option(fc.record({ state: fc.constantFrom("pending", "granted"), until: instant }), { nil: undefined }),
    cuts: fc.option(fc.array(fc.integer({ min: 1, max: 24 * 12 }), { minLength: 4, maxLength: 4 }), { nil: undefined }),
  })
  .map(({ orders, leadAt, consent, cuts }) => {
    const instants = orders.map(({ at }) => at).sort();
    return factsOf(
      { orders: orders.length, customerAt: instants[0], lastOrderAt: instants.at(-1), leadAt },
      {
        consent: consent && { state: consent.state, pendingUntil: consent.until },
        cutPoints: cuts && {
          version: 1,
          at: daysAgo(0),
          customers: 99,
          recencyHours: cuts.sort((a, b) => b - a),
          orders: [1, 1, 2, 4],
          revenue: {},
        },
        events: orders.map(({ at, amount }) => ({
          name: "Order Completed",
          occurredAt: at,
          properties: { revenue: { amount } },
        })),
      },
    );
  });
