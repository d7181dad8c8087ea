import { beforeEach, describe, expect, it } from "vitest";
import { apiKeyIdOf } from "../../../shared/access/api-key.ts";
import { putApiKey } from "../../../shared/access/api-key-store.ts";
import { orderSchema } from "../../../shared/events/commerce.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { noon, openDoor, problemOf, secret } from "./door.ts";

let table: Table;
let door: Awaited<ReturnType<typeof openDoor>>;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  door = await openDoor(table);
});

const properties = { order_id: "1001", currency: "EUR", revenue: 49.99 };
const order = (changes: object = {}, ofProperties: object = {}) => ({
  type: "track",
  event: "Order Completed",
  messageId: "m-1",
  timestamp: "2026-02-28T23:30:00+01:00",
  context: { traits: { email: "Buyer@Example.com", age: 41 }, library: { name: "analytics.js" } },
  properties: { ...properties, ...ofProperties },
  ...changes,
});

describe("an order", () => {
  it("is one intake item, its amounts in minor units and its ids as text", async () => {
    const result = await door.track(
      order(
        {},
        {
          order_id: 4_503_599_627_370_497,
          total: "60.00",
          tax: 5.01,
          shipping: 5,
          discount: null,
          products: [{ product_id: 12, sku: "A-1", name: "Mug", price: 24.995, quantity: 2, url: "https://x.example" }],
          test: true,
        },
      ),
    );
    expect([result.statusCode, problemOf(result)]).toEqual([202, { status: "accepted", messageId: "m-1" }]);
    const eur = (amount: number) => ({ amount, currency: "EUR" });
    expect(await door.stored()).toMatchObject([
      {
        type: "track",
        receivedAt: noon.toISOString(),
        occurredAt: "2026-02-28T22:30:00.000Z",
        payload: {
          event: "Order Completed",
          messageId: "m-1",
          source: "shop",
          timestamp: "2026-02-28T22:30:00.000Z",
          email: "Buyer@example.com",
          properties: {
            orderId: "4503599627370497",
            revenue: eur(4_999),
            total: eur(6_000),
            tax: eur(501),
            shipping: eur(500),
            products: [{ productId: "12", sku: "A-1", name: "Mug", price: eur(2_500), quantity: 2 }],
            test: true,
          },
        },
      },
    ]);
  });

  it.each([
    ["revenue", { revenue: 30, subtotal: 40, total: 50 }, 3_000],
    ["else the subtotal", { revenue: undefined, subtotal: 40, total: 50 }, 4_000],
    ["else the total without tax and shipping", { revenue: undefined, total: 50, tax: 8, shipping: 2 }, 4_000],
  ])("counts as %s", async (_, amounts, amount) => {
    expect((await door.track(order({}, amounts))).statusCode).toBe(202);
    const [item] = await door.stored();
    const payload: unknown = item?.payload;
    expect(payload).toMatchObject({ properties: { revenue: { amount, currency: "EUR" } } });
    expect(orderSchema.safeParse((payload as { properties: unknown }).properties).success).toBe(true);
  });

  it.each([
    ["in its properties", { context: undefined }, { email: "a@example.com" }, "a@example.com"],
    ["in its traits", { context: undefined, traits: { email: "b@example.com" } }, {}, "b@example.com"],
    ["in its properties rather than elsewhere", {}, { email: "c@example.com" }, "c@example.com"],
  ])("has the buyer's address %s", async (_, changes, more, email) => {
    await door.track(order(changes, more));
    expect(await door.stored()).toMatchObject([{ payload: { email } }]);
  });

  it("without a time happens when it arrives", async () => {
    await door.track(order({ timestamp: undefined }));
    expect(await door.stored()).toMatchObject([{ occurredAt: noon.toISOString() }]);
  });

  it.each([
    ["years old", "2011-05-05T05:05:05Z"],
    ["a little ahead of our clock", "2026-03-02T11:59:59Z"],
  ])("%s is taken", async (_, timestamp) => {
    expect((await door.track(order({ timestamp }))).statusCode).toBe(202);
  });
});

describe("the same message", () => {
  it("is stored once, and answered the same each time", async () => {
    const first = await door.track(order({ timestamp: undefined }));
    door.clock.now = new Date(noon.getTime() + 3_600_000);
    const second = await door.track(order({ timestamp: undefined, sentAt: "2026-03-01T13:00:00Z" }));
    expect([second.statusCode, second.body]).toEqual([202, first.body]);
    expect(await door.stored()).toHaveLength(1);
  });

  it("with another body is refused, and what is stored stays", async () => {
    await door.track(order());
    const before = await door.stored();
    const result = await door.track(order({}, { revenue: 1 }));
    expect([result.statusCode, problemOf(result).code]).toEqual([422, "idempotency_key_reused"]);
    expect(await door.stored()).toEqual(before);
  });

  it("from another source is another message; a new key of the same source is not", async () => {
    const createdAt = noon.toISOString();
    await putApiKey(table, { id: apiKeyIdOf("rk_new"), name: "shop", scopes: ["track"], createdAt });
    await putApiKey(table, { id: apiKeyIdOf("rk_other"), name: "till", scopes: ["track"], createdAt });
    for (const key of [secret, "rk_new", "rk_other"]) {
      expect((await door.track(order(), { authorization: `Bearer ${key}` })).statusCode).toBe(202);
    }
    expect(await door.stored()).toHaveLength(2);
  });
});

