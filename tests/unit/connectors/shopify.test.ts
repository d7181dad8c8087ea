import { describe, expect, it } from "vitest";
import type { Call } from "../../../shared/connectors/connector.ts";
import { parseExactJson } from "../../../shared/connectors/exact-json.ts";
import { shopify } from "../../../shared/connectors/shopify.ts";
import { cart, checkout, consent, customer, giftCard, line, order, privacy, refund, wire } from "./fixtures/shopify.ts";

const map = (topic: string, body: unknown) => shopify.map(parseExactJson(wire(body)), topic);
const only = (topic: string, body: unknown): Call | undefined => map(topic, body)?.calls[0];
const propertiesOf = (call: Call | undefined) => (call?.type === "track" ? call.properties : {});
const traitsOf = (call: Call | undefined) => (call?.type === "track" ? call.context.traits : call?.traits);

describe("an order", () => {
  it("is completed with all it holds, its ids to the last digit", () => {
    expect(only("orders/create", order)).toMatchObject({
      type: "track",
      event: "Order Completed",
      timestamp: "2026-03-01T09:00:05.000Z",
      userId: "9182736455463728190",
      properties: {
        order_id: "9182736455463728199",
        currency: "EUR",
        revenue: "20.00",
        total: "28.70",
        tax: "3.80",
        shipping: "4.90",
        discount: "5.00",
        coupon: "SPRING",
        cart_id: "c1-token",
        checkout_id: "co-token",
        products: [
          {
            product_id: "9182736455463728192",
            sku: "MUG-BLUE",
            name: "Blue mug",
            brand: "Harbour Pottery",
            quantity: 2,
            price: "12.50",
          },
        ],
      },
    });
  });

  it.each([
    ["orders/create", "Order Completed", "2026-03-01T09:00:05.000Z"],
    ["orders/paid", "Order Completed", "2026-03-01T09:00:05.000Z"],
    ["orders/updated", "Order Updated", "2026-03-01T09:02:00.000Z"],
    ["orders/fulfilled", "Order Updated", "2026-03-01T09:02:00.000Z"],
    ["orders/cancelled", "Order Cancelled", "2026-03-02T09:00:00.000Z"],
  ])("of %s is %s, at its own time", (topic, event, timestamp) => {
    const cancelled = { ...order, cancelled_at: "2026-03-02T10:00:00+01:00", cancel_reason: "customer" };
    expect(only(topic, cancelled)).toMatchObject({ event, timestamp });
  });

  it.each([
    ["pending", "Order Placed"],
    ["authorized", "Order Placed"],
    ["partially_paid", "Order Placed"],
    ["voided", "Order Placed"],
    ["paid", "Order Completed"],
    ["partially_refunded", "Order Completed"],
    ["refunded", "Order Completed"],
    [null, "Order Completed"],
  ])("that is %s when it is created is %s", (financial_status, event) => {
    expect(only("orders/create", { ...order, financial_status })).toMatchObject({ event });
    expect(shopify.api?.map({ ...order, financial_status })?.calls).toMatchObject([{ event }]);
    expect(only("orders/paid", { ...order, financial_status })).toMatchObject({ event: "Order Completed" });
  });

  it("that was paid later says both times", () => {
    const paid = only("orders/paid", { ...order, updated_at: "2026-03-04T09:00:00+01:00" });
    expect(paid).toMatchObject({
      timestamp: "2026-03-04T08:00:00.000Z",
      properties: { placed_at: "2026-03-01T09:00:05.000Z" },
    });
  });

  it.each([
    ["the order's address before the account's", {}, "Nora.Quay@buyers.example"],
    ["the contact's where the order has none", { email: null }, "Nora.Quay@buyers.example"],
    ["the account's where neither is there", { email: "", contact_email: null }, "account@buyers.example"],
    ["a guest's own", { customer: null }, "Nora.Quay@buyers.example"],
    ["nobody's", { email: null, contact_email: null, customer: null }, undefined],
  ])("names %s", (_, changes, email) => {
    expect(traitsOf(only("orders/create", { ...order, ...changes }))?.email).toBe(email);
  });

  it.each([
    ["as the subtotal is", {}, "20.00"],
    ["without the tax that prices include", { taxes_included: true }, "16.20"],
    ["without gift cards", { line_items: [line, giftCard], subtotal_price: "70.00" }, "20.00"],
    ["from the lines where no subtotal is given", { subtotal_price: null }, "20.00"],
    ["in a currency without cents", { currency: "JPY", subtotal_price: "2000" }, "2000"],
  ])("counts its revenue %s", (_, changes, revenue) => {
    expect(propertiesOf(only("orders/create", { ...order, ...changes })).revenue).toBe(revenue);
  });

  it("of a test says so", () => {
    expect(propertiesOf(only("orders/create", { ...order, test: true })).test).toBe(true);
    expect(propertiesOf(only("orders/create", order)).test).toBeUndefined();
  });

  it.each([[null], [{ note: "hi" }], [[{ name: "a", value: "b" }]], [undefined]])(
    "is read whatever a line's properties are: %o",
    (properties) => {
      expect(only("orders/create", { ...order, line_items: [{ ...line, properties }] })).toBeDefined();
    },
  );
});

