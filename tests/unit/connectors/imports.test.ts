import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import type { ConnectorMessage } from "../../../shared/connectors/connector-message.ts";
import { parseExactJson } from "../../../shared/connectors/exact-json.ts";
import { newImport } from "../../../shared/connectors/import.ts";
import { importHandlers } from "../../../shared/connectors/import-handlers.ts";
import { importPage } from "../../../shared/connectors/import-page-store.ts";
import { getImport, putImport } from "../../../shared/connectors/import-store.ts";
import { startReconciliations } from "../../../shared/connectors/reconciliation-store.ts";
import { ShopBusy, ShopRefusal } from "../../../shared/connectors/shop-error.ts";
import { getSource, putSource } from "../../../shared/connectors/source-store.ts";
import { writeBack } from "../../../shared/connectors/write-back-store.ts";
import { findByEmail } from "../../../shared/contacts/identity-store.ts";
import { erase } from "../../../shared/privacy/erase-store.ts";
import { beginErasure, listLateFacts, readErasure } from "../../../shared/privacy/erasure-store.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { fakeShop } from "../../support/fake-shop.ts";
import { settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { testStages } from "../../support/test-stages.ts";
import { noon, openWebhookDoor } from "./door.ts";
import { order, refund, wire } from "./fixtures/shopify.ts";

const source = "my-shopify";
let table: Table;
let stages: readonly Stage[];
let messages: { readonly message: ConnectorMessage; readonly delaySeconds: number | undefined }[];
let counted: string[];
let known: Map<string, Item>;
let mail: ReturnType<typeof recordingMailQueue>;
let shop: ReturnType<typeof fakeShop>;
const now = () => noon;

/** Orders numbered from one on, each of its own buyer, placed an hour ago. */
const orders = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const email = `buyer${at}@buyers.example`;
    const person = { id: String(8_000 + at), email };
    return {
      ...order,
      id: String(at + 1),
      cart_token: `cart-${at}`,
      checkout_token: `checkout-${at}`,
      email,
      contact_email: email,
      customer: person,
      processed_at: "2026-03-05T11:00:00Z",
    };
  });

beforeEach(async () => {
  table = await createTestTable(engine.url);
  messages = [];
  mail = recordingMailQueue();
  shop = fakeShop([]);
  known = new Map();
  counted = [];
  stages = testStages({
    table,
    now,
    count: (metric) => void counted.push(metric),
    sendMail: mail.sendMail,
    sendConnectors: async (message, delaySeconds) => void messages.push({ message, delaySeconds }),
  });
});

const deps = () => ({
  table,
  now,
  ask: shop.ask,
  secrets: async () => ({ connector: "shopify" as const, secrets: [], apiKey: "shpat_12345678" }),
});
const work = (message: ConnectorMessage) =>
  message.type === "page" ? importPage(deps(), message) : writeBack(deps(), message);

async function connect() {
  const address = "https://harbour.myshopify.com";
  await putSource(table, { source, connector: "shopify", connected: true, connectedAt: noon.toISOString(), address });
}

/** Delivers what changed to the stages. */
async function deliver() {
  await settle({ table, stages, known });
  known = await contentsOf(table);
}

/** Works off the queue until it is empty; each message twice. */
async function run() {
  await deliver();
  const delays: (number | undefined)[] = [];
  for (let message = messages.shift(); message !== undefined; message = messages.shift()) {
    delays.push(message.delaySeconds);
    await work(message.message);
    await work(message.message);
    await deliver();
  }
  return delays;
}

const history = () => getImport(table, source, "history");

describe("connecting a shop", () => {
  it("imports all its orders, each once, by its own date, and starts nothing", async () => {
    shop.orders.push(...orders(3), {
      ...order,
      id: "9007199254740993",
      refunds: [{ ...refund, order_id: "9007199254740993" }],
    });
    await connect();
    await run();
    expect(await history()).toMatchObject({ state: "done", read: 4, written: 4, skipped: 0, refused: 0, pages: 2 });
    const events = await itemsOf(table, "event");
    expect(events.filter(({ name }) => name === "Order Completed")).toHaveLength(4);
    expect(events.every(({ imported }) => imported === true)).toBe(true);
    expect(await itemsOf(table, "contact")).toHaveLength(4);
    expect(await itemsOf(table, "run")).toEqual([]);
    expect(mail.keys()).toEqual([]);
    expect(shop.asked[0]).toMatchObject({ headers: { "x-shopify-access-token": "shpat_12345678" } });
  });

  it("again imports nothing again", async () => {
    shop.orders.push(...orders(1));
    await connect();
    await run();
    await connect();
    await run();
    expect(shop.asked).toHaveLength(2);
  });

  it("knows an order that a webhook tells of as well, before or after", async () => {
    const door = await openWebhookDoor(table);
    shop.orders.push(parseExactJson(wire(order)) as never);
    expect((await door.shopify("orders/create", wire({ ...order, financial_status: "pending" }))).status).toBe(200);
    await connect();
    await run();
    expect((await door.shopify("orders/paid", wire(order), "later")).status).toBe(200);
    await run();
    const events = await itemsOf(table, "event");
    expect(events.map(({ name, imported }) => [name, imported]).sort()).toEqual([
      ["Order Completed", true],
      ["Order Placed", undefined],
    ]);
    expect(await itemsOf(table, "contact")).toMatchObject([{ orders: 1 }]);
  });
});

