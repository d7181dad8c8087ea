import { describe, expect, test } from "vitest";
import { fold, position, refold } from "../../../shared/contacts/profile.ts";
import type { Profile } from "../../../shared/contacts/profile-schema.ts";
import type { Event } from "../../../shared/events/event.ts";
import { cartEvent, order, told } from "./events.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 10, minute)).toISOString();

function profileOf(...events: readonly Event[]): Profile | undefined {
  const seen: Event[] = [];
  return events.reduce<Profile | undefined>((profile, event) => {
    seen.push(event);
    return position(profile, event) === "late" ? refold(seen) : fold(profile, event);
  }, undefined);
}

const added = (minute: number, cart: string, product = "mug") =>
  cartEvent({ origin: `${cart}-${product}-${minute}`, at: at(minute), name: "Product Added", cart, product });
const ordered = (minute: number, cart?: string) =>
  order({ origin: `o-${minute}`, at: at(minute), amount: 1_000, ...(cart !== undefined && { cart }) });
const takenBack = (name: "Order Refunded" | "Order Cancelled", minute: number, amount: number, orderId: string) =>
  told({
    origin: `${name}-${minute}`,
    at: at(minute),
    name,
    properties: { orderId, revenue: { amount, currency: "EUR" }, products: [] },
  });

describe("an open cart", () => {
  test("adds up what is added and removed, and remembers its last activity", () => {
    const removed = cartEvent({ origin: "r", at: at(4), name: "Product Removed", cart: "a" });
    const profile = profileOf(added(1, "a"), added(2, "a"), added(3, "a", "tee"), removed);
    expect(profile?.carts).toEqual({
      a: {
        at: at(4),
        value: 2_000,
        currency: "EUR",
        lines: [
          { product: "tee", name: "tee", quantity: 1, price: 1_000 },
          { product: "mug", name: "mug", quantity: 1, price: 1_000 },
        ],
      },
    });
  });

  test("is what the shop last showed of it", () => {
    const viewed = cartEvent({ origin: "v", at: at(5), name: "Checkout Started", cart: "a", quantity: 3 });
    const profile = profileOf(added(1, "a"), added(2, "a", "tee"), viewed);
    expect(profile?.carts.a).toMatchObject({
      at: at(5),
      checkoutAt: at(5),
      value: 3_000,
      lines: [{ product: "mug", quantity: 3 }],
    });
  });

  test("ends with the order that carries its token, whatever comes of it afterwards", () => {
    expect(profileOf(added(1, "a"), ordered(2, "a"), added(3, "a"))?.carts).toEqual({});
  });

  test("ends with any later order, and not with an earlier one that is heard of later", () => {
    expect(profileOf(added(1, "a"), added(1, "b"), ordered(2))?.carts).toEqual({});
    expect(Object.keys(profileOf(added(3, "a"), ordered(2, "b"))?.carts ?? {})).toEqual(["a"]);
    expect(profileOf(ordered(2), added(1, "a"))?.carts).toEqual({});
  });

  test("ends when it is emptied", () => {
    const removed = cartEvent({ origin: "r", at: at(4), name: "Product Removed", cart: "a" });
    expect(profileOf(added(1, "a"), removed)?.carts).toEqual({});
  });

  test("is one cart, whether its cart's token or its checkout's is told first", () => {
    const checkout = (minute: number, tokens: Record<string, string>) =>
      told({
        origin: `c-${minute}`,
        at: at(minute),
        name: "Checkout Started",
        properties: { ...tokens, products: [{ productId: "mug", quantity: minute }] },
      });
    const [both, alone] = [{ cartId: "a", checkoutId: "t" }, { checkoutId: "t" }];
    for (const [first, then] of [
      [alone, both],
      [both, alone],
    ] as const) {
      const carts = profileOf(checkout(1, first), checkout(2, then))?.carts;
      expect(carts).toEqual({
        a: expect.objectContaining({ checkoutId: "t", lines: [{ product: "mug", quantity: 2 }] }),
      });
    }
  });

  test("is among the five newest", () => {
    const profile = profileOf(...["a", "b", "c", "d", "e", "f", "g"].map((cart, minute) => added(minute, cart)));
    expect(Object.keys(profile?.carts ?? {}).sort()).toEqual(["c", "d", "e", "f", "g"]);
  });
});

describe("net revenue", () => {
  test("is what was ordered less what was taken back, before or after", () => {
    const refund = takenBack("Order Refunded", 1, 400, "o-2");
    for (const events of [
      [ordered(2), refund],
      [refund, ordered(2)],
    ]) {
      expect(profileOf(...events)).toMatchObject({ orders: 1, revenue: { EUR: 600 }, refunded: { EUR: 400 } });
    }
  });

  test("takes an order back once that was cancelled and refunded in parts", () => {
    const events = [
      ordered(2),
      takenBack("Order Cancelled", 3, 1_000, "o-2"),
      takenBack("Order Refunded", 4, 600, "o-2"),
      takenBack("Order Refunded", 5, 400, "o-2"),
    ];
    expect(profileOf(...events)).toMatchObject({ revenue: { EUR: 0 }, refunded: { EUR: 1_000 } });
    expect(profileOf(...events.toReversed())).toEqual(profileOf(...events));
  });
});

describe("attributes", () => {
  const identified = (minute: number, traits: Record<string, unknown>, browser = false) =>
    told({
      origin: `i-${minute}`,
      at: at(minute),
      name: "Identified",
      properties: { traits, fields: { company: String(traits.plan) }, ...(browser && { browser: true }) },
    });

  test("are the shop's latest, and a browser's only where the shop has said nothing", () => {
    const profile = profileOf(
      identified(1, { plan: "old" }),
      identified(2, { plan: "new" }),
      identified(3, { plan: "forged", colour: "red" }, true),
      identified(4, { plan: "forged", colour: "blue" }, true),
    );
    expect(profile?.traits).toEqual({
      plan: { value: "new", at: at(2), firm: true },
      colour: { value: "red", at: at(3) },
    });
    expect(profile?.fields.company?.value).toBe("new");
  });

  test("are fifty at most, the same ones in any order", () => {
    const events = Array.from({ length: 60 }, (_, n) => identified(n, { [`t${n}`]: n }));
    expect(Object.keys(profileOf(...events)?.traits ?? {})).toHaveLength(50);
    expect(profileOf(...events.toReversed())?.traits).toEqual(profileOf(...events)?.traits);
  });

  test("a tag that is taken off is off, until it is put on again", () => {
    const tag = (minute: number, name: string) =>
      told({ origin: `t${minute}`, at: at(minute), name, properties: { tag: "vip" } });
    expect(profileOf(tag(1, "Tag Added"))?.tags).toEqual(["vip"]);
    expect(profileOf(tag(2, "Tag Removed"), tag(1, "Tag Added"))?.tags).toEqual([]);
    expect(profileOf(tag(1, "Tag Added"), tag(2, "Tag Removed"), tag(3, "Tag Added"))?.tags).toEqual(["vip"]);
  });
});
