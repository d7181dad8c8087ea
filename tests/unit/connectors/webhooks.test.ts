import { beforeEach, describe, expect, it } from "vitest";
import { hmacOf } from "../../../shared/connectors/signature.ts";
import { getSource, listSources } from "../../../shared/connectors/source-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf } from "../../support/table-contents.ts";
import { noon, openWebhookDoor } from "./door.ts";
import { cart, checkout, consent, customer, order, privacy, refund, wire } from "./fixtures/shopify.ts";
import { events } from "./fixtures/stripe.ts";
import { order as wooOrder } from "./fixtures/woocommerce.ts";

let table: Table;
let door: Awaited<ReturnType<typeof openWebhookDoor>>;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  door = await openWebhookDoor(table);
});

const ignoredOf = async (name: string) => (await listSources(table)).find(({ source }) => source === name)?.ignored;

describe("a genuine webhook", () => {
  it.each([
    ["orders/create", order, "Order Completed"],
    ["orders/updated", order, "Order Updated"],
    ["orders/cancelled", order, "Order Cancelled"],
    ["refunds/create", refund, "Order Refunded"],
    ["checkouts/create", checkout, "Checkout Started"],
    ["carts/update", cart, "Cart Viewed"],
    ["customers/update", customer, "Identified"],
    ["customers_email_marketing_consent/update", consent("subscribed"), "Consent Changed"],
  ])("of %s is one item at the door", async (topic, body, event) => {
    expect(await door.shopify(topic, wire(body))).toEqual({ status: 200, body: { status: "accepted" } });
    const [item, ...others] = await door.stored();
    expect(others).toEqual([]);
    expect(item).toMatchObject({ type: "track", payload: { event, source: "my-shopify" } });
    expect(door.faults).toEqual([]);
  });

  it.each([
    ["customers/redact", privacy, "erasure"],
    ["customers/data_request", privacy, "access"],
    ["shop/redact", { shop_id: 1, shop_domain: "harbour.myshopify.example" }, "shop"],
  ])("of %s is one item at the door, however often and under whatever id it comes", async (topic, body, request) => {
    for (const id of ["1", "1", "2"]) {
      expect(await door.shopify(topic, wire(body), id)).toEqual({ status: 200, body: { status: "accepted" } });
    }
    const [item, ...others] = await door.stored();
    expect(others).toEqual([]);
    expect(item).toMatchObject({ type: "privacy", payload: { request, source: "my-shopify" } });
    expect(door.faults).toEqual([]);
  });

  it("is the same when it comes again, whatever became of the first", async () => {
    for (const _ of [1, 2, 3]) expect((await door.shopify("orders/create", wire(order))).status).toBe(200);
    expect(await door.stored()).toHaveLength(1);
  });

  it("keeps amounts in minor units and every digit of an id", async () => {
    await door.shopify("orders/create", wire(order));
    expect(await door.stored()).toMatchObject([
      {
        occurredAt: "2026-03-01T09:00:05.000Z",
        payload: {
          email: "Nora.Quay@buyers.example",
          properties: {
            orderId: "9182736455463728199",
            revenue: { amount: 2000, currency: "EUR" },
            shipping: { amount: 490 },
            cartId: "c1-token",
            products: [{ productId: "9182736455463728192", quantity: 2, price: { amount: 1250 } }],
          },
        },
      },
    ]);
  });

  it("of WooCommerce tells an order and its refunds, each once, however often the order is updated", async () => {
    const post = (body: unknown, id: string) => {
      const rawBody = Buffer.from(JSON.stringify(body));
      return door.post("woocommerce", "my-woocommerce", rawBody, {
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-delivery-id": id,
        "x-wc-webhook-signature": hmacOf("first-secret", rawBody, "base64"),
      });
    };
    const refunds = [{ id: 31, total: "-15.00" }];
    expect((await post(wooOrder, "w-1")).status).toBe(200);
    expect((await post({ ...wooOrder, refunds }, "w-2")).status).toBe(200);
    const later = { ...wooOrder, refunds, status: "completed", date_modified_gmt: "2026-03-04T10:00:00" };
    expect((await post(later, "w-3")).status).toBe(200);
    expect((await door.stored()).map(({ payload }) => payload)).toHaveLength(2);
  });

  it("that is copied and sent under another name tells nothing new of an order", async () => {
    for (const id of ["1", "2"]) {
      expect((await door.shopify("orders/create", wire(order), id)).status).toBe(200);
      expect((await door.shopify("orders/paid", wire({ ...order, financial_status: "paid" }), `p${id}`)).status).toBe(
        200,
      );
      expect((await door.shopify("refunds/create", wire(refund), `r${id}`)).status).toBe(200);
    }
    expect(await door.stored()).toHaveLength(2);
  });

  it("keeps an order whose address is none, for its account", async () => {
    await door.shopify("orders/create", wire({ ...order, email: "not an address", contact_email: null }));
    expect(await door.stored()).toMatchObject([{ payload: { userId: "9182736455463728190" } }]);
  });

  it("of Stripe is known by its event, within the window alone", async () => {
    expect((await door.stripe(events.session)).body).toEqual({ status: "accepted" });
    const late = new Date(noon.getTime() - 301_000);
    expect((await door.stripe({ ...events.session, id: "evt_replayed" }, late)).status).toBe(401);
    expect(await door.stored()).toHaveLength(1);
  });
});

