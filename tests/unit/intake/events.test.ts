import { beforeEach, describe, expect, it } from "vitest";
import { apiKeyIdOf, apiKeyRequestSchema } from "../../../shared/access/api-key.ts";
import { putApiKey } from "../../../shared/access/api-key-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { noon, openDoor, problemOf } from "./door.ts";

const writeKey = "wk_public";
const origins = ["https://www.example.com"];
const ofSite = { origin: "https://www.example.com", "content-type": "text/plain" };

let table: Table;
let door: Awaited<ReturnType<typeof openDoor>>;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  door = await openDoor(table);
  const createdAt = noon.toISOString();
  await putApiKey(table, { id: apiKeyIdOf(writeKey), name: "site", scopes: ["write"], origins, createdAt });
});

const payloads = async () => (await door.stored()).map(({ payload }) => payload);
const track = (event: string, properties: object, more: object = {}) => ({
  type: "track",
  event,
  messageId: `m-${event}`,
  anonymousId: "anonymous-visitor-1",
  properties,
  ...more,
});

describe("an event of the e-commerce vocabulary", () => {
  const price = { amount: 1_999, currency: "EUR" };
  const product = {
    product_id: 7,
    name: "Mug",
    price: "19.99",
    url: "javascript:alert(1)",
    image_url: "https://x.example/m.png",
  };
  const kept = { productId: "7", name: "Mug", quantity: 1, price, imageUrl: "https://x.example/m.png" };

  it.each<[string, object, object]>([
    ["Product Viewed", { ...product, currency: "EUR" }, { product: kept }],
    [
      "Product Added",
      { ...product, currency: "EUR", cart_id: "c1", quantity: 2 },
      { cartId: "c1", product: { ...kept, quantity: 2 } },
    ],
    ["Cart Viewed", { cart_id: "c1", currency: "EUR", products: [product] }, { cartId: "c1", products: [kept] }],
    [
      "Checkout Started",
      { order_id: 9, cart_id: "c1", currency: "EUR", value: 19.99, products: [product] },
      { cartId: "c1", checkoutId: "9", value: price, products: [kept] },
    ],
    [
      "Order Refunded",
      { order_id: 9, refund_id: 1, currency: "EUR", total: 24.99, shipping: 5 },
      { orderId: "9", refundId: "1", revenue: price, products: [] },
    ],
    [
      "Order Cancelled",
      { order_id: 9, reason: "changed mind" },
      { orderId: "9", reason: "changed mind", products: [] },
    ],
    [
      "Deal Won",
      { deal_id: 7, amount: "19.99", currency: "eur", owner: "mia", created_at: "2026-11-01T10:00:00+01:00", more: 1 },
      { dealId: "7", amount: price, owner: "mia", createdAt: "2026-11-01T09:00:00.000Z" },
    ],
    ["Deal Stage Changed", { deal_id: "7", stage: "won", closed: true }, { dealId: "7", stage: "won", closed: true }],
    [
      "Ticket First Reply",
      { ticket_id: 3, channel: "mail", team: "desk", automatic: true },
      { ticketId: "3", channel: "mail", team: "desk", automatic: true },
    ],
  ])("%s is kept in our own shape", async (event, properties, expected) => {
    expect((await door.call("track", track(event, properties))).statusCode).toBe(202);
    expect(await payloads()).toEqual([
      expect.objectContaining({ event, anonymousId: "anonymous-visitor-1", properties: expected }),
    ]);
  });
});

describe("a custom event", () => {
  it("keeps its properties flat, without what the table cannot hold", async () => {
    const properties = {
      plan: "pro",
      size: { width: 2, none: null },
      list: [1, "two"],
      lines: [{ id: 3 }],
      huge: 1e300,
      email: "a@example.com",
    };
    await door.call("track", track("Video Watched", properties));
    expect(await payloads()).toMatchObject([
      {
        event: "Video Watched",
        email: "a@example.com",
        properties: { plan: "pro", "size.width": 2, list: [1, "two"], "lines.0.id": 3, huge: "1e+300" },
      },
    ]);
    expect(await payloads()).not.toMatchObject([{ properties: { email: expect.anything() } }]);
  });
});

