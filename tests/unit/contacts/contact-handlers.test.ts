import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { beforeEach, describe, expect, test } from "vitest";
import { contactHandlers } from "../../../shared/contacts/contact-handlers.ts";
import { foldEvent } from "../../../shared/contacts/contact-store.ts";
import { contactDetailSchema, eventViewSchema } from "../../../shared/contacts/contact-view.ts";
import { emailIdentityKey } from "../../../shared/contacts/identity.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { createRouter } from "../../../shared/http/router.ts";
import { contactRoutes } from "../../../shared/http/routes/contacts.ts";
import type { Table } from "../../../shared/table/client.ts";
import { encodeCursor } from "../../../shared/table/cursor.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

let table: Table;

beforeEach(async () => {
  table = await createTestTable(engine.url);
});

async function submit(contactId: string, hour: number, count = 1): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    const at = new Date(Date.UTC(2026, 0, 5, hour, minute)).toISOString();
    const event = createEvent({
      contactId,
      origin: [contactId, at],
      name: "Form Submitted",
      occurredAt: at,
      receivedAt: at,
      source: "form",
      properties: {
        formId: "contact",
        formVersion: 1,
        fields: { email: `${contactId}@example.com` },
        marketing: false,
      },
    });
    await putEvent(table, event);
    await foldEvent(table, event);
  }
  const Item = { ...emailIdentityKey(`${contactId}@example.com`), kind: "identity", contactId };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

interface Call {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly roles?: string;
}

/** An event as it comes to a function: over JSON. */
function asDelivered(event: object) {
  return JSON.parse(JSON.stringify(event));
}

/** What the staff API answers to a signed-in person, over the real router. */
async function get(path: string, { params, query, roles = "[sales]" }: Call = {}) {
  const faults: unknown[] = [];
  const router = createRouter({
    routes: contactRoutes,
    handlers: contactHandlers({ table, now: () => new Date("2026-01-06T10:00:00.000Z") }),
    onFault: (error) => faults.push(error),
  });
  const event: APIGatewayProxyEventV2 = asDelivered({
    version: "2.0",
    routeKey: `GET ${path}`,
    rawPath: path,
    headers: {},
    pathParameters: params,
    queryStringParameters: query,
    isBase64Encoded: false,
    requestContext: {
      requestId: "r1",
      http: { sourceIp: "192.0.2.1" },
      authorizer: { jwt: { claims: { sub: "s1", "cognito:groups": roles, scope: "rapport/read" } } },
    },
  });
  const answer = await router(event);
  expect(faults).toEqual([]);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? "null") };
}

describe("GET /v1/contacts", () => {
  test("lists contacts by recent activity, merged over the shards, in pages without gaps", async () => {
    for (let n = 0; n < 9; n++) await submit(`c${n}`, n);
    const expected = Array.from({ length: 9 }, (_, n) => `c${8 - n}`);
    for (const limit of ["2", "4", "9"]) {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const { status, body } = await get("/v1/contacts", { query: { limit, ...(cursor && { cursor }) } });
        expect(status).toBe(200);
        ids.push(...body.items.map(({ id }: { id: string }) => id));
        cursor = body.nextCursor;
      } while (cursor !== null);
      expect(ids).toEqual(expected);
    }
  });

  test("finds the one with an e-mail address, however it is spelled", async () => {
    await submit("ada", 1);
    await submit("eve", 2);
    const { body } = await get("/v1/contacts", { query: { email: " Ada@EXAMPLE.com" } });
    expect(body).toMatchObject({ items: [{ id: "ada", email: "ada@example.com" }], nextCursor: null });
    expect((await get("/v1/contacts", { query: { email: "nobody@example.com" } })).body.items).toEqual([]);
  });

  test.each([
    [{ cursor: "forged" }, "/query/cursor"],
    [{ cursor: encodeCursor("EVENT#2026-01-05T10:00:00.000Z#ab") }, "/query/cursor"],
    [{ limit: "0" }, "/query/limit"],
    [{ limit: "101" }, "/query/limit"],
    [{ limit: "many" }, "/query/limit"],
    [{ email: "not an address" }, "/query/email"],
    [{ company: "Acme" }, "/query"],
  ])("answers 422 to %j and names it", async (query, pointer) => {
    const { status, body } = await get("/v1/contacts", { query });
    expect([status, body.errors[0].pointer]).toEqual([422, pointer]);
  });

  test("is for the roles of staff only", async () => {
    expect((await get("/v1/contacts", { roles: "[partner]" })).status).toBe(403);
  });
});

describe("GET /v1/contacts/{id}", () => {
  test("shows the contact as declared, and nothing of how its profile is kept", async () => {
    await submit("ada", 1);
    const { status, body } = await get("/v1/contacts/{id}", { params: { id: "ada" } });
    expect(status).toBe(200);
    expect(contactDetailSchema.parse(body)).toEqual(body);
    for (const hidden of ["ring", "floor", "pk", "gsi1sk"]) expect(body).not.toHaveProperty(hidden);
    expect(body.lead).toEqual({ at: "2026-01-05T01:00:00.000Z", form: "contact", source: null });
  });

  test.each(["nobody", "x".repeat(64)])("answers 404 to %s", async (id) => {
    expect((await get("/v1/contacts/{id}", { params: { id } })).status).toBe(404);
  });

  test("answers 422 to what cannot be an id", async () => {
    expect((await get("/v1/contacts/{id}", { params: { id: "a#b" } })).status).toBe(422);
  });
});

describe("GET /v1/contacts/{id}/timeline", () => {
  test("comes newest first, page by page", async () => {
    await submit("ada", 1, 3);
    const path = "/v1/contacts/{id}/timeline";
    const first = await get(path, { params: { id: "ada" }, query: { limit: "2" } });
    expect(first.body.items.map((item: unknown) => eventViewSchema.parse(item).occurredAt.slice(11, 16))).toEqual([
      "01:02",
      "01:01",
    ]);
    const second = await get(path, { params: { id: "ada" }, query: { limit: "2", cursor: first.body.nextCursor } });
    expect(second.body).toMatchObject({ items: [{ occurredAt: "2026-01-05T01:00:00.000Z" }], nextCursor: null });
  });

  test("of nobody is a 404, and a forged cursor a 422", async () => {
    const path = "/v1/contacts/{id}/timeline";
    expect((await get(path, { params: { id: "nobody" } })).status).toBe(404);
    await submit("ada", 1);
    const cursor = encodeCursor("RUN#welcome#once#0");
    expect((await get(path, { params: { id: "ada" }, query: { cursor } })).status).toBe(422);
  });
});