describe("a refund", () => {
  it("names its order and what of the revenue it takes back", () => {
    expect(only("refunds/create", refund)).toMatchObject({
      event: "Order Refunded",
      timestamp: "2026-03-03T09:00:00.000Z",
      properties: {
        order_id: "9182736455463728199",
        refund_id: "9182736455463728200",
        currency: "EUR",
        revenue: "10.00",
        total: "11.90",
        products: [{ sku: "MUG-BLUE", quantity: 1 }],
      },
    });
  });

  it("for no line takes back its adjustment", () => {
    const adjustment = {
      kind: "refund_discrepancy",
      amount: "-7.00",
      amount_set: { shop_money: { amount: "-7.00", currency_code: "EUR" } },
    };
    const shipping = { ...adjustment, kind: "shipping_refund", amount: "-4.90" };
    const call = only("refunds/create", {
      ...refund,
      refund_line_items: [],
      order_adjustments: [adjustment, shipping],
    });
    expect(propertiesOf(call)).toMatchObject({ revenue: "7.00", currency: "EUR" });
  });
});

describe("of a refund, revenue is taken back as it was counted", () => {
  const back = (amount: string, changes: object = {}) => ({ kind: "refund", status: "success", amount, ...changes });
  const adjusted = (amount: string, kind = "refund_discrepancy") => ({
    kind,
    amount,
    tax_amount: "0.00",
    amount_set: { shop_money: { amount, currency_code: "EUR" } },
  });
  const [bought] = refund.refund_line_items;
  const lineOf = (subtotal: string, total_tax: string, line_item: object = line) => ({
    ...bought,
    subtotal,
    total_tax,
    line_item,
  });
  const goods = lineOf("50.00", "0.00");
  it.each<[string, object, string]>([
    ["lines in full", { refund_line_items: [goods], transactions: [back("50.00")] }, "50.00"],
    [
      "less than the lines cost",
      { refund_line_items: [goods], order_adjustments: [adjusted("10.00")], transactions: [back("40.00")] },
      "40.00",
    ],
    [
      "more than the lines cost",
      { refund_line_items: [goods], order_adjustments: [adjusted("-5.00")], transactions: [back("55.00")] },
      "55.00",
    ],
    ["nothing: put back into stock", { refund_line_items: [goods], transactions: [] }, "0.00"],
    [
      "nothing: put back into stock, its price called a discrepancy",
      { refund_line_items: [lineOf("50.00", "9.50")], order_adjustments: [adjusted("59.50")], transactions: [] },
      "0.00",
    ],
    [
      "nothing: an authorization was voided",
      { refund_line_items: [goods], transactions: [{ ...back("50.00"), kind: "void" }] },
      "0.00",
    ],
    [
      "money that is on its way, which Shopify calls a discrepancy",
      {
        refund_line_items: [lineOf("245.67", "31.94")],
        order_adjustments: [adjusted("277.61")],
        transactions: [back("277.61", { status: "pending" })],
      },
      "245.67",
    ],
    [
      "money that is on its way, without a word of a discrepancy",
      {
        refund_line_items: [lineOf("245.67", "31.94")],
        transactions: [back("277.61", { status: "pending" })],
      },
      "245.67",
    ],
    [
      "a gift card's line",
      { refund_line_items: [lineOf("50.00", "0.00", giftCard)], transactions: [back("50.00")] },
      "0.00",
    ],
    [
      "an article beside a gift card",
      { refund_line_items: [goods, lineOf("25.00", "0.00", giftCard)], transactions: [back("75.00")] },
      "50.00",
    ],
    [
      "prices with tax in them",
      { refund_line_items: [lineOf("50.00", "7.98")], transactions: [back("50.00")] },
      "42.02",
    ],
    [
      "prices with tax in them, and the shipping",
      {
        refund_line_items: [lineOf("50.00", "7.98")],
        order_adjustments: [adjusted("-4.90", "shipping_refund")],
        transactions: [back("54.90")],
      },
      "42.02",
    ],
    [
      "prices without tax, and the shipping in newer words",
      {
        refund_line_items: [lineOf("50.00", "9.50")],
        refund_shipping_lines: [{ subtotal_amount_set: { shop_money: { amount: "4.90", currency_code: "EUR" } } }],
        transactions: [back("64.40")],
      },
      "50.00",
    ],
    ["no more than was given back", { refund_line_items: [goods], transactions: [back("20.00")] }, "20.00"],
    [
      "lines paid in another currency",
      { refund_line_items: [goods], transactions: [back("8100", { currency: "JPY" })] },
      "50.00",
    ],
  ])("%s", (_, changes, revenue) => {
    expect(propertiesOf(only("refunds/create", { ...refund, ...changes }))).toMatchObject({ revenue, currency: "EUR" });
  });

  it("by the order's own word where the order tells of it", () => {
    const told = shopify.api?.map({
      ...order,
      taxes_included: true,
      refunds: [{ ...refund, refund_line_items: [lineOf("20.00", "3.80")], transactions: [back("23.80")] }],
    });
    expect(told?.calls.map((call) => propertiesOf(call).revenue)).toEqual(["16.20", "16.20"]);
  });
});