describe("an import", () => {
  it("names the orders that cannot be read, and goes on", async () => {
    shop.orders.push({ ...order, id: "7", line_items: "Nora's secret" }, { id: "8" }, ...orders(3));
    await connect();
    await run();
    expect(await history()).toMatchObject({
      state: "done",
      read: 5,
      written: 3,
      skipped: 1,
      refused: 1,
      refusals: [{ order: "7", problems: ["/line_items: invalid_type"] }],
    });
    expect(JSON.stringify(await history())).not.toContain("secret");
  });

  it("waits as long as the shop asks, and longer each time when it does not say", async () => {
    shop.orders.push(...orders(1));
    shop.failures.push(new ShopBusy("Slow down.", { retryAfterSeconds: 40 }), new ShopBusy("Slow down."));
    await connect();
    await settle({ table, stages });
    await work(messages[0]?.message ?? never());
    expect(await history()).toMatchObject({ state: "running", waitSeconds: 40, tries: 1, problem: "Slow down." });
    messages = [];
    await run();
    expect(await history()).toMatchObject({ state: "done", written: 1, tries: 0 });
    expect((await history())?.problem).toBeUndefined();
  });

  it("fails when the shop stays away, says why, and goes on from there when it is resumed", async () => {
    shop.orders.push(...orders(3));
    await connect();
    await settle({ table, stages });
    await work(messages.shift()?.message ?? never());
    shop.failures.push(...Array.from({ length: 12 }, () => new ShopBusy("The shop answers 503.")));
    await run();
    expect(await history()).toMatchObject({
      state: "failed",
      pages: 1,
      read: 3,
      problem: expect.stringContaining("503"),
    });
    await change("running");
    await run();
    expect(await history()).toMatchObject({ state: "done", pages: 2, read: 3, written: 3 });
  });

  it.each([
    ["refuses the key", () => shop.failures.push(new ShopRefusal("The shop refuses the key (401)."))],
    ["answers with something else", () => (shop = { ...shop, ask: async () => ({ errors: "none" }) })],
    ["tells one page for ever", () => (shop = { ...shop, ask: async () => ({ orders: orders(2) }) })],
  ])("fails at once when the shop %s", async (_, fail) => {
    await connect();
    fail();
    await run();
    expect(await history()).toMatchObject({
      state: "failed",
      problem: expect.stringMatching(/^(The shop|The import)/),
    });
  });

  it("that is cancelled stops, and keeps what it has brought", async () => {
    shop.orders.push(...orders(3));
    await connect();
    await settle({ table, stages });
    await work(messages.shift()?.message ?? never());
    await change("cancelled");
    await run();
    expect(await history()).toMatchObject({ state: "cancelled", read: 3 });
    expect(shop.asked).toHaveLength(1);
  });

  it("loses nothing when it crashes after any write, and counts no page twice", async () => {
    shop.orders.push(...orders(3));
    await connect();
    await settle({ table, stages });
    const [first] = messages;
    // All facts are kept, the note is not: as a crash in between leaves it.
    const { client } = table;
    const crashing = { ...table, client: Object.assign(Object.create(client), { send: crashAt("IMPORTS#") }) } as Table;
    if (first?.message.type !== "page") never();
    await expect(importPage({ ...deps(), table: crashing }, first.message)).rejects.toThrow("crash");
    expect(await itemsOf(table, "intake")).toHaveLength(3);
    await run();
    expect(await history()).toMatchObject({ state: "done", read: 3, written: 3, pages: 2 });
    expect(await itemsOf(table, "event")).toHaveLength(3);
  });

  it("runs alone in its shop", async () => {
    await connect();
    await settle({ table, stages });
    const start = () => handlers().startImport(request({ source }, { from: "2026-01-01" }));
    await expect(start()).rejects.toMatchObject({ code: "already_exists" });
    await change("cancelled");
    const started = await start();
    expect(started).toMatchObject({ status: 201, body: { state: "running", from: "2026-01-01T00:00:00.000Z" } });
    await run();
    expect(new URL(shop.asked[0]?.url ?? "").searchParams.get("created_at_min")).toBe("2026-01-01T00:00:00.000Z");
  });
});