describe("an event that is refused writes nothing", () => {
  it.each<[string, unknown, number, string?]>([
    ["malformed JSON", "{", 400],
    ["deep JSON", "[".repeat(10_000), 400],
    ["a prototype key", '{"__proto__":{}}', 400],
    ["a body too large", JSON.stringify(order({ x: "x".repeat(70_000) })), 413],
    ["no object", "[]", 422, ""],
    ["no name", order({ event: undefined }), 422, "/event"],
    ["a name with a line break", order({ event: "a\nb" }), 422, "/event"],
    ["a name of our own", order({ event: "Unsubscribed" }), 422, "/event"],
    ["a choice that only a signed link makes", order({ event: "Preferences Changed" }), 422, "/event"],
    ["a request that only staff make", order({ event: "Journey Requested" }), 422, "/event"],
    ["a refund of nothing", order({ event: "Order Refunded" }, { revenue: undefined }), 422, "/properties/revenue"],
    ["a deal without its id", order({ event: "Deal Won" }), 422, "/properties/deal_id"],
    [
      "a deal's amount in no currency",
      order({ event: "Deal Won" }, { deal_id: 1, amount: 5, currency: null }),
      422,
      "/properties/currency",
    ],
    [
      "a deal's amount in words",
      order({ event: "Deal Won" }, { deal_id: 1, amount: "ten" }),
      422,
      "/properties/amount",
    ],
    [
      "a deal made at no instant",
      order({ event: "Deal Won" }, { deal_id: 1, created_at: "May" }),
      422,
      "/properties/created_at",
    ],
    ["a ticket without its id", order({ event: "Ticket Resolved" }), 422, "/properties/ticket_id"],
    ["properties beyond 8 KB", order({ event: "X" }, { text: Array(20).fill("x".repeat(900)) }), 422, "/properties"],
    ["another call", order({ type: "identify" }), 422, "/type"],
    ["no message id", order({ messageId: undefined }), 422, "/messageId"],
    ["a message id with a line break", order({ messageId: "a\nb" }), 422, "/messageId"],
    ["no order id", order({}, { order_id: undefined }), 422, "/properties/order_id"],
    ["an id beyond exact integers", order({}, { order_id: 2 ** 53 }), 422, "/properties/order_id"],
    ["no currency", order({}, { currency: undefined }), 422, "/properties/currency"],
    ["no such currency", order({}, { currency: "XYZ" }), 422, "/properties/currency"],
    ["no amount", order({}, { revenue: undefined }), 422, "/properties/revenue"],
    ["a negative amount", order({}, { revenue: -1 }), 422, "/properties/revenue"],
    ["an absurd amount", order({}, { revenue: 1e21 }), 422, "/properties/revenue"],
    ["an amount in words", order({}, { revenue: "ten" }), 422, "/properties/revenue"],
    ["a product's price in words", order({}, { products: [{ price: "1,5" }] }), 422, "/properties/products/0/price"],
    ["no e-mail", order({ context: {} }), 422, "/properties/email"],
    ["an e-mail that is none", order({}, { email: "x" }), 422, "/properties/email"],
    ["a time two days ahead", order({ timestamp: "2026-03-03T12:00:00Z" }), 422, "/timestamp"],
    ["a time without a zone", order({ timestamp: "2026-03-01T12:00:00" }), 422, "/timestamp"],
  ])("%s", async (_, event, status, pointer) => {
    const result = await door.track(event);
    const problem = problemOf(result);
    expect([result.statusCode, problem.status]).toEqual([status, status]);
    if (pointer !== undefined) expect(problem.errors[0].pointer).toBe(pointer);
    expect([await door.stored(), door.faults]).toEqual([[], []]);
  });

  it.each<[string, Record<string, string>, number]>([
    ["without a key", { authorization: "" }, 401],
    ["with an unknown key", { authorization: "Bearer rk_unknown" }, 401],
    ["with an unknown scheme", { authorization: `Digest ${secret}` }, 401],
    ["as a form", { "content-type": "application/x-www-form-urlencoded" }, 415],
  ])("%s", async (_, headers, status) => {
    const result = await door.track(order(), headers);
    expect(result.statusCode).toBe(status);
    if (status === 401) expect(result.headers?.["www-authenticate"]).toContain("Basic");
    expect(await door.stored()).toEqual([]);
  });

  it("with a key of no such scope", async () => {
    await putApiKey(table, { id: apiKeyIdOf("rk_none"), name: "none", scopes: [], createdAt: noon.toISOString() });
    expect((await door.track(order(), { authorization: "Bearer rk_none" })).statusCode).toBe(403);
  });
});

it("takes the key as Segment's sources send it: the user of HTTP Basic, without a password", async () => {
  const authorization = `Basic ${Buffer.from(`${secret}:`).toString("base64")}`;
  expect((await door.track(order(), { authorization })).statusCode).toBe(202);
});
