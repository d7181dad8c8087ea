import { createHmac } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMails } from "../../scripts/mail.ts";
import { openTable } from "../../shared/table/client.ts";
import { startShop } from "../support/fake-shop.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { contentsOf } from "../support/table-contents.ts";
import { order as wooOrder } from "../unit/connectors/fixtures/woocommerce.ts";

let stack: TestStack;
let secret = "shop-secret-1";
beforeAll(async () => {
  stack = await startTestStack();
  expect((await connect("harbour", secret)).status).toBe(200);
});
afterAll(() => stack.process.close());

const connect = (source: string, given: string, connector = "shopify") =>
  stack.staff("admin", "PUT", `/v1/sources/${source}`, { body: { connector, secret: given } });

let deliveries = 0;
/** Posts a webhook as Shopify does; `by` signs it. Digits beyond 2^53 stand bare, as on the wire. */
async function shopify(
  topic: string,
  body: unknown,
  { id = `d-${++deliveries}`, by = secret, source = "harbour" } = {},
) {
  const text = JSON.stringify(body).replaceAll(/"id:(\d+)"/g, "$1");
  const response = await fetch(`${stack.publicUrl}/v1/webhooks/shopify/${source}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-shopify-topic": topic,
      "x-shopify-webhook-id": id,
      "x-shopify-hmac-sha256": createHmac("sha256", by).update(text).digest("base64"),
    },
    body: text,
  });
  await response.arrayBuffer();
  return response.status;
}

async function sources() {
  const answer = await stack.staff("admin", "GET", "/v1/sources");
  return answer.text();
}

const order = (email: string, number: number, placedAt: string) => ({
  id: `id:90071992547409${number}`,
  email,
  currency: "EUR",
  created_at: placedAt,
  subtotal_price: "50.00",
  total_price: "65.00",
  total_tax: "10.00",
  cart_token: `cart-token-of-${number}-is-long`,
  checkout_token: `checkout-token-of-${number}`,
  customer: { id: `id:80071992547409${number}`, email, first_name: "Ada", last_name: "Quay" },
  line_items: [{ product_id: "id:9182736455463728192", title: "Mug", quantity: 2, price: "25.00", properties: null }],
});

const refund = (number: number, at: string, subtotal: string) => ({
  id: `id:70071992547409${number}`,
  order_id: `id:90071992547409${number}`,
  created_at: at,
  refund_line_items: [
    {
      quantity: 1,
      subtotal,
      subtotal_set: { shop_money: { amount: subtotal, currency_code: "EUR" } },
      line_item: null,
    },
  ],
  transactions: [{ kind: "refund", status: "success", amount: subtotal }],
});

const now = async () => (await stack.host.state()).clock.now;
const namesOf = (events: readonly { readonly name: string }[] = []) => events.map(({ name }) => name);

describe("a shop's order", () => {
  const email = "buyer@customers.example";

  it("that comes twice, after its own refund and its cart, is one contact with the right net revenue", async () => {
    const at = await now();
    const [placed, back] = [order(email, 11, at), refund(11, at, "20.00")];
    const cart = { token: placed.cart_token, updated_at: at, line_items: placed.line_items };
    expect(await shopify("refunds/create", back)).toBe(200);
    await stack.host.drain();
    expect(await shopify("carts/update", cart)).toBe(200);
    await stack.host.drain();
    expect(JSON.parse(await sources()).items[0].unknownCarts).toEqual({ count: 1, exact: true });
    expect(await shopify("orders/create", placed, { id: "twice" })).toBe(200);
    expect(await shopify("orders/create", placed, { id: "twice" })).toBe(200);
    expect(await shopify("orders/paid", { ...placed, financial_status: "paid" })).toBe(200);
    expect(await shopify("refunds/create", back)).toBe(200);
    await stack.host.drain();
    await stack.host.advance("30m", "5m");
    const contacts = await stack.contacts();
    expect(contacts.filter((contact) => contact.email === email)).toHaveLength(1);
    const found = await stack.contact(email);
    expect(found?.contact).toMatchObject({ orders: 1, revenue: [{ amount: 3000, currency: "EUR" }] });
    expect(JSON.parse(await sources()).items[0].unknownCarts).toEqual({ count: 0, exact: true });
    const names = namesOf(found?.events);
    expect(names.filter((name) => name.startsWith("Order "))).toHaveLength(2);
    expect(names).toContain("Cart Viewed");
    expect(JSON.stringify(found?.events)).toContain('"orderId":"9007199254740911"');
  });
});

describe("what nobody has signed", () => {
  it("is refused and leaves nothing", async () => {
    const at = await now();
    expect(await shopify("orders/create", order("forged@customers.example", 12, at), { by: "not-the-secret" })).toBe(
      401,
    );
    expect(await shopify("orders/create", order("forged@customers.example", 12, at), { source: "nobody" })).toBe(404);
    await stack.host.drain();
    expect(await stack.contact("forged@customers.example")).toBeUndefined();
  });

  it("is refused as well when Stripe signed it long ago", async () => {
    expect((await connect("pay", "whsec_12345678", "stripe")).status).toBe(200);
    const body = JSON.stringify({
      id: "evt_1",
      type: "customer.created",
      created: 1_700_000_000,
      data: { object: { id: "cus_1", email: "stripe@customers.example" } },
    });
    const post = async (seconds: number) => {
      const v1 = createHmac("sha256", "whsec_12345678").update(`${seconds}.${body}`).digest("hex");
      const headers = { "stripe-signature": `t=${seconds},v1=${v1}` };
      const response = await fetch(`${stack.publicUrl}/v1/webhooks/stripe/pay`, { method: "POST", headers, body });
      await response.arrayBuffer();
      return response.status;
    };
    const seconds = Math.floor(Date.parse(await now()) / 1000);
    expect(await post(seconds - 600)).toBe(401);
    await stack.host.drain();
    expect(await stack.contact("stripe@customers.example")).toBeUndefined();
    expect(await post(seconds)).toBe(200);
    await stack.host.drain();
    expect(await stack.contact("stripe@customers.example")).toBeDefined();
  });
});

describe("a shop whose API is connected", () => {
  const key = "ck_0123456789:cs_0123456789";
  const buy = (source: string, address: string) =>
    stack.staff("admin", "PUT", `/v1/sources/${source}`, {
      body: { connector: "woocommerce", secret: "woo-secret", api: { address, key } },
    });
  const importsOf = async (source: string) =>
    (await stack.staff("admin", "GET", `/v1/sources/${source}/imports`)).json();

  it("brings its orders, the youngest too, and nobody is written to, then or later", async () => {
    const at = (await now()).slice(0, 19);
    const buyers = Array.from({ length: 12 }, (_, number) => `bought-${number}@history.example`);
    const shop = await startShop(
      buyers.map((email, number) => ({
        ...wooOrder,
        id: number + 1,
        billing: { ...wooOrder.billing, email },
        ...(number % 2 === 0 && { date_paid_gmt: at, date_created_gmt: at }),
      })),
    );
    const mailsBefore = (await readMails(stack.host)).length;
    expect((await buy("sails", shop.address)).status).toBe(200);
    await stack.host.drain();
    expect(await importsOf("sails")).toMatchObject({
      items: [{ importId: "history", state: "done", read: 12, written: 12, refused: 0 }],
    });
    expect((await stack.contact("bought-0@history.example"))?.contact).toMatchObject({ orders: 1 });
    const missed = { ...wooOrder, id: 999, billing: { ...wooOrder.billing, email: "missed@history.example" } };
    shop.orders.push(missed);
    await stack.host.invoke("rapport-dev-reconciliation", {});
    await stack.host.drain();
    await stack.host.advance("20m", "10m");
    const night = await (await stack.staff("manager", "GET", "/v1/sources/sails/reconciliation")).json();
    expect(night).toMatchObject({ state: "done", imported: 1, differs: false });
    expect((await stack.contact("missed@history.example"))?.contact).toMatchObject({ orders: 1 });
    await stack.host.advance("26h", "6h");
    const mails = (await readMails(stack.host)).slice(mailsBefore).map(({ to }) => to);
    expect(mails.filter((to) => to.endsWith("@history.example"))).toEqual([]);
    expect(new Set(shop.asked.map(({ headers }) => headers.authorization))).toEqual(
      new Set([`Basic ${Buffer.from(key).toString("base64")}`]),
    );
    expect(JSON.stringify(await stack.host.get("/logs"))).not.toContain("ck_0123456789");
    shop.close();
  });

  it("that is away is waited for, and its address is one of a shop", async () => {
    const answer = await buy("nowhere", "http://169.254.169.254/latest");
    expect([answer.status, (await answer.json()).errors[0].pointer]).toEqual([422, "/api/address"]);
    expect((await buy("away", "http://127.0.0.1:9")).status).toBe(200);
    await stack.host.drain();
    expect(await importsOf("away")).toMatchObject({ items: [{ state: "running", read: 0 }] });
    const change = { body: { state: "cancelled" } };
    const cancelled = await stack.staff("admin", "PATCH", "/v1/sources/away/imports/history", change);
    expect(await cancelled.json()).toMatchObject({ state: "cancelled", problem: expect.stringContaining("reached") });
  });
});

it("imports a shop's exported orders, once they were looked at, beside those that its webhooks told, and starts nothing", async () => {
  const at = await now();
  expect(await shopify("orders/create", order("exported-1@customers.example", 71, at))).toBe(200);
  await stack.host.drain();
  const row = (number: number, amount: string) =>
    `#${number},exported-${number % 10}@customers.example,EUR,${amount},${amount},${at},1,"Mug, blue",${amount},90071992547409${number}`;
  const header = "Name,Email,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Id";
  const csv = [header, row(71, "99.00"), row(72, "20.00"), row(73, "30.00"), `#74,,EUR,1,1,${at},1,Mug,1,5`].join(
    "\r\n",
  );
  const path = "/v1/sources/harbour/imports/csv-orders";
  const mailsBefore = (await readMails(stack.host)).length;
  expect((await stack.staff("marketer", "PUT", `${path}/parts/1`, { csv })).status).toBe(403);
  const held = await stack.staff("admin", "PUT", `${path}/parts/1`, { csv });
  expect(await held.json()).toMatchObject({ format: "shopify", orders: 3, guests: 1, faulty: 0 });
  await stack.host.drain();
  expect(await stack.contact("exported-2@customers.example")).toBeUndefined();
  expect((await stack.staff("admin", "PATCH", path, { body: { state: "running" } })).status).toBe(200);
  await stack.host.drain();
  const done = await (await stack.staff("marketer", "GET", path)).json();
  expect(done).toMatchObject({ state: "done", pages: 1, expected: { pages: 1 }, read: 3, written: 3, refused: 0 });
  const net = async (number: number) => (await stack.contact(`exported-${number}@customers.example`))?.contact;
  expect(await net(1)).toMatchObject({ orders: 1, revenue: [{ amount: 5000, currency: "EUR" }] });
  expect(await net(2)).toMatchObject({ orders: 1, revenue: [{ amount: 2000, currency: "EUR" }] });
  await stack.host.advance("2h", "1h");
  const mails = (await readMails(stack.host)).slice(mailsBefore).map(({ to }) => to);
  expect(mails.filter((to) => /exported-[23]@/.test(to))).toEqual([]);
});

