import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { checkout, order } from "./fixtures/shopify.ts";
import { order as wooOrder } from "./fixtures/woocommerce.ts";
import { openTimeline } from "./timeline.ts";

let at: Awaited<ReturnType<typeof openTimeline>>;
const open = async () => {
  at = await openTimeline(await createTestTable(engine.url));
};
beforeEach(open);

const pending = { ...order, financial_status: "pending" };
const paid = { ...order, updated_at: "2026-03-03T12:00:00Z" };
const cancelled = { ...pending, financial_status: "voided", cancelled_at: "2026-03-04T10:00:00Z" };

describe("an order by Shopify that is not paid", () => {
  it("ends its cart, and is no revenue and makes no customer", async () => {
    await at.shopify("checkouts/create", checkout);
    expect(await at.contact()).toMatchObject({ carts: { "c1-token": {} } });
    await at.shopify("orders/create", pending);
    const contact = await at.contact();
    expect(contact).toMatchObject({ orders: 0, revenue: {}, carts: {} });
    expect(contact).not.toHaveProperty("customerAt");
    expect([await at.names(), await at.facts()]).toEqual([["Checkout Started", "Order Placed"], []]);
  });

  it("is one paid order once it is paid, in whatever order that is told", async () => {
    const told = [
      ["checkouts/create", checkout],
      ["orders/create", pending],
      ["orders/paid", paid],
    ] as const;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...told], { minLength: told.length }), async (deliveries) => {
        await open();
        for (const [topic, body] of [...deliveries, ...deliveries]) await at.shopify(topic, body);
        expect(await at.contact()).toMatchObject({ orders: 1, revenue: { EUR: 2000 }, carts: {} });
        expect(await at.facts()).toEqual(["Order Completed", "customer"]);
        expect(new Set(await at.names())).toEqual(new Set(["Checkout Started", "Order Completed", "Order Placed"]));
      }),
      { numRuns: 6 },
    );
  });

  it.each([
    ["its placing was told", true],
    ["its placing was never told", false],
  ])("that is paid later ends its own cart and leaves one that was begun in between: %s", async (_, isTold) => {
    const next = { ...checkout, token: "co-2", cart_token: "c-2", updated_at: "2026-03-02T10:00:00Z" };
    await at.shopify("checkouts/create", checkout);
    if (isTold) await at.shopify("orders/create", pending);
    await at.shopify("checkouts/create", next);
    await at.shopify("orders/paid", paid);
    expect(Object.keys(Object((await at.contact())?.carts))).toEqual(["c-2"]);
    expect(await at.contact()).toMatchObject({
      orders: 1,
      customerAt: "2026-03-03T12:00:00.000Z",
      carts: { "c-2": { checkoutId: "co-2" } },
    });
  });

  it("takes nothing back when it is cancelled, unless it was counted", async () => {
    await at.shopify("orders/create", { ...order, id: "77" });
    await at.shopify("orders/create", pending);
    await at.shopify("orders/cancelled", cancelled);
    expect(await at.contact()).toMatchObject({ orders: 1, revenue: { EUR: 2000 } });
    await at.shopify("orders/cancelled", { ...cancelled, id: "77" });
    expect(await at.contact()).toMatchObject({ revenue: { EUR: 0 } });
    expect(await at.net()).toBe(0);
  });
});

it("an order by WooCommerce whose transfer is awaited is placed, and paid once that has come", async () => {
  const awaited = { ...wooOrder, status: "on-hold", date_paid_gmt: null };
  await at.woocommerce(awaited);
  expect([await at.names(), await at.facts()]).toEqual([["Order Placed"], []]);
  const contact = await at.contact();
  expect(contact).toMatchObject({ orders: 0, email: { value: "rene@guests.example" } });
  expect(contact).not.toHaveProperty("customerAt");
  await at.woocommerce({ ...awaited, date_modified_gmt: "2026-03-02T10:00:00" });
  await at.woocommerce({ ...wooOrder, date_paid_gmt: "2026-03-04T09:00:00" });
  expect(await at.contact()).toMatchObject({ orders: 1, customerAt: "2026-03-04T09:00:00.000Z" });
  expect([await at.names(), await at.facts()]).toEqual([
    ["Order Completed", "Order Placed"],
    ["Order Completed", "customer"],
  ]);
});