describe("the other calls", () => {
  it("identify keeps fields and attributes of the person", async () => {
    const traits = {
      email: "Ada@Example.com",
      firstName: "Ada",
      address: { city: "London" },
      plan: "pro",
      tags: ["a", "b"],
    };
    await door.call("identify", { messageId: "i1", userId: 12, traits });
    expect(await payloads()).toMatchObject([
      {
        event: "Identified",
        email: "Ada@example.com",
        userId: "12",
        properties: { fields: { firstName: "Ada", city: "London" }, traits: { plan: "pro", tags: "a, b" } },
      },
    ]);
  });

  it.each([
    ["Asia/Tokyo", {}, "Asia/Tokyo"],
    ["Asia/Tokyo", { timezone: "Europe/Rome" }, "Europe/Rome"],
    ["Nowhere", {}, undefined],
  ])("identify from %s with %j lives by the clock of %s", async (timezone, traits, kept) => {
    const person = { messageId: "i1", anonymousId: "a-visitor-of-the-shop", traits };
    await door.call("identify", { ...person, context: { timezone } });
    const [payload] = await payloads();
    expect(payload).toMatchObject({ properties: { traits: kept === undefined ? {} : { timezone: kept } } });
  });

  it("alias says that an anonymous id is a user's", async () => {
    await door.call("alias", { messageId: "a1", userId: "u1", previousId: "anonymous-visitor-1" });
    expect(await payloads()).toMatchObject([{ event: "Identified", userId: "u1", anonymousId: "anonymous-visitor-1" }]);
  });

  it("page keeps where the visitor was and what campaign led there", async () => {
    const context = {
      page: { url: "https://shop.example/a", title: "A" },
      campaign: { name: "spring", source: "news" },
    };
    await door.call("page", { messageId: "p1", anonymousId: "anonymous-visitor-1", name: "Home", context });
    expect(await payloads()).toMatchObject([
      {
        event: "Page Viewed",
        properties: { name: "Home", url: "https://shop.example/a", utm_campaign: "spring", utm_source: "news" },
      },
    ]);
  });

  it("a call of nobody is refused", async () => {
    const { anonymousId: _, ...nobodys } = track("Video Watched", {});
    const problem = problemOf(await door.call("track", nobodys));
    expect([problem.status, problem.errors[0].pointer]).toEqual([422, "/anonymousId"]);
  });
});

describe("the time of an event", () => {
  it.each([
    ["is what it says", { timestamp: "2026-03-01T11:00:00Z" }, "2026-03-01T11:00:00.000Z"],
    [
      "is corrected by the sender's clock",
      { originalTimestamp: "2025-01-01T10:00:00Z", sentAt: "2025-01-01T10:05:00Z" },
      "2026-03-01T11:55:00.000Z",
    ],
    ["is ours without any", {}, noon.toISOString()],
  ])("%s", async (_, times, occurredAt) => {
    await door.call("track", track("X", {}, times));
    expect(await door.stored()).toMatchObject([{ occurredAt }]);
  });

  it.each([
    ["ahead of ours is now", "2027-01-01T00:00:00Z", noon.toISOString()],
    ["older than a week is a week ago", "2020-01-01T00:00:00Z", "2026-02-22T12:00:00.000Z"],
  ])("of a browser whose clock is %s", async (_, timestamp, occurredAt) => {
    await door.call("track", { ...track("X", {}, { timestamp }), writeKey }, ofSite);
    expect(await door.stored()).toMatchObject([{ occurredAt, payload: { browser: true, source: "site" } }]);
  });
});

describe("a batch", () => {
  it("has a result for each event, and takes the good ones", async () => {
    const good = track("X", {});
    const batch = [
      good,
      { ...good, messageId: "m-2", type: "group" },
      track("Subscribed", {}),
      { ...good, event: "Y" },
    ];
    const result = await door.call("batch", { batch: batch.slice(0, 3), sentAt: "2026-03-01T12:00:00Z" });
    const { results } = problemOf(result);
    expect([result.statusCode, results.map(({ status }: { status: number }) => status)]).toEqual([
      207,
      [202, 422, 422],
    ]);
    expect(results[2]).toMatchObject({
      messageId: "m-Subscribed",
      error: { code: "invalid_input", errors: [{ pointer: "/event" }] },
    });
    const again = problemOf(await door.call("batch", { batch: [good, batch[3]] }));
    expect(again.results.map(({ status }: { status: number }) => status)).toEqual([202, 422]);
    expect(await door.stored()).toHaveLength(1);
  });

  it.each<[string, unknown, number]>([
    ["of nothing", { batch: [] }, 422],
    ["of 101 events", { batch: Array.from({ length: 101 }, () => ({})) }, 422],
    ["above 500 KB", { batch: [{ x: "x".repeat(520_000) }] }, 413],
    ["that is no list", { batch: {} }, 422],
  ])("%s is refused whole", async (_, body, status) => {
    expect((await door.call("batch", body)).statusCode).toBe(status);
    expect([await door.stored(), door.faults]).toEqual([[], []]);
  });
});

