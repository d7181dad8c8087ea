import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import type { PageMessage } from "../../../shared/connectors/connector-message.ts";
import { importFileHandlers } from "../../../shared/connectors/import-file-handlers.ts";
import { importHandlers } from "../../../shared/connectors/import-handlers.ts";
import { importPage } from "../../../shared/connectors/import-page-store.ts";
import { putSource } from "../../../shared/connectors/source-store.ts";
import { createRouter } from "../../../shared/http/router.ts";
import { importFileRoutes, importRoutes } from "../../../shared/http/routes/imports.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { testStages } from "../../support/test-stages.ts";
import { postEvent } from "../intake/door.ts";
import { noon, openWebhookDoor } from "./door.ts";
import { order, wire } from "./fixtures/shopify.ts";

const now = () => noon;
let table: Table;
let stages: readonly Stage[];
let messages: PageMessage[];
let known: Map<string, Item>;
let mail: ReturnType<typeof recordingMailQueue>;

beforeEach(async () => {
  table = await createTestTable(engine.url);
  messages = [];
  known = new Map();
  mail = recordingMailQueue();
  stages = testStages({
    table,
    now,
    sendMail: mail.sendMail,
    sendConnectors: async (message) => void (message.type === "page" && messages.push(message)),
  });
});

const deps = () => ({
  table,
  now,
  ask: () => Promise.reject(new Error("a file needs no shop")),
  secrets: async () => undefined,
});

/** Delivers changes and works off the queue, each message twice, until it is empty. */
async function run() {
  const deliver = async () => {
    await settle({ table, stages, known });
    known = await contentsOf(table);
  };
  await deliver();
  for (let message = messages.shift(); message !== undefined; message = messages.shift()) {
    await importPage(deps(), message);
    await importPage(deps(), message);
    await deliver();
  }
}

async function ask(method: "GET" | "PUT" | "PATCH", path: string, body: string, type: string, query = {}) {
  const route = createRouter({
    routes: [...importRoutes, ...importFileRoutes],
    handlers: {
      ...importHandlers({ table, now }),
      ...importFileHandlers({ table, now, timeZone: "Europe/Berlin", pageOrders: 2 }),
    },
    onFault: (error) => {
      throw error;
    },
  });
  const [, , , source = "", , importId = "", , part] = path.split("/");
  const event = postEvent({
    routeKey: `${method} /v1/sources/{source}/imports/{importId}${part === undefined ? "" : "/parts/{part}"}`,
    body: Buffer.from(body),
    headers: { "content-type": type },
  });
  const claims = { "cognito:groups": "[admin]", scope: "rapport/admin" };
  const requestContext = { ...event.requestContext, authorizer: { jwt: { claims, scopes: [] } } };
  const answer = await route({
    ...event,
    requestContext,
    pathParameters: { source, importId, ...(part !== undefined && { part }) },
    queryStringParameters: query,
  } as typeof event);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? "{}") };
}

const put = (path: string, csv: string, query = {}) => ask("PUT", `/v1/sources/${path}`, csv, "text/csv", query);
const get = async (path: string) => (await ask("GET", `/v1/sources/${path}`, "", "")).body;
const change = (path: string, body: object) =>
  ask("PATCH", `/v1/sources/${path}`, JSON.stringify(body), "application/json");
const begin = (path: string, more = {}) => change(path, { state: "running", ...more });

const columns = "order_id,email,occurred_at,currency,total";
/** Orders from a number on, each of its own buyer, placed an hour ago. */
const csv = (count: number, from = 1) =>
  [
    columns,
    ...Array.from({ length: count }, (_, at) => `${at + from},b${at + from}@x.example,2026-03-05T11:00Z,EUR,10`),
  ].join("\n");

const path = "corner-shop/imports/csv-1";
const pages = async () => (await itemsOf(table, "importPage")).length;

