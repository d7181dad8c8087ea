import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../../shared/events/event.ts";
import { attributionEntry } from "../../../shared/kpis/attribution-facts.ts";
import { matterEntries } from "../../../shared/kpis/event-facts.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { creditSchema } from "../../../shared/results/credit.ts";
import { deal, eur, order, takenBack, ticket, told } from "./facts.ts";

/** What counts of some events that hang together, by day: the fact and what it is worth. */
function standing(events: readonly Event[], property: "amount" | "lag") {
  const [first] = events;
  if (first === undefined) return [];
  return matterEntries(first, events)
    .filter(({ withdrawn }) => !withdrawn)
    .map(({ at, fact, properties }) => [at.slice(0, 10), fact, properties[property]]);
}

const day = 86_400;

describe("what is taken back of an order", () => {
  it.each([
    ["a refund", [takenBack("Order Refunded", "2026-03-05", 30)], [["2026-03-05", "Order Refunded", 30]]],
    [
      "two partial refunds, each on its own date",
      [takenBack("Order Refunded", "2026-03-05", 30), takenBack("Order Refunded", "2026-04-01", 20)],
      [
        ["2026-03-05", "Order Refunded", 30],
        ["2026-04-01", "Order Refunded", 20],
      ],
    ],
    [
      "a cancellation and its refund, once",
      [takenBack("Order Cancelled", "2026-03-05", 100), takenBack("Order Refunded", "2026-03-07", 100)],
      [["2026-03-05", "Order Cancelled", 100]],
    ],
    [
      "a partial refund and a later cancellation, by what that adds",
      [takenBack("Order Refunded", "2026-03-05", 30), takenBack("Order Cancelled", "2026-03-07", 100)],
      [
        ["2026-03-05", "Order Refunded", 30],
        ["2026-03-07", "Order Cancelled", 70],
      ],
    ],
  ])("counts %s", (_, events, expected) => {
    expect(standing(events, "amount")).toEqual(expected);
  });

  it("is of one order, of one shop, and of no test", () => {
    const one = takenBack("Order Refunded", "2026-03-05", 30);
    const another = takenBack("Order Cancelled", "2026-03-06", 99, "2");
    const elsewhere = told("Order Cancelled", "2026-03-06", another.properties, { source: "other shop" });
    const test = told("Order Refunded", "2026-03-04", { ...one.properties, test: true });
    expect(standing([one, another, elsewhere, test], "amount")).toEqual([["2026-03-05", "Order Refunded", 30]]);
  });
});

describe("an order", () => {
  it("is one entry with its amount, and none when it is a test", () => {
    expect(orderEntry(order("2026-03-05", 0))?.properties).toEqual({ amount: 0, currency: "EUR", source: "shop" });
    expect(orderEntry(order("2026-03-05", 10, { test: true }))).toBeUndefined();
  });

  it("names nobody", () => {
    expect(JSON.stringify(orderEntry(order("2026-03-05", 10, { contactId: "secret-id" })))).not.toContain("secret-id");
  });
});

describe("a deal", () => {
  const created = deal("Deal Created", "2026-03-01", { amount: eur(500), owner: "mia" });
  const won = deal("Deal Won", "2026-03-11", { amount: eur(400) });
  const reopened = deal("Deal Stage Changed", "2026-03-20", { stage: "talks" });
  const lost = deal("Deal Lost", "2026-04-02", { reason: "price" });

  it.each([
    ["that is open", [created], [["2026-03-01", "Deal Created", undefined]]],
    [
      "that was won",
      [created, won],
      [
        ["2026-03-01", "Deal Created", undefined],
        ["2026-03-11", "Deal Won", 10 * day],
      ],
    ],
    ["that was opened again", [created, won, reopened], [["2026-03-01", "Deal Created", undefined]]],
    [
      "that was opened again and lost",
      [created, won, reopened, lost],
      [
        ["2026-03-01", "Deal Created", undefined],
        ["2026-04-02", "Deal Lost", 32 * day],
      ],
    ],
    [
      "whose stage changed with its close",
      [won, deal("Deal Stage Changed", "2026-03-12", { stage: "won", closed: true })],
      [["2026-03-11", "Deal Won", undefined]],
    ],
    [
      "told by another system, with its date",
      [deal("Deal Won", "2026-03-11", { createdAt: "2026-03-10T00:00:00.000Z" })],
      [["2026-03-11", "Deal Won", day]],
    ],
    [
      "closed before it was made: no time can be told",
      [deal("Deal Won", "2026-02-11"), created],
      [
        ["2026-02-11", "Deal Won", undefined],
        ["2026-03-01", "Deal Created", undefined],
      ],
    ],
  ])("%s counts as it stands", (_, events, expected) => {
    expect(standing(events, "lag")).toEqual(expected);
  });

  it("keeps the latest amount it was told, zero included", () => {
    expect(standing([created, deal("Deal Won", "2026-03-11")], "amount")[1]).toEqual(["2026-03-11", "Deal Won", 500]);
    const free = deal("Deal Won", "2026-03-11", { amount: eur(0) });
    expect(standing([created, free], "amount")[1]).toEqual(["2026-03-11", "Deal Won", 0]);
  });
});