describe("a public write key", () => {
  it.each<[string, string, object]>([
    ["track", "track", track("Product Viewed", { product_id: "1" })],
    ["page", "page", { messageId: "p", anonymousId: "anonymous-visitor-1" }],
    [
      "identify",
      "identify",
      { messageId: "i", anonymousId: "anonymous-visitor-1", traits: { email: "a@example.com" } },
    ],
  ])("may post %s from a listed site, and its script may read the answer", async (_, call, body) => {
    const result = await door.call(call, { ...body, writeKey }, ofSite);
    expect([result.statusCode, result.headers?.["access-control-allow-origin"]]).toEqual([202, "*"]);
    expect(await payloads()).toMatchObject([{ browser: true }]);
  });

  it.each<[string, string, object, Record<string, string>, number]>([
    [
      "an order",
      "track",
      track("Order Completed", { order_id: "1", currency: "EUR", total: 1, email: "a@example.com" }),
      ofSite,
      403,
    ],
    ["a refund", "track", track("Order Refunded", { order_id: "1", currency: "EUR", total: 1 }), ofSite, 403],
    ["a deal", "track", track("Deal Won", { deal_id: "1" }), ofSite, 403],
    ["a ticket", "track", track("Ticket Opened", { ticket_id: "1" }), ofSite, 403],
    ["an alias", "alias", { messageId: "a", userId: "u", previousId: "anonymous-visitor-1" }, ofSite, 403],
    ["events without an anonymous id", "track", track("X", {}, { anonymousId: undefined, userId: "u" }), ofSite, 422],
    ["from another site", "track", track("X", {}), { ...ofSite, origin: "https://evil.example" }, 403],
    ["from no site", "track", track("X", {}), { "content-type": "text/plain" }, 403],
  ])("may not post %s", async (_, call, body, headers, status) => {
    expect((await door.call(call, { ...body, writeKey }, headers)).statusCode).toBe(status);
    expect(await door.stored()).toEqual([]);
  });

  it("is not believed whose events they are, beyond the browser's own id", async () => {
    await door.call(
      "track",
      { ...track("X", { email: "victim@example.com" }, { userId: "victim" }), writeKey },
      ofSite,
    );
    const [payload] = await payloads();
    expect(Object.keys(payload ?? {})).not.toContain("email");
    expect(Object.keys(payload ?? {})).not.toContain("userId");
  });

  it.each([
    ["another's", "https://evil.example/login", 0],
    ["its own", `${origins[0]}/cart`, 5],
  ])("keeps links to pages and pictures of its own sites: %s", async (_, link, kept) => {
    const product = { product_id: "1", name: "Your account is locked", url: link, image_url: link };
    for (const event of [
      track("Checkout Started", { cart_id: "c", url: link, products: [product] }),
      track("Product Added", { cart_id: "c", ...product }),
    ]) {
      expect((await door.call("track", { ...event, writeKey }, ofSite)).statusCode).toBe(202);
    }
    const text = JSON.stringify(await payloads());
    expect([text.split(link).length - 1, text.split(product.name).length - 1]).toEqual([kept, 2]);
  });

  it("is held to a rate by address", async () => {
    const body = { ...track("X", {}), writeKey };
    for (let at = 0; at < 300; at += 30)
      await Promise.all(Array.from({ length: 30 }, () => door.call("track", body, ofSite)));
    expect((await door.call("track", body, ofSite)).statusCode).toBe(429);
  });

  it("is no secret, and a secret is no write key", async () => {
    const result = await door.call("track", { ...track("X", {}), writeKey: "rk_test-secret" }, ofSite);
    expect(result.statusCode).toBe(403);
    expect(apiKeyRequestSchema.safeParse({ name: "a", scopes: ["write", "track"] }).success).toBe(false);
  });

  it("answers a preflight", async () => {
    const result = await door.post({
      routeKey: "OPTIONS /v1/{call}",
      headers: { origin: "https://www.example.com" },
      path: { call: "batch" },
    });
    expect([result.statusCode, result.headers?.["access-control-allow-origin"]]).toEqual([204, "*"]);
  });
});
