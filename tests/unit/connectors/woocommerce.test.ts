import { describe, expect, it } from "vitest";
import { woocommerce } from "../../../shared/connectors/woocommerce.ts";
import { customer, order } from "./fixtures/woocommerce.ts";

const callsOf = (body: unknown, topic = "order.updated") => woocommerce.map(body, topic)?.calls ?? [];
const namesOf = (body: unknown) => callsOf(body).map((call) => (call.type === "track" ? call.event : call.type));

describe("an order", () => {
  it("of a guest is completed at its UTC time, names as they were written, revenue without tax and shipping", () => {
    const [call, ...others] = callsOf(order, "order.created");
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      event: "Order Completed",
      timestamp: "2026-03-01T10:00:30.000Z",
      userId: undefined,
      properties: {
        order_id: "912",
        revenue: "20.00",
        total: "30.00",
        tax: "2.00",
        shipping: "8.00",
        coupon: "sail2",
        products: [
          { product_id: "44", name: "Rope – 10 m", quantity: 2, price: 7 },
          { product_id: "45", variant_id: "46", sku: "HK" },
        ],
      },
      context: {
        traits: { email: "rene@guests.example", firstName: "René", lastName: "O'Hara", company: "Sails & Ropes" },
      },
    });
  });

  it.each([
    ["pending", null, []],
    ["checkout-draft", null, []],
    ["on-hold", null, ["Order Placed"]],
    ["on-hold", "2026-03-01T10:00:30", ["Order Completed"]],
    ["failed", null, []],
    ["processing", "2026-03-01T10:00:30", ["Order Completed"]],
    ["completed", null, ["Order Completed"]],
    ["cancelled", "2026-03-01T10:00:30", ["Order Completed", "Order Cancelled"]],
    ["cancelled", null, []],
  ])("that is %s, paid %s, says %o", (status, date_paid_gmt, names) => {
    expect(namesOf({ ...order, status, date_paid_gmt })).toEqual(names);
  });

  it("with refunds tells each by its own id, its share of revenue without tax and shipping", () => {
    const refunds = [
      { id: 31, total: "-15.00" },
      { id: 32, reason: "", total: "-15.00" },
      { id: 33, total: "0.00" },
    ];
    const refunded = callsOf({ ...order, status: "refunded", refunds }).slice(1);
    expect(refunded.map((call) => call.type === "track" && call.properties)).toMatchObject([
      { order_id: "912", refund_id: "31", revenue: "10.00", total: "15.00" },
      { order_id: "912", refund_id: "32", revenue: "10.00" },
    ]);
  });
});

it("identifies a customer by the account's address", () => {
  expect(callsOf(customer, "customer.updated")).toMatchObject([
    {
      type: "identify",
      userId: "25",
      timestamp: "2026-02-02T10:00:00.000Z",
      traits: { email: "grace@accounts.example", city: "Cork" },
    },
  ]);
});

it("reads brand, categories and tags of a product", () => {
  const product = {
    id: 44,
    date_modified_gmt: "2026-02-02T10:00:00",
    brands: [{ name: "Quay &amp; Co" }],
    categories: [
      { id: 1, name: "Ropes" },
      { id: 2, name: "Sale" },
    ],
    tags: [{ name: "hemp" }],
  };
  expect(woocommerce.map(product, "product.updated")?.products).toEqual([
    {
      productId: "44",
      brand: "Quay & Co",
      categories: ["Ropes", "Sale", "hemp"],
      changedAt: "2026-02-02T10:00:00.000Z",
    },
  ]);
});

it("says nothing of other topics", () => {
  expect(callsOf({ id: 1 }, "coupon.updated")).toEqual([]);
});