it("loses nothing while a secret is exchanged, and never shows one", async () => {
  const at = await now();
  const old = secret;
  expect(await shopify("orders/create", order("one@customers.example", 21, at))).toBe(200);
  await stack.host.advance("5s", "5s");
  secret = "shop-secret-2";
  const answer = await connect("harbour", secret);
  expect([answer.status, await answer.text()]).toEqual([200, expect.not.stringContaining("shop-secret")]);
  expect(await shopify("orders/create", order("two@customers.example", 22, at))).toBe(200);
  expect(await shopify("orders/create", order("three@customers.example", 23, at), { by: old })).toBe(200);
  await stack.host.drain();
  for (const name of ["one", "two", "three"]) expect(await stack.contact(`${name}@customers.example`)).toBeDefined();
  await stack.host.advance("25h", "5h");
  expect(await shopify("orders/create", order("four@customers.example", 24, at), { by: old })).toBe(401);
  expect(await sources()).not.toContain("shop-secret");
  expect(JSON.stringify(await stack.host.get("/logs"))).not.toContain("shop-secret");
});

it("hears a person's decision in the shop, but not against a withdrawal made here, which it tells the shop", async () => {
  const email = "decides@customers.example";
  const shop = await startShop([]);
  const api = { address: shop.address, key: "shpat_0123456789" };
  await stack.staff("admin", "PUT", "/v1/sources/harbour", { body: { connector: "shopify", secret, api } });
  const defaultEmailAddress = { marketingState: "SUBSCRIBED", marketingUpdatedAt: await now() };
  shop.customers.set(email, { id: "gid://shopify/Customer/1", defaultEmailAddress });
  const consent = async (state: string, at: string) =>
    shopify("customers_email_marketing_consent/update", {
      customer_id: "id:8007199254740931",
      email_address: email,
      email_marketing_consent: { state, opt_in_level: "single_opt_in", consent_updated_at: at },
    });
  expect(await consent("subscribed", await now())).toBe(200);
  await stack.host.drain();
  // past the quiet hours, whatever the time of day
  await stack.host.advance("12h", "4h");
  const welcome = (await stack.mailsTo(email)).at(-1);
  expect(welcome?.subject).toContain("Welcome");
  expect(await stack.press(welcome, "u")).toBe(200);
  await stack.host.drain();
  expect(shop.customers.get(email)?.defaultEmailAddress.marketingState).toBe("UNSUBSCRIBED");
  shop.close();
  await stack.host.advance("1h", "30m");
  expect(await consent("subscribed", await now())).toBe(200);
  await stack.host.drain();
  const names = namesOf((await stack.contact(email))?.events);
  expect(names.filter((name) => name === "Subscribed")).toHaveLength(1);
  expect(names.filter((name) => name === "Consent Changed")).toHaveLength(2);
});