describe("a night's reconciliation", () => {
  const night = async () => (await handlers().getReconciliation(request({ source }, undefined))).body;

  it("imports what is missing, looks again, and rings nobody when nothing is apart any more", async () => {
    shop.orders.push(...orders(3));
    await connect();
    await run();
    shop.orders.push(
      ...orders(5).slice(3),
      { ...order, id: "9", test: true },
      { ...order, id: "10", email: null, contact_email: null, customer: null },
    );
    shop.asked.length = 0;
    expect(await startReconciliations(table, now())).toBe(1);
    expect(await startReconciliations(table, now())).toBe(1);
    const delays = await run();
    expect(delays).toContain(900);
    expect(await night()).toMatchObject({
      state: "done",
      imported: 2,
      differs: false,
      days: [{ date: "2026-03-05", shop: { orders: 5 }, rapport: { orders: 5 }, missing: [] }],
    });
    expect(counted).toEqual([]);
    expect(new URL(shop.asked[0]?.url ?? "").searchParams.get("created_at_max")).toBe("2026-03-05T00:00:00.000Z");
    expect((await itemsOf(table, "event")).filter(({ name }) => name === "Order Completed")).toHaveLength(5);
    expect(mail.keys()).toEqual([]);
    expect((await handlers().listImports(request({ source }, undefined))).body).toMatchObject({
      items: [{ importId: "history" }],
    });
  });

  it("looks once when nothing is apart", async () => {
    shop.orders.push(...orders(2));
    await connect();
    await run();
    await startReconciliations(table, now());
    expect(await run()).not.toContain(900);
    expect(await night()).toMatchObject({ state: "done", imported: 0, differs: false });
  });

  it.each([
    ["a refund", {}, 1000],
    ["a cancellation", { refunds: [], cancelled_at: "2026-03-04T12:00:00Z" }, 0],
    ["both", { cancelled_at: "2026-03-04T12:00:00Z" }, 0],
  ])("imports %s that no webhook told of, once, and rings nobody", async (_, changes, net) => {
    shop.orders.push(...orders(2));
    await connect();
    await run();
    const [changed, ...others] = orders(2);
    shop.orders.splice(0, 2, { ...changed, id: "1", refunds: [{ ...refund, order_id: "1" }], ...changes }, ...others);
    await startReconciliations(table, now());
    expect(await run()).toContain(900);
    const amounts = { orders: 2, revenue: { EUR: 2000 + net } };
    expect(await night()).toMatchObject({ imported: 1, differs: false, days: [{ shop: amounts, rapport: amounts }] });
    expect(counted).toEqual([]);
    const revenue = async () =>
      (await itemsOf(table, "contact")).map((contact) => Reflect.get(Object(contact.revenue), "EUR"));
    expect((await revenue()).sort()).toEqual([net, 2000]);
    await startReconciliations(table, new Date("2026-03-06T08:30:00Z"));
    expect(await run()).not.toContain(900);
    expect(await night()).toMatchObject({ imported: 0, differs: false });
    expect((await revenue()).sort()).toEqual([net, 2000]);
  });

  it("asks for what has changed, and shows older orders together", async () => {
    shop.orders.push(...orders(1).map((each) => ({ ...each, processed_at: "2026-01-02T10:00:00Z" })));
    await connect();
    await startReconciliations(table, now());
    await run();
    expect(new URL(shop.asked[0]?.url ?? "").searchParams.get("updated_at_min")).toBe("2026-02-26T00:00:00.000Z");
    expect(await night()).toMatchObject({ imported: 1, days: [{ date: "earlier", rapport: { orders: 1 } }] });
  });

  it("imports an unpaid order that no webhook told of, and counts it on neither side", async () => {
    await connect();
    shop.orders.push(...orders(1).map((each) => ({ ...each, financial_status: "pending" })));
    await startReconciliations(table, now());
    await run();
    expect(await night()).toMatchObject({ differs: false, days: [] });
    expect((await itemsOf(table, "event")).map(({ name }) => name)).toEqual(["Order Placed"]);
  });

  it("rings once when an amount stays apart, and tells which day", async () => {
    shop.orders.push(...orders(1));
    await connect();
    await run();
    shop.orders.splice(0, 1, ...orders(1).map((each) => ({ ...each, subtotal_price: "19.00" })));
    await startReconciliations(table, now());
    await run();
    expect(await night()).toMatchObject({
      differs: true,
      days: [{ differs: true, shop: { revenue: { EUR: 1900 } }, rapport: { revenue: { EUR: 2000 } } }],
    });
    expect(counted).toEqual(["ReconciliationDiffers"]);
  });

  it("that there was none of yet is not found", async () => {
    await connect();
    await expect(night()).rejects.toMatchObject({ code: "not_found" });
  });
});