describe("a ticket", () => {
  const opened = ticket("Ticket Opened", "2026-03-01T10:00:00Z");
  const robot = ticket("Ticket First Reply", "2026-03-01T10:00:05Z", { automatic: true });
  const person = ticket("Ticket First Reply", "2026-03-01T11:00:00Z");
  const resolved = ticket("Ticket Resolved", "2026-03-02T10:00:00Z");
  const reopened = ticket("Ticket Reopened", "2026-03-03T10:00:00Z");
  const again = ticket("Ticket Resolved", "2026-03-05T10:00:00Z");

  it.each([
    ["no automatic reply", [opened, robot, person], [3600]],
    ["the first of two replies", [opened, person, ticket("Ticket First Reply", "2026-03-01T12:00:00Z")], [3600]],
    ["its resolution", [opened, resolved], [day]],
    ["no resolution after which it was opened again", [opened, resolved, reopened], []],
    ["its last resolution", [opened, resolved, reopened, again], [4 * day]],
    ["no time where nobody told of its opening", [resolved], [undefined]],
  ])("counts %s", (_, events, expected) => {
    const times = standing(events, "lag").filter(([, fact]) => fact !== "Ticket Opened");
    expect(times.map(([, , lag]) => lag)).toEqual(expected);
  });
});

it("entries are the same in whatever order their events are known", () => {
  const all = [
    deal("Deal Created", "2026-03-01", { amount: eur(500) }),
    deal("Deal Won", "2026-03-11"),
    deal("Deal Stage Changed", "2026-03-20"),
    deal("Deal Lost", "2026-04-02"),
  ];
  const expected = matterEntries(deal("Deal Lost", "2026-04-02"), all);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (events) => {
      const [first = deal("Deal Lost", "2026-04-02")] = events;
      expect(matterEntries(first, events.slice(1))).toEqual(expected);
    }),
  );
});

it("an event that was kept before its name meant something has no entry", () => {
  expect(matterEntries(told("Deal Won", "2026-03-01", { who: "knows" }), [])).toEqual([]);
});

describe("an order that is credited to a campaign", () => {
  const share = { mail: "m1", askedAt: "2026-11-02T10:00:00.000Z", template: "cart" };
  const credit = (shares: readonly object[], more: object = {}) =>
    creditSchema.parse({
      ...{ pk: "CONTACT#c1", sk: "CREDIT#o1", kind: "credit", orderId: "o1", orderedAt: "2026-11-03T10:00:00.000Z" },
      ...{ currency: "EUR", amount: 5000, takenBack: 0, shares, version: 1, ...more },
    });
  const to = (id: string) => ({ ...share, campaign: { type: "journey", id }, credited: true });

  it("is one entry on the order's day, of what is left of it", () => {
    expect(attributionEntry(credit([to("cart")], { takenBack: 2000 }))).toMatchObject({
      fact: "Order Attributed",
      at: "2026-11-03T10:00:00.000Z",
      properties: { amount: 3000, currency: "EUR", campaign: "cart" },
      version: 1,
    });
  });

  it("moves with its credit, and is withdrawn with it", () => {
    const [first, moved, gone] = [
      credit([to("cart")]),
      credit([to("welcome"), { ...to("cart"), credited: undefined, gone: true }], { version: 2 }),
      credit([{ ...to("cart"), credited: undefined, gone: true }], { version: 3 }),
    ].map(attributionEntry);
    expect([moved?.sk, gone?.sk]).toEqual([first?.sk, first?.sk]);
    expect(moved).toMatchObject({ properties: { campaign: "welcome" }, version: 2 });
    expect(gone).toMatchObject({ withdrawn: true, version: 3 });
  });

  it("has none where mails were compared alone, and names nobody", () => {
    expect(attributionEntry(credit([{ ...to("cart"), credited: undefined }]))).toBeUndefined();
    expect(JSON.stringify(attributionEntry(credit([to("cart")])))).not.toContain("c1");
  });
});