/** How often a word stands in the table. */
async function tracesOf(word: string): Promise<number> {
  const { urls, tables } = await stack.host.state();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ endpoint: urls.dynamodb ?? "", region: "us-east-1", credentials });
  const items = [...(await contentsOf(openTable(tables[0] ?? "", client))).values()];
  return items.filter((item) => JSON.stringify(item).toLowerCase().includes(word)).length;
}

it("erases a buyer at a word of the administrator; what the shop tells of the order later makes nobody new", async () => {
  const email = "forgotten@customers.example";
  const placed = order(email, 41, await now());
  expect(await shopify("orders/create", placed)).toBe(200);
  expect(await shopify("orders/paid", placed)).toBe(200);
  await stack.host.drain();
  const { id, version } = (await stack.contact(email))?.contact ?? { id: "", version: 0 };
  const erase = (role: "admin" | "sales", seen: number) =>
    stack.staff(role, "DELETE", `/v1/contacts/${id}`, { headers: { "if-match": `"${seen}"` } });
  expect((await erase("sales", version)).status).toBe(403);
  expect((await erase("admin", version + 1)).status).toBe(409);
  expect(await tracesOf(email)).toBeGreaterThan(3);
  await stack.host.setFaults([{ function: "*-erasures", kind: "crashAfter", nth: 7 }]);
  expect(await (await erase("admin", version)).json()).toMatchObject({ contactId: id, state: "erasing" });
  expect((await stack.staff("sales", "GET", `/v1/contacts/${id}`)).status).toBe(404);
  await stack.host.drain();
  await stack.host.advance("10m", "1m");
  await stack.host.setFaults([]);
  expect(await tracesOf(email)).toBe(0);
  expect(await shopify("orders/updated", { ...placed, updated_at: await now() })).toBe(200);
  expect(await shopify("refunds/create", refund(41, await now(), "5.00"))).toBe(200);
  await stack.host.drain();
  await stack.host.advance("26h", "1h");
  expect(await tracesOf(email)).toBe(0);
  expect(await stack.contact(email)).toBeUndefined();
  const erasure = await (await stack.staff("admin", "GET", `/v1/erasures/${id}`)).json();
  expect(erasure).toMatchObject({ state: "done", deleted: { identity: 1, joined: 3 } });
  expect(erasure.late).toHaveLength(2);
});