describe("a basket", () => {
  it("of a checkout goes by its token and the cart's, with a way back", () => {
    expect(only("checkouts/update", checkout)).toMatchObject({
      event: "Checkout Started",
      timestamp: "2026-03-01T08:55:00.000Z",
      properties: {
        checkout_id: "co-token",
        cart_id: "c1-token",
        value: "28.70",
        url: checkout.abandoned_checkout_url,
      },
      context: { traits: { email: "nora.quay@buyers.example" } },
    });
  });

  it.each([
    ["that names no cart", { cart_token: null }, undefined],
    ["of a guest who has not said who it is", { email: null, customer: undefined }, "c1-token"],
  ])("of a checkout %s is known by its own token, and by a cart's only if it names one", (_, changes, cart_id) => {
    const { cart_id: cart, checkout_id } = propertiesOf(only("checkouts/create", { ...checkout, ...changes })) ?? {};
    expect([cart, checkout_id]).toEqual([cart_id, "co-token"]);
  });

  it("of a completed checkout is told by its order", () => {
    expect(map("checkouts/update", { ...checkout, completed_at: "2026-03-01T10:00:00+01:00" })).toBeUndefined();
  });

  it("of a cart has no person, only its token", () => {
    const call = only("carts/update", cart);
    expect(call).toMatchObject({
      event: "Cart Viewed",
      properties: { cart_id: "c1-token", value: "25.00", currency: "EUR" },
    });
    expect(traitsOf(call)?.email).toBeUndefined();
  });

  it("that was deleted is empty", () => {
    const call = only("checkouts/delete", {
      id: "id:9182736455463728201",
      cart_token: "c1-token",
      total_price: "28.70",
    });
    expect(call).toMatchObject({ event: "Cart Viewed", properties: { cart_id: "c1-token", products: [] } });
    const nameless = only("checkouts/delete", { token: "co-token" });
    expect(nameless).toMatchObject({ event: "Cart Viewed", properties: { checkout_id: "co-token", products: [] } });
  });
});