describe("a file", () => {
  it("says what it holds and imports nothing, until it is begun", async () => {
    const text = `${csv(3)}\n8,,2026-02-01,JPY,500\n9,x@x.example,2026-02-01,JPY,500\n`;
    expect(await put(`${path}/parts/1`, text)).toMatchObject({
      status: 200,
      body: {
        part: 1,
        format: "generic",
        rows: 5,
        orders: 4,
        guests: 1,
        faulty: 0,
        firstAt: "2026-01-31T23:00:00.000Z",
        lastAt: "2026-03-05T11:00:00.000Z",
        totals: [
          { orders: 3, revenue: { amount: 3000, currency: "EUR" } },
          { orders: 1, revenue: { amount: 500, currency: "JPY" } },
        ],
      },
    });
    await run();
    expect(await itemsOf(table, "intake")).toEqual([]);
    expect(await get(path)).toMatchObject({ state: "draft", file: { parts: 1, orders: 4, guests: 1 } });
  });

  it("is imported page by page, part by part; it starts nothing, and its pages are gone then", async () => {
    await put(`${path}/parts/1`, csv(3));
    await put(`${path}/parts/2`, csv(2, 4));
    expect((await begin(path)).body).toMatchObject({
      state: "running",
      expected: { parts: 2, pages: 3, orders: 5 },
    });
    await run();
    expect(await get(path)).toMatchObject({ state: "done", pages: 3, read: 5, written: 5, refused: 0 });
    expect(await itemsOf(table, "contact")).toHaveLength(5);
    expect((await itemsOf(table, "event")).every(({ imported }) => imported === true)).toBe(true);
    expect([await itemsOf(table, "run"), mail.keys(), await pages()]).toEqual([[], [], 0]);
  });

  it("may have a part of which nothing is imported", async () => {
    const guests = `${columns}\n9,,2026-03-05,EUR,10`;
    for (const [at, part] of [csv(1), guests, csv(1, 2), guests].entries()) await put(`${path}/parts/${at + 1}`, part);
    await begin(path);
    await run();
    expect(await get(path)).toMatchObject({ state: "done", read: 2, written: 2, file: { guests: 2 } });
  });

  it("that is sent once more, as another import, adds nothing", async () => {
    for (const id of ["csv-1", "csv-2"]) {
      await put(`corner-shop/imports/${id}/parts/1`, csv(3));
      await begin(`corner-shop/imports/${id}`);
      await run();
    }
    expect(await get("corner-shop/imports/csv-2")).toMatchObject({ state: "done", written: 3 });
    expect(await itemsOf(table, "event")).toHaveLength(3);
  });

  it("with a fault begins only without what is faulty, and says which rows", async () => {
    await put(`${path}/parts/1`, `${csv(2)}\n7,x@x.example,never,EUR,1`, { firstRow: "100" });
    const refused = await begin(path);
    expect(refused).toMatchObject({
      status: 422,
      body: {
        errors: [{ pointer: "/parts/1/rows/102/occurred_at" }],
        detail: expect.stringContaining("withoutFaulty"),
      },
    });
    await run();
    expect(await itemsOf(table, "intake")).toEqual([]);
    expect((await begin(path, { withoutFaulty: true })).status).toBe(200);
    await run();
    expect(await get(path)).toMatchObject({ state: "done", written: 2 });
  });

  it("is mended by sending the part again", async () => {
    await put(`${path}/parts/1`, `${csv(5)}\n7,x@x.example,never,EUR,1`);
    await put(`${path}/parts/1`, csv(2));
    expect((await begin(path)).body).toMatchObject({ expected: { pages: 1, orders: 2 } });
    await run();
    expect(await itemsOf(table, "event")).toHaveLength(2);
  });

  it.each([
    ["a part is missing", ["2"], csv(1), /part 1 of the file is missing/],
    ["there is no order", ["1"], `${columns}\n1,,2026-01-01,EUR,1`, /no order/],
  ])("does not begin when %s", async (_, parts, text, problem) => {
    for (const part of parts) await put(`${path}/parts/${part}`, text);
    expect(await begin(path)).toMatchObject({ status: 422, body: { detail: expect.stringMatching(problem) } });
  });

  it("takes no part once it is begun, nor another import beside it", async () => {
    await put(`${path}/parts/1`, csv(1));
    await put("corner-shop/imports/csv-2/parts/1", csv(1));
    await begin(path);
    expect((await put(`${path}/parts/2`, csv(1))).status).toBe(409);
    expect((await begin("corner-shop/imports/csv-2")).status).toBe(409);
  });

  it.each([
    ["an id of another kind", "corner-shop/imports/nightly-1/parts/1", {}, 422],
    ["a part beyond all", "corner-shop/imports/csv-1/parts/201", {}, 422],
    ["no time zone", `${path}/parts/1`, { timeZone: "Mars/Base" }, 422],
    ["no format", `${path}/parts/1`, { format: "ebay" }, 422],
  ])("with %s is refused", async (_, to, query, status) => {
    expect((await put(to, csv(1), query)).status).toBe(status);
    expect((await contentsOf(table)).size).toBe(0);
  });

  it("that is no CSV, or is too large, is refused", async () => {
    expect((await ask("PUT", `/v1/sources/${path}/parts/1`, "{}", "application/json")).status).toBe(415);
    expect((await put(`${path}/parts/1`, "x".repeat(4_000_001))).status).toBe(413);
  });
});