it("asks nobody for a shop that is not connected for reading", async () => {
  await openWebhookDoor(table);
  expect((await getSource(table, source))?.address).toBeUndefined();
  await expect(handlers().startImport(request({ source }, {}))).rejects.toMatchObject({ code: "not_found" });
  await run();
  expect([shop.asked, messages]).toEqual([[], []]);
});

const handlers = () => importHandlers({ table, now });
const change = (state: "cancelled" | "running") =>
  handlers().changeImport(request({ source, importId: "history" }, { state }));

function request<Params, Body>(params: Params, body: Body) {
  const rest = { headers: {}, rawBody: Buffer.alloc(0), sourceIp: "", correlationId: "test", caller: undefined };
  return { params, body, query: undefined, ...rest };
}

function never(): never {
  throw new Error("nothing was asked for");
}

/** A client that crashes before its first write to such a partition. */
function crashAt(prefix: string) {
  return async (command: { readonly input: { readonly Item?: { readonly pk?: unknown } } }) => {
    if (String(command.input.Item?.pk).startsWith(prefix)) throw new Error("crash");
    return table.client.send(command as never);
  };
}

describe("a person who was erased while the shop still has their orders", () => {
  const email = "buyer0@buyers.example";
  const traces = async () => JSON.stringify([...(await contentsOf(table)).values()]).includes(email);
  const importAgain = async (importId: string) => {
    await putImport(table, newImport({ source, importId, startedAt: noon.toISOString() }));
    await run();
    expect(await getImport(table, source, importId)).toMatchObject({ state: "done", refused: 0 });
  };
  const erased = async () => {
    const contactId = await findByEmail(table, email);
    const request = { contactId: contactId ?? "", reason: "request", requestedBy: "boss", at: noon } as const;
    await beginErasure(table, request);
    const { version } = (await readErasure(table, request.contactId)) ?? { version: 0 };
    await erase({ table, now }, { contactId: request.contactId, version });
    await deliver();
    expect(await traces()).toBe(false);
    return request.contactId;
  };

  beforeEach(async () => {
    shop.orders.push(...orders(2));
    await connect();
    await run();
  });

  it("is not brought back by an import, neither by orders we had nor by ones we never heard of", async () => {
    const contactId = await erased();
    const [bought] = orders(1);
    // An order that no import and no webhook had told of, with a refund that comes later.
    shop.orders.push({ ...bought, id: "9", refunds: [{ ...refund, id: "91", order_id: "9" }] });
    await importAgain("again");
    for (const { pk, sk } of [...(await itemsOf(table, "intake")), ...(await itemsOf(table, "erasedIntake"))]) {
      // Intake items expire after 90 days: nothing of them tells a copy then.
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
    }
    known = await contentsOf(table);
    await importAgain("later");
    expect(await traces()).toBe(false);
    expect(await findByEmail(table, email)).toBeUndefined();
    expect((await itemsOf(table, "contact")).map((item) => item.contactId)).toHaveLength(1);
    expect(await listLateFacts(table, contactId)).toHaveLength(3);
  });

  it("is not missed by the night's comparison", async () => {
    await erased();
    const [bought] = orders(1);
    const yesterday = "2026-03-04T11:00:00Z";
    shop.orders.push({ ...bought, id: "9", processed_at: yesterday });
    await startReconciliations(table, noon);
    await run();
    expect(await getImport(table, source, "nightly-2026-03-05")).toMatchObject({ state: "done" });
    expect(counted).toEqual([]);
    expect(await traces()).toBe(false);
  });

  it("who buys again is somebody new, whose older orders stay away", async () => {
    await erased();
    const [bought] = orders(1);
    const anew = { ...bought, processed_at: "2026-03-05T12:00:01Z" };
    shop.orders.push({ ...anew, id: "10" });
    await importAgain("anew");
    const contactId = await findByEmail(table, email);
    shop.orders.push({ ...bought, id: "11" });
    await importAgain("older");
    const events = (await itemsOf(table, "event")).filter(({ pk }) => pk === `CONTACT#${contactId}`);
    expect(events.map(({ properties }) => properties)).toMatchObject([{ orderId: "10" }]);
  });
});
