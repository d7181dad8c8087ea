import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold, position, refold } from "../../../shared/contacts/profile.ts";
import type { Profile } from "../../../shared/contacts/profile-schema.ts";
import { purchasesIn } from "../../../shared/contacts/purchase-rules.ts";
import { dayOf, purchasesOf } from "../../../shared/customers/purchase-history.ts";
import type { Event } from "../../../shared/events/event.ts";
import { deliveriesOf, engagement, order, told } from "./events.ts";

/** What the store does: an event that comes too late refolds all that is on the timeline so far. */
function deliver(deliveries: readonly Event[], from?: Profile): Profile | undefined {
  const timeline = new Map<string, Event>();
  let profile = from;
  for (const event of deliveries) {
    timeline.set(event.sk, event);
    profile = position(profile, event) === "late" ? refold([...timeline.values()]) : fold(profile, event);
  }
  return profile;
}

const at = (day: number, hour = 10) => new Date(Date.UTC(2026, 0, 1 + day, hour)).toISOString();

const cancelled = (orderId: string, amount: number, when: string) =>
  told({
    origin: `cancel ${orderId}`,
    at: when,
    name: "Order Cancelled",
    properties: { orderId, revenue: { amount, currency: "EUR" }, products: [] },
  });

/** Up to 90 orders and opens of few days: often several of one day, and more days than a ring holds events. */
const history = fc
  .array(
    fc.record({
      day: fc.integer({ min: 0, max: 70 }),
      hour: fc.integer({ min: 0, max: 3 }),
      amount: fc.integer({ min: 0, max: 3 }),
      currency: fc.constantFrom("EUR", "USD"),
      opens: fc.boolean(),
    }),
    { minLength: 1, maxLength: 90 },
  )
  .map((facts) =>
    facts.map(({ day, hour, amount, currency, opens }, index) =>
      opens && index % 4 === 0
        ? engagement({ origin: `e${index}`, at: at(day, hour), name: "Email Opened" })
        : order({ origin: `e${index}`, at: at(day, hour), amount, currency }),
    ),
  );

const paidOf = (event: Event) => Number(Reflect.get(Object(event.properties.revenue), "amount"));

describe("a profile's purchases", () => {
  test("are the days of paid orders, in any order of events and however often they come", () => {
    const cases = history.chain((events) => fc.tuple(fc.constant(events), deliveriesOf(events)));
    fc.assert(
      fc.property(cases, ([events, deliveries]) => {
        const paid = events.filter((event) => event.name === "Order Completed" && paidOf(event) > 0);
        const profile = deliver(deliveries);
        expect(profile && purchasesIn(profile)).toEqual(purchasesOf(paid.map(({ occurredAt }) => dayOf(occurredAt))));
        expect(profile?.purchases).toEqual(refold(events)?.purchases);
      }),
      { numRuns: 200 },
    );
  });

  test("hold what was ordered on the first day, whenever that is heard of", () => {
    const orders = [
      order({ origin: "later", at: at(3), amount: 900 }),
      order({ origin: "evening", at: at(1, 20), amount: 200 }),
      order({ origin: "morning", at: at(1, 8), amount: 100 }),
      order({ origin: "dollars", at: at(1, 9), amount: 50, currency: "USD" }),
    ];
    for (const events of [orders, orders.toReversed()]) {
      expect(deliver(events)?.purchases?.first).toEqual({ day: dayOf(at(1)), ordered: { EUR: 300, USD: 50 } });
    }
  });

  test("stay what they are when something is taken back, and leave tests and free orders out", () => {
    const profile = deliver([
      order({ origin: "paid", at: at(1), amount: 500 }),
      order({ origin: "free", at: at(2), amount: 0 }),
      order({ origin: "trial", at: at(3), amount: 500, test: true }),
      told({
        origin: "refund",
        at: at(4),
        name: "Order Refunded",
        properties: { orderId: "paid", revenue: { amount: 500, currency: "EUR" }, products: [] },
      }),
    ]);
    expect(profile && purchasesIn(profile)).toEqual({ count: 1, first: dayOf(at(1)), last: dayOf(at(1)) });
  });

  test("are counted for a profile of before they were, with its next event", () => {
    const events = [order({ origin: "a", at: at(1), amount: 5 }), order({ origin: "b", at: at(9), amount: 5 })];
    const { purchases: _, ...older } = deliver(events) ?? expect.fail("no profile");
    const next = engagement({ origin: "o", at: at(12), name: "Email Opened" });
    expect(position(older, next)).toBe("late");
    expect(refold([...events, next])?.purchases?.count).toBe(2);
  });

  test("leave an order out that was cancelled in full, in any order of events", () => {
    const bought = fc.record({ day: fc.integer({ min: 0, max: 20 }), amount: fc.integer({ min: 1, max: 3 }) });
    const orders = fc.array(fc.tuple(bought, fc.constantFrom(undefined, 0, 1)), { minLength: 1, maxLength: 40 });
    const cases = orders
      .map((all) =>
        all.flatMap(([{ day, amount }, short], index) => {
          const placed = order({ origin: `o${index}`, at: at(day), amount });
          return short === undefined ? [placed] : [placed, cancelled(`o${index}`, amount - short, at(day + 1))];
        }),
      )
      .chain((events) => fc.tuple(fc.constant(events), deliveriesOf(events)));
    fc.assert(
      fc.property(cases, ([events, deliveries]) => {
        const backOf = (event: Event) =>
          events.find(({ name, properties }) => name !== event.name && properties.orderId === event.properties.orderId);
        const stand = events.filter((event) => {
          const back = backOf(event);
          return event.name === "Order Completed" && (back === undefined || paidOf(back) < paidOf(event));
        });
        const profile = deliver(deliveries);
        expect(profile).toMatchObject({ orders: stand.length });
        expect(profile && purchasesIn(profile)).toEqual(purchasesOf(stand.map(({ occurredAt }) => dayOf(occurredAt))));
        expect([profile?.customerAt, profile?.lastOrderAt]).toEqual([
          stand.map(({ occurredAt }) => occurredAt).sort()[0],
          stand
            .map(({ occurredAt }) => occurredAt)
            .sort()
            .at(-1),
        ]);
      }),
      { numRuns: 200 },
    );
  });
});