describe("an import of a file", () => {
  it("goes on after a crash anywhere, and keeps each order once", async () => {
    await put(`${path}/parts/1`, csv(3));
    await begin(path);
    await settle({ table, stages });
    const [first] = messages;
    const { client } = table;
    for (const prefix of ["INTAKE#", "IMPORTS#"]) {
      const crashing = { ...table, client: Object.assign(Object.create(client), { send: crashAt(prefix) }) } as Table;
      await expect(importPage({ ...deps(), table: crashing }, first ?? never())).rejects.toThrow();
    }
    expect(await get(path)).toMatchObject({ state: "running", pages: 0 });
    await run();
    expect(await get(path)).toMatchObject({ state: "done", pages: 2, read: 3, written: 3 });
    expect(await itemsOf(table, "event")).toHaveLength(3);
  });

  it("stops when it is cancelled, and goes on where it was", async () => {
    await put(`${path}/parts/1`, csv(3));
    await begin(path);
    await settle({ table, stages });
    await importPage(deps(), messages.shift() ?? never());
    await change(path, { state: "cancelled" });
    await run();
    expect(await get(path)).toMatchObject({ state: "cancelled", pages: 1, read: 2 });
    await begin(path);
    await run();
    expect(await get(path)).toMatchObject({ state: "done", pages: 2, read: 3 });
  });

  it("fails, and says what to do, when its pages have expired", async () => {
    await put(`${path}/parts/1`, csv(1));
    await begin(path);
    for (const { pk, sk } of await itemsOf(table, "importPage")) {
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
    }
    await run();
    expect(await get(path)).toMatchObject({ state: "failed", problem: expect.stringContaining("Send the file again") });
  });
});

describe("an order of Shopify's export", () => {
  const source = "my-shopify";
  const exported = (over = "") =>
    "Name,Email,Currency,Subtotal,Taxes,Total,Refunded Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Id\n" +
    `#1042,nora.quay@buyers.example,EUR,${over || "20.00"},0,20.00,20.00,2026-03-01 10:00:05 +0100,2,Mug,12.50,9182736455463728199`;
  const completed = async () => (await itemsOf(table, "event")).filter(({ name }) => name === "Order Completed");
  const importFile = async () => {
    await put(`${source}/imports/csv-1/parts/1`, exported("99.00"));
    await begin(`${source}/imports/csv-1`);
    await run();
  };

  it("is the order that a webhook tells of, before or after, and never overwrites it", async () => {
    const door = await openWebhookDoor(table);
    expect((await door.shopify("orders/create", wire(order))).status).toBe(200);
    await run();
    const [told] = await completed();
    await importFile();
    expect(await completed()).toEqual([told]);
    expect(await get(`${source}/imports/csv-1`)).toMatchObject({ state: "done", written: 1, refused: 0 });
  });

  it("takes the place of what comes later, and its refunds are not taken back twice", async () => {
    const door = await openWebhookDoor(table);
    await put(`${source}/imports/csv-1/parts/1`, exported());
    await begin(`${source}/imports/csv-1`);
    await run();
    const net = async () => (await itemsOf(table, "contact"))[0]?.revenue;
    expect(await net()).toEqual({ EUR: 0 });
    const part = { subtotal: "12.00", subtotal_set: { shop_money: { amount: "12.00", currency_code: "EUR" } } };
    const body = { id: "77", order_id: "id:9182736455463728199", refund_line_items: [{ quantity: 1, ...part }] };
    expect((await door.shopify("orders/create", wire(order), "d-2")).status).toBe(200);
    expect((await door.shopify("refunds/create", wire(body), "d-3")).status).toBe(200);
    await run();
    expect(await completed()).toHaveLength(1);
    expect(await itemsOf(table, "contact")).toMatchObject([{ orders: 1, refunded: { EUR: 2000 } }]);
    const entries = (await itemsOf(table, "kpiEntry")).filter(({ fact }) => fact === "Order Refunded");
    const counted = entries.filter(({ withdrawn }) => withdrawn !== true);
    expect(counted.map(({ properties }) => properties)).toMatchObject([{ amount: 2000 }]);
  });

  it("is read as Shopify's without being told so, where the source is a shop of Shopify", async () => {
    await putSource(table, { source, connector: "shopify", connected: true, connectedAt: noon.toISOString() });
    expect((await put(`${source}/imports/csv-1/parts/1`, exported())).body).toMatchObject({
      format: "shopify",
      orders: 1,
    });
    expect(await put("other/imports/csv-1/parts/1", exported())).toMatchObject({ status: 422 });
  });
});

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
