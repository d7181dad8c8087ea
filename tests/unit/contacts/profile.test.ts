import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ringSize } from "../../../shared/contacts/folded-events.ts";
import { fold, position, refold } from "../../../shared/contacts/profile.ts";
import type { Profile } from "../../../shared/contacts/profile-schema.ts";
import type { Event } from "../../../shared/events/event.ts";
import { moneySchema } from "../../../shared/intake/money.ts";
import { deliveriesOf, engagement, history, order, submission, told } from "./events.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 10, minute)).toISOString();

const identified = (says: object) =>
  told({ origin: "n", at: at(5), name: "Identified", properties: { email: "new@example.com", ...says } });

/** What the store does: an event below the floor refolds all that is on the timeline so far. */
function deliver(deliveries: readonly Event[]): Profile | undefined {
  const timeline = new Map<string, Event>();
  let profile: Profile | undefined;
  for (const event of deliveries) {
    timeline.set(event.sk, event);
    profile = position(profile, event) === "late" ? refold([...timeline.values()]) : fold(profile, event);
  }
  return profile;
}

describe("a profile", () => {
  test("is the same for any order and any repetition of its events", () => {
    const cases = history.chain((events) => fc.tuple(fc.constant(events), deliveriesOf(events)));
    fc.assert(
      fc.property(cases, ([events, deliveries]) => {
        expect(deliver(deliveries)).toEqual(refold(events));
      }),
      { numRuns: 150 },
    );
  });

  test("counts each order that was not cancelled in full and each open once, as a plain count of the history does", () => {
    const cases = history.chain((events) => fc.tuple(fc.constant(events), deliveriesOf(events)));
    fc.assert(
      fc.property(cases, ([events, deliveries]) => {
        const amountOf = ({ properties }: Event) => moneySchema.parse(properties.revenue);
        const cancelledOf = ({ properties: { orderId, revenue } }: Event) =>
          events
            .filter(({ name, properties }) => name === "Order Cancelled" && properties.orderId === orderId)
            .map(amountOf)
            .filter(({ currency }) => currency === moneySchema.parse(revenue).currency)
            .reduce((sum, { amount }) => sum + amount, 0);
        const real = events.filter((event) => {
          if (event.name !== "Order Completed" || event.properties.test) return false;
          const { amount } = amountOf(event);
          return amount === 0 || cancelledOf(event) < amount;
        });
        const profile = deliver(deliveries);
        expect(profile?.orders).toBe(real.length);
        expect(profile?.engagement.opens).toBe(events.filter(({ name }) => name === "Email Opened").length);
      }),
      { numRuns: 100 },
    );
  });

  test("knows of every event that was folded, once the events are more than its ring holds", () => {
    fc.assert(
      fc.property(history, (events) => {
        const profile = deliver(events);
        expect(events.map((event) => position(profile, event))).not.toContain("new");
        expect(profile?.ring.length).toBe(Math.min(ringSize, events.length));
      }),
    );
  });

  test("refuses to guess about an event below its floor", () => {
    const events = Array.from({ length: ringSize + 2 }, (_, n) => order({ origin: `o${n}`, at: at(n + 1), amount: 1 }));
    const profile = refold(events);
    const late = order({ origin: "late", at: at(0), amount: 1 });
    expect(position(profile, late)).toBe("late");
    expect(() => fold(profile, late)).toThrow(RangeError);
  });

  test("keeps the earliest value of a field, whichever comes first", () => {
    const first = submission({ origin: "1", at: at(1), fields: { firstName: "Ada" } });
    const second = submission({ origin: "2", at: at(2), fields: { firstName: "Mallory", company: "Analytical" } });
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      expect(deliver(order)?.fields).toEqual({
        firstName: { value: "Ada", at: at(1) },
        company: { value: "Analytical", at: at(2) },
      });
    }
  });

  test.each([
    ["a form", submission({ origin: "n", at: at(5), fields: { email: "new@example.com" } }), "ada@example.com"],
    ["a browser", identified({ userId: "u1", browser: true }), "ada@example.com"],
    ["a server that names no account", identified({}), "ada@example.com"],
    ["an order", order({ origin: "n", at: at(5), amount: 1, email: "new@example.com" }), "ada@example.com"],
    ["a shop of its own account", identified({ userId: "u1" }), "new@example.com"],
  ])("sends mail to the first address until %s gives another", (_, event, address) => {
    for (const deliveries of [
      [submission({ origin: "s", at: at(1) }), event],
      [event, submission({ origin: "s", at: at(1) }), order({ origin: "o", at: at(9), amount: 1 })],
    ]) {
      expect(deliver(deliveries)).toMatchObject({
        email: { value: address },
        addresses: ["ada@example.com", "new@example.com"],
      });
    }
  });

  test("becomes a lead with the first submission and a customer with the first paid order", () => {
    const profile = deliver([
      order({ origin: "o2", at: at(9), amount: 500 }),
      submission({ origin: "s2", at: at(3), formId: "late" }),
      order({ origin: "free", at: at(2), amount: 0 }),
      submission({ origin: "s1", at: at(1), formId: "early", utmSource: "news" }),
      order({ origin: "o1", at: at(7), amount: 900 }),
    ]);
    expect(profile).toMatchObject({
      leadAt: at(1),
      leadForm: "early",
      leadSource: "news",
      customerAt: at(7),
      orders: 3,
      revenue: { EUR: 1400 },
      lastOrderAt: at(9),
      lastActivityAt: at(9),
    });
  });

  test("keeps currencies apart", () => {
    const profile = deliver([
      order({ origin: "1", at: at(1), amount: 100 }),
      order({ origin: "2", at: at(2), amount: 100, currency: "JPY" }),
    ]);
    expect(profile?.revenue).toEqual({ EUR: 100, JPY: 100 });
  });

  test("leaves out what is surely a machine's: who has only such readers opened and clicked nothing", () => {
    const machine = engagement({ origin: "m", at: at(2), name: "Email Opened", machine: true });
    const scanner = engagement({ origin: "s", at: at(3), name: "Email Link Clicked", machine: true });
    expect(deliver([submission({ origin: "f", at: at(0) }), machine, scanner])?.engagement).toEqual({
      opens: 0,
      clicks: 0,
    });
    const person = engagement({ origin: "p", at: at(1), name: "Email Opened" });
    expect(deliver([machine, person, scanner])?.engagement).toEqual({ opens: 1, clicks: 0, lastOpenAt: at(1) });
  });

  test("does not count a test order, nor takes mail software's opens for activity", () => {
    const profile = deliver([
      submission({ origin: "s", at: at(0) }),
      order({ origin: "t", at: at(1), amount: 100, test: true }),
      engagement({ origin: "o", at: at(2), name: "Email Opened" }),
      engagement({ origin: "c", at: at(3), name: "Email Link Clicked" }),
    ]);
    expect(profile).toMatchObject({
      orders: 0,
      revenue: {},
      lastActivityAt: at(0),
      engagement: { opens: 1, clicks: 1, lastOpenAt: at(2), lastClickAt: at(3) },
    });
    expect(profile?.customerAt).toBeUndefined();
  });

  test("is not kept at the top of the list by a sender whose clock runs ahead", () => {
    const profile = deliver([order({ origin: "o", at: at(50), heardAt: at(5), amount: 100 })]);
    expect(profile?.lastActivityAt).toBe(at(5));
  });

  test("cuts a long value by characters, not through them", () => {
    const profile = deliver([submission({ origin: "s", at: at(0), fields: { company: "🏭".repeat(500) } })]);
    expect(profile?.fields.company?.value).toBe("🏭".repeat(120));
  });
});
