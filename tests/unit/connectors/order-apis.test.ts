import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrderApi } from "../../../shared/connectors/order-api.ts";
import { shopifyApi } from "../../../shared/connectors/shopify-api.ts";
import { woocommerceApi } from "../../../shared/connectors/woocommerce-api.ts";
import { fakeShop } from "../../support/fake-shop.ts";
import { order, refund } from "./fixtures/shopify.ts";

/** Reads all pages; `between` happens after each of them. */
async function readAll(api: OrderApi, shop: ReturnType<typeof fakeShop>, between: (page: number) => void = () => {}) {
  const ids: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 200; page++) {
    const answer = await shop.ask({ url: `https://shop.example${api.pagePath({}, after)}`, headers: {} });
    const { orders, next } = api.readPage(answer, after);
    ids.push(...orders.map(({ id }) => id));
    if (next === undefined) return ids;
    after = next;
    between(page);
  }
  throw new Error("the pages never end");
}

const numbered = (from: number, count: number) => Array.from({ length: count }, (_, at) => ({ id: from + at }));

describe.each([
  ["Shopify", shopifyApi],
  ["WooCommerce", woocommerceApi],
])("the orders of %s", (_, api) => {
  it.each([0, 1, 99, 100, 101, 250])("are read to the last of %i", async (count) => {
    const shop = fakeShop(numbered(5, count));
    expect(await readAll(api, shop)).toEqual(shop.orders.map(({ id }) => String(id)));
  });

  it("that stay are read, each once, whatever is deleted and placed meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 420 }),
        fc.array(fc.record({ from: fc.nat(400), count: fc.nat(150), placed: fc.nat(60) }), { maxLength: 5 }),
        async (count, changes) => {
          const shop = fakeShop(numbered(1, count));
          let next = count + 1;
          const read = await readAll(api, shop, (page) => {
            const change = changes[page];
            if (change === undefined) return;
            shop.orders.splice(change.from, change.count);
            shop.orders.push(...numbered(next, change.placed));
            next += change.placed;
          });
          expect(new Set(read).size).toBe(read.length);
          expect(read).toEqual(expect.arrayContaining(shop.orders.map(({ id }) => String(id))));
        },
      ),
      { numRuns: 60 },
    );
  });
});

it("of Shopify whose answer leads nowhere end with an error instead of never", () => {
  const page = { orders: [{ id: "9007199254740993" }, { id: "9007199254740995" }] };
  expect(shopifyApi.readPage(page, "9007199254740992").next).toBe("9007199254740995");
  expect(() => shopifyApi.readPage(page, "9007199254740995")).toThrow(RangeError);
});

it("are asked for by a range of time in the shop's own words", () => {
  const range = { from: "2026-03-01T00:00:00.000Z", until: "2026-03-08T00:00:00.000Z" };
  expect(decodeURIComponent(shopifyApi.pagePath(range, undefined))).toBe(
    "/admin/api/2026-04/orders.json?status=any&limit=100&since_id=0&created_at_min=2026-03-01T00:00:00.000Z&created_at_max=2026-03-08T00:00:00.000Z",
  );
  expect(decodeURIComponent(woocommerceApi.pagePath(range, "310-999"))).toBe(
    "/wp-json/wc/v3/orders?orderby=id&order=asc&per_page=100&offset=300&after=2026-02-28T23:59:59&before=2026-03-08T00:00:00&dates_are_gmt=true",
  );
});

it("are asked for by when they changed", () => {
  const range = { changedFrom: "2026-03-01T00:00:00.000Z", until: "2026-03-08T00:00:00.000Z" };
  expect(decodeURIComponent(shopifyApi.pagePath(range, undefined))).toContain(
    "&updated_at_min=2026-03-01T00:00:00.000Z&created_at_max=2026-03-08T00:00:00.000Z",
  );
  expect(decodeURIComponent(woocommerceApi.pagePath(range, undefined))).toContain(
    "&modified_after=2026-02-28T23:59:59&before=2026-03-08T00:00:00&dates_are_gmt=true",
  );
});

it("of Shopify tell their refunds and their end, as the webhooks would one by one", () => {
  const told = shopifyApi.map({ ...order, refunds: [refund], cancelled_at: "2026-03-05T10:00:00Z" });
  expect(told?.calls.map((call) => "event" in call && call.event)).toEqual([
    "Order Completed",
    "Order Refunded",
    "Order Cancelled",
  ]);
});