describe("what is no webhook of ours", () => {
  it.each<[string, number, () => Promise<{ status: number | undefined }>]>([
    ["forged", 401, () => door.shopify("orders/create", wire(order), "d-1", "another-secret")],
    [
      "unsigned",
      401,
      () =>
        door.post("shopify", "my-shopify", wire(order), {
          "x-shopify-topic": "orders/create",
          "x-shopify-webhook-id": "1",
        }),
    ],
    ["for a source that there is not", 404, () => door.post("shopify", "nobody", wire(order), {})],
    ["for a source of another sender", 404, () => door.post("stripe", "my-shopify", wire(order), {})],
    ["for a sender that there is not", 404, () => door.post("constructor", "my-shopify", wire(order), {})],
    ["with a name that is none", 404, () => door.post("shopify", "../x#ignored", wire(order), {})],
    ["larger than 1 MB", 413, () => door.shopify("orders/create", Buffer.alloc(1_048_577, 32))],
    ["not JSON", 400, () => door.shopify("orders/create", Buffer.from("{"))],
    ["without a topic", 422, () => door.shopify("", wire(order), "")],
  ])("%s is answered with %i and writes nothing", async (_, status, post) => {
    const before = await contentsOf(table);
    expect((await post()).status).toBe(status);
    expect(await contentsOf(table)).toEqual(before);
    expect(door.faults).toEqual([]);
  });
});

describe("what says nothing to us", () => {
  it.each([
    ["products/update", {}, "products/update"],
    ["orders/create", { line_items: "none" }, "orders/create (unreadable)"],
    [
      "orders/create",
      { ...order, email: null, contact_email: null, customer: null, cart_token: null, checkout_token: null },
      "orders/create",
    ],
  ])("%s is answered, so that it is not sent for ever, and counted", async (topic, body, counted) => {
    for (const id of ["a", "b"])
      expect((await door.shopify(topic, wire(body), id)).body).toEqual({ status: "ignored" });
    expect(await ignoredOf("my-shopify")).toEqual({ [counted]: 2 });
    expect(await door.stored()).toEqual([]);
  });

  it("is told by places and never by values when it cannot be read", async () => {
    await door.shopify("orders/create", wire({ ...order, line_items: "Nora's secret" }));
    expect(JSON.stringify(door.unreadable)).toContain("/line_items");
    expect(JSON.stringify(door.unreadable)).not.toContain("Nora");
  });

  it("pings from WooCommerce are answered", async () => {
    const answer = await door.post("woocommerce", "my-woocommerce", Buffer.from("webhook_id=3"), {});
    expect(answer).toEqual({ status: 200, body: { status: "ignored" } });
  });
});

it("marks a source as disconnected when the shop removes the app", async () => {
  await door.shopify("app/uninstalled", wire({ id: 1 }));
  expect(await getSource(table, "my-shopify")).toMatchObject({ connected: false, disconnectedAt: noon.toISOString() });
  expect(await door.stored()).toEqual([]);
});

it("verifies by the old secret and by the new one while they are exchanged, and then by the new one alone", async () => {
  expect((await door.shopify("orders/create", wire(order), "1")).status).toBe(200);
  door.giveSecret("my-shopify", "shopify", "second-secret");
  door.clock.now = new Date(noon.getTime() + 10_000);
  expect((await door.shopify("orders/create", wire(order), "2", "second-secret")).status).toBe(200);
  expect((await door.shopify("orders/create", wire(order), "3", "first-secret")).status).toBe(200);
  door.clock.now = new Date(noon.getTime() + 25 * 3_600_000);
  expect((await door.shopify("orders/create", wire(order), "4", "first-secret")).status).toBe(401);
  expect((await door.shopify("orders/create", wire(order), "5", "second-secret")).status).toBe(200);
});
