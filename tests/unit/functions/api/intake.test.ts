import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { apiKeyIdOf } from "../../../../shared/access/api-key.ts";
import { putApiKey } from "../../../../shared/access/api-key-store.ts";
import { putForm } from "../../../../shared/forms/form-store.ts";
import type { Table } from "../../../../shared/table/client.ts";
import { startDynamoDbLocal } from "../../../support/dynamodb-local.ts";
import { engine } from "../../../support/engine.ts";
import { createTestTable } from "../../../support/table.ts";
import { itemsOf } from "../../../support/table-contents.ts";
import { definition, type Posted, postEvent, problemOf, secret } from "../../intake/door.ts";
import { invoke, standOn } from "./invoke.ts";

let table: Table;
let handler: unknown;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  await putForm(table, "contact", definition, undefined);
  standOn(engine.url, table, { PUBLIC_NAME: "Harbour", POSTAL_ADDRESS: "1 Harbour Street" });
  handler = (await import("../../../../functions/api/intake.ts")).handler;
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

const post = (posted: Posted) => invoke(handler, postEvent(posted));
const headers = { "content-type": "application/json" };
const lead = (email: string) => post({ body: JSON.stringify({ email }), headers });

describe("the door as it is deployed", () => {
  it("takes a lead and an order", async () => {
    await putApiKey(table, { id: apiKeyIdOf(secret), name: "shop", scopes: ["track"], createdAt: "2026-03-01" });
    expect((await lead("ada@example.com")).statusCode).toBe(202);
    const order = {
      event: "Order Completed",
      messageId: "m-1",
      properties: { order_id: "1", currency: "EUR", total: 10, email: "ada@example.com" },
    };
    const tracked = await post({
      routeKey: "POST /v1/track",
      body: JSON.stringify(order),
      headers: { ...headers, authorization: `Bearer ${secret}` },
    });
    expect(tracked.statusCode).toBe(202);
    expect((await itemsOf(table, "intake")).map(({ type }) => type).sort()).toEqual(["form", "track"]);
  });

  it("reads a form once a minute, and knows a new one at once", async () => {
    expect((await lead("ada@example.com")).statusCode).toBe(202);
    await putForm(table, "contact", { ...definition, origins: [], minimumFillSeconds: 60 }, 1);
    const early = await post({ body: JSON.stringify({ email: "eve@example.com", _at: Date.now() - 10_000 }), headers });
    expect(early.statusCode).toBe(202);
    expect((await post({ body: "{}", headers, form: "newer" })).statusCode).toBe(404);
    await putForm(table, "newer", definition, undefined);
    expect((await post({ body: '{"email":"a@example.com"}', headers, form: "newer" })).statusCode).toBe(202);
  });

  it("says no more than an id when the table cannot be reached, also to a site's script", async () => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    vi.spyOn(console, "error").mockReturnValue(undefined);
    const frail = await startDynamoDbLocal();
    const there = await createTestTable(frail.url);
    await putForm(there, "contact", definition, undefined);
    standOn(frail.url, there);
    vi.resetModules();
    handler = (await import("../../../../functions/api/intake.ts")).handler;
    expect((await lead("ada@example.com")).statusCode).toBe(202);
    await frail.close();
    const {
      statusCode,
      headers: answered,
      ...result
    } = await post({
      body: JSON.stringify({ email: "eve@example.com" }),
      headers: { ...headers, origin: "https://www.example.com" },
    });
    expect([statusCode, answered["access-control-allow-origin"]]).toEqual([500, "https://www.example.com"]);
    expect(problemOf(result)).toMatchObject({ code: "internal_error", correlationId: "request-1" });
    expect(result.body).not.toMatch(/ECONN|127\.0\.0\.1|eve@/);
  });
});