describe("a customer", () => {
  it("is identified by the account", () => {
    expect(only("customers/update", customer)).toEqual({
      type: "identify",
      userId: "9182736455463728190",
      timestamp: "2026-03-01T08:30:00.000Z",
      traits: { email: "account@buyers.example", firstName: "Nora", lastName: "Quay", city: "Bergen", country: "NO" },
    });
  });

  it("without an address is nobody whom we know", () => {
    expect(map("customers/create", { ...customer, email: null, phone: "+4755501234" })).toBeUndefined();
  });
});

it("a product says what its orders do not", () => {
  const product = {
    id: "id:9182736455463728192",
    vendor: "Harbour Pottery",
    product_type: "Mugs",
    tags: "blue, Spring , ,blue",
  };
  expect(map("products/update", { ...product, updated_at: "2026-02-01T10:00:00+01:00" })).toEqual({
    calls: [],
    products: [
      {
        productId: "9182736455463728192",
        brand: "Harbour Pottery",
        categories: ["Mugs", "blue", "Spring"],
        changedAt: "2026-02-01T09:00:00.000Z",
      },
    ],
  });
  expect(map("products/create", { id: 7, tags: "" })?.products).toEqual([{ productId: "7" }]);
});

describe("consent", () => {
  it.each([
    ["subscribed", { state: "subscribed", dated: true, confirmed: false }],
    ["unsubscribed", { state: "unsubscribed", dated: true }],
    ["redacted", { state: "unsubscribed" }],
  ])("%s is a fact of its own time", (state, properties) => {
    const call = only("customers_email_marketing_consent/update", consent(state));
    expect(call).toMatchObject({ event: "Consent Changed", timestamp: "2026-03-04T09:00:00.000Z", properties });
  });

  it("confirmed by the person says so; without a time it has none", () => {
    const call = only("customers_email_marketing_consent/update", consent("subscribed", null, "confirmed_opt_in"));
    expect(call).toMatchObject({ properties: { confirmed: true, dated: false } });
    expect(call?.timestamp).toBeUndefined();
  });

  it.each([["not_subscribed"], ["pending"], [null]])("%s is no decision", (state) => {
    expect(map("customers_email_marketing_consent/update", consent(state))).toBeUndefined();
  });
});

describe("what the law and the shop ask", () => {
  it.each([
    ["customers/data_request", "access"],
    ["customers/redact", "erasure"],
  ])("%s names the person by address, account and orders", (topic, request) => {
    expect(map(topic, privacy)).toEqual({
      calls: [],
      privacy: {
        request,
        shop: "harbour.myshopify.example",
        reference: "77",
        email: "nora.quay@buyers.example",
        userId: "9182736455463728190",
        orderIds: ["9182736455463728199"],
      },
    });
  });

  it.each([
    [{ customer: { id: 7, phone: "+47 555" } }, { userId: "7", orderIds: [] }],
    [{ customer: null, orders_to_redact: [8, null] }, { orderIds: ["8"] }],
  ])("customers/redact of %o names who has no address", (body, whom) => {
    expect(map("customers/redact", body)?.privacy).toMatchObject({ request: "erasure", ...whom });
  });

  it("customers/redact of nobody says nothing", () => {
    expect(map("customers/redact", { customer: { phone: "+47 555" } })).toBeUndefined();
  });

  it("app/uninstalled disconnects the source", () => {
    expect(map("app/uninstalled", { id: 1, email: "owner@shop.example" })).toEqual({ calls: [], disconnected: true });
  });

  it("shop/redact disconnects the source, and asks for all that it alone told us", () => {
    expect(map("shop/redact", { shop_id: 1, shop_domain: "harbour.myshopify.example" })).toEqual({
      calls: [],
      disconnected: true,
      privacy: { request: "shop", shop: "harbour.myshopify.example", orderIds: [] },
    });
  });
});

it.each([["products/delete"], ["customers_marketing_consent/update"], ["constructor"], [""]])(
  "%s says nothing",
  (topic) => {
    expect(map(topic, {})).toBeUndefined();
  },
);

it("refuses a body that is not an order", () => {
  expect(() => map("orders/create", [])).toThrow();
});