it("does what the law gives the shop's customers: shows what is held, erases one, and all of a shop that leaves", async () => {
  const [email, other] = ["rights@customers.example", "leaving@customers.example"];
  const asks = { shop_domain: "harbour.example", customer: { id: 1, email } };
  expect(await shopify("orders/create", order(email, 51, await now()))).toBe(200);
  expect(await shopify("orders/create", order(other, 52, await now()))).toBe(200);
  await stack.host.drain();
  expect(await shopify("customers/data_request", { ...asks, data_request: { id: 77 } })).toBe(200);
  await stack.host.drain();
  const { contact, events } = (await stack.contact(email)) ?? {};
  expect(namesOf(events)).toContain("Privacy Request Received");
  const list = async () => (await (await stack.staff("admin", "GET", "/v1/privacy-requests")).json()).items;
  const [asked] = await list();
  expect(asked).toMatchObject({ type: "access", state: "open", reference: "77", contactIds: [contact?.id] });
  expect((await stack.staff("sales", "GET", "/v1/privacy-requests")).status).toBe(403);
  const path = `/v1/contacts/${contact?.id}/export`;
  expect((await stack.staff("sales", "GET", path)).status).toBe(403);
  const held = await (await stack.staff("admin", "GET", path)).json();
  expect(held).toMatchObject({
    profile: { email: { value: email } },
    identities: expect.arrayContaining([{ type: "email", email }]),
    nextCursor: null,
  });
  expect(JSON.stringify(held)).not.toContain(other);
  const answer = { body: { state: "done" } };
  expect((await stack.staff("admin", "PATCH", `/v1/privacy-requests/${asked.id}`, answer)).status).toBe(200);
  expect(await shopify("customers/redact", asks)).toBe(200);
  await stack.host.drain();
  expect(await tracesOf(email)).toBe(0);
  const nobody = { ...asks, customer: { id: 9, email: "nobody@customers.example" } };
  expect(await shopify("customers/redact", nobody)).toBe(200);
  expect(await shopify("shop/redact", { shop_domain: "harbour.example" })).toBe(200);
  await stack.host.drain();
  expect(await tracesOf(other)).toBe(0);
  expect(await tracesOf("nobody@customers.example")).toBe(0);
  expect((await list()).map((request: { type: string; state: string }) => [request.type, request.state])).toEqual(
    expect.arrayContaining(["access", "erasure", "shop"].map((type) => [type, "done"])),
  );
  expect(
    (await stack.staff("admin", "PUT", "/v1/sources/harbour", { body: { connector: "shopify", secret } })).status,
  ).toBe(200);
});

it("counts what says nothing, and sees that the app was removed", async () => {
  expect(await shopify("collections/update", { id: 1 })).toBe(200);
  expect(await shopify("app/uninstalled", { id: 1 })).toBe(200);
  await stack.host.drain();
  expect(JSON.parse(await sources()).items).toContainEqual(
    expect.objectContaining({ source: "harbour", connected: false, ignored: { "collections/update": 1 } }),
  );
});
