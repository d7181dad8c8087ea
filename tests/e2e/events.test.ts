import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMails } from "../../scripts/mail.ts";
import { orderEvent, startTestStack, type TestStack } from "../support/stack.ts";

let stack: TestStack;
let key: string;
let writeKey: string;
beforeAll(async () => {
  stack = await startTestStack();
  key = await stack.apiKey();
  const body = { name: "site", scopes: ["write"], origins: ["https://shop.example"] };
  writeKey = (await (await stack.staff("admin", "POST", "/v1/api-keys", { body })).json()).secret;
});
afterAll(() => stack.process.close());

let messages = 0;
const message = (rest: Record<string, unknown>) => ({ messageId: `e2e-${++messages}`, ...rest });
const happened = (event: string, properties: Record<string, unknown>, person: Record<string, unknown>) =>
  message({ type: "track", event, properties, ...person });
const known = (email: string) => ({ context: { traits: { email } } });
const mug = { product_id: "mug", name: "Mug", price: 19.5, currency: "EUR" };

/** Posts as a shop's server does. */
async function post(call: string, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return fetch(`${stack.publicUrl}/v1/${call}`, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Posts as a script in a page of the shop does. */
async function fromPage(call: string, body: object, origin = "https://shop.example"): Promise<Response> {
  const headers = { origin, "content-type": "text/plain" };
  return fetch(`${stack.publicUrl}/v1/${call}`, {
    method: "POST",
    headers,
    body: JSON.stringify({ writeKey, ...body }),
  });
}

/** What was told of a person; what segments make of it is their own test's. */
const namesOf = async (email: string) =>
  ((await stack.contact(email))?.events ?? []).map(({ name }) => name).filter((name) => !name.startsWith("Segment "));

describe("a batch", () => {
  it("stores what is right, says what is wrong with the rest, and is stored once when it comes again", async () => {
    const email = "batch@customers.example";
    const batch = [
      message({ type: "identify", traits: { email, firstName: "Ada", plan: "pro" } }),
      happened("Video Watched", { title: "Mugs", size: { width: 2 } }, known(email)),
      happened("Order Completed", { order_id: "b-1", currency: "EUR", revenue: "a lot" }, known(email)),
      happened("Unsubscribed", {}, known(email)),
      message({ type: "group", groupId: "g" }),
      happened("Order Completed", { order_id: "b-2", currency: "EUR", revenue: 40 }, known(email)),
    ];
    for (const _ of [1, 2]) {
      const response = await post("batch", { batch });
      const { results } = await response.json();
      expect(response.status).toBe(207);
      expect(results.map(({ status }: { status: number }) => status)).toEqual([202, 202, 422, 422, 422, 202]);
      expect(results[2].error.errors[0].pointer).toBe("/properties/revenue");
      await stack.host.drain();
    }
    const found = await stack.contact(email);
    expect((await namesOf(email)).sort()).toEqual(["Identified", "Order Completed", "Video Watched"]);
    expect(found?.events.find(({ name }) => name === "Video Watched")?.properties).toMatchObject({ "size.width": 2 });
    expect(found?.contact).toMatchObject({ orders: 1, fields: { firstName: "Ada" }, traits: { plan: "pro" } });
  });
});

describe("a cart", () => {
  it("is open until the order that carries its token; a refund is taken back of the buyer's revenue", async () => {
    const email = "cart@customers.example";
    const cart = { cart_id: "e2e-cart-token-1234", currency: "EUR" };
    await post("track", happened("Product Added", { ...mug, ...cart }, known(email)));
    await post(
      "track",
      happened("Checkout Started", { ...cart, checkout_id: "e2e-checkout-token-1", products: [mug] }, known(email)),
    );
    await stack.host.drain();
    const open = await stack.contact(email);
    expect(open?.contact).toMatchObject({
      carts: [
        {
          id: "e2e-cart-token-1234",
          value: { amount: 1_950, currency: "EUR" },
          lines: [{ product: "mug", quantity: 1 }],
        },
      ],
    });

    const order = { order_id: "c-1", currency: "EUR", revenue: 19.5, checkout_id: "e2e-checkout-token-1" };
    await post("track", happened("Order Completed", order, known(email)));
    await stack.host.drain();
    await post(
      "track",
      happened("Order Refunded", { order_id: "c-1", refund_id: "r-1", currency: "EUR", total: 4.5 }, {}),
    );
    await post(
      "track",
      happened("Order Refunded", { order_id: "c-1", refund_id: "r-1", currency: "EUR", total: 4.5 }, {}),
    );
    await stack.host.drain();
    const closed = await stack.contact(email);
    expect(closed?.contact).toMatchObject({
      carts: [],
      orders: 1,
      revenue: [{ amount: 1_500, currency: "EUR" }],
      refunded: [{ amount: 450, currency: "EUR" }],
    });
  });
});

describe("a visitor nobody knows", () => {
  it("is nobody's contact and gets no mail", async () => {
    const reached = async () => [
      await stack.contacts(),
      (await readMails(stack.host)).filter(({ to }) => /customers/.test(to)),
    ];
    const before = await reached();
    const cart = { ...mug, cart_id: "e2e-cart-of-nobody-1" };
    await fromPage("track", happened("Product Added", cart, { anonymousId: "e2e-visitor-of-nobody" }));
    await stack.host.drain();
    await stack.host.advance("6h", "1h");
    expect(await reached()).toEqual(before);
  });

  it("brings along all that was done before, once, however often and in whatever order the streams tell it", async () => {
    await stack.host.setStreams({ duplicate: true, shuffle: true, seed: 11 });
    const people = Array.from({ length: 6 }, (_, at) => ({ email: `visitor-${at}@customers.example`, at }));
    const answers = await Promise.all(
      people.flatMap(({ email, at }) => {
        const anonymousId = `e2e-anonymous-visitor-${at}`;
        const cart = { cart_id: `e2e-cart-of-visitor-${at}`, currency: "EUR" };
        return [
          fromPage("page", message({ anonymousId, properties: { path: "/" } })),
          fromPage("track", happened("Product Viewed", mug, { anonymousId })),
          fromPage("track", happened("Product Added", { ...mug, ...cart }, { anonymousId })),
          post("track", happened("Checkout Started", { ...cart, products: [mug] }, {})),
          fromPage("identify", message({ anonymousId, traits: { email } })),
          post("track", happened("Order Completed", { order_id: `v-${at}`, revenue: 19.5, ...cart }, {})),
        ];
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    await stack.host.drain();
    await stack.host.advance("30m", "10m");
    await stack.host.setStreams({ duplicate: false, shuffle: false });
    await stack.host.replayStreams();
    const contacts = await stack.contacts();
    for (const { email } of people) {
      expect(contacts.filter((contact) => contact.email === email)).toHaveLength(1);
      expect((await namesOf(email)).sort()).toEqual([
        "Checkout Started",
        "Identified",
        "Order Completed",
        "Page Viewed",
        "Product Added",
        "Product Viewed",
      ]);
      expect((await stack.contact(email))?.contact).toMatchObject({ orders: 1, carts: [] });
    }
  });
});

describe("a public write key", () => {
  it("serves a script that any page may load", async () => {
    const response = await fetch(`${stack.publicUrl}/b.js`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/javascript; charset=utf-8"]);
    expect((await response.text()).length).toBeLessThan(4_096);
    const preflight = await fetch(`${stack.publicUrl}/v1/batch`, {
      method: "OPTIONS",
      headers: { origin: "https://shop.example", "access-control-request-method": "POST" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
  });

  it("tells of no orders, speaks for no other site and reads nothing", async () => {
    const anonymousId = "e2e-anonymous-forger-1";
    const order = orderEvent("forged@customers.example", "forged-1", new Date().toISOString());
    const refused = [
      await fromPage("track", { ...order, anonymousId }),
      await fromPage("alias", message({ previousId: anonymousId, userId: "u-1" })),
      await fromPage("track", happened("Product Viewed", mug, { anonymousId }), "https://evil.example"),
      await fetch(`${stack.staffUrl}/v1/contacts`, { headers: { authorization: `Bearer ${writeKey}` } }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 401]);
    await stack.host.drain();
    expect(await stack.contact("forged@customers.example")).toBeUndefined();
  });

  it("overwrites nothing that the shop said, and no consent", async () => {
    const email = "firm@customers.example";
    await post("identify", message({ traits: { email, company: "Analytical Engines", plan: "pro" } }));
    await stack.postLead({ email, marketing: true });
    await stack.host.drain();
    const before = await stack.mailsTo(email);
    const anonymousId = "e2e-anonymous-forger-2";
    const traits = { email, company: "Forged", plan: "free", colour: "red", marketing: true, consent: "granted" };
    await fromPage("identify", message({ anonymousId, traits }));
    await fromPage("track", happened("Subscribed", { email }, { anonymousId }));
    await stack.host.drain();
    expect((await stack.contact(email))?.contact).toMatchObject({
      fields: { company: "Analytical Engines" },
      traits: { plan: "pro", colour: "red" },
    });
    expect(await namesOf(email)).not.toContain("Subscribed");
    expect(await stack.mailsTo(email)).toEqual(before);
  });
});
