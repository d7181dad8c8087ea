import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { apiKeyIdOf } from "../../../shared/access/api-key.ts";
import { apiKeyHandlers } from "../../../shared/access/api-key-handlers.ts";
import { getApiKey } from "../../../shared/access/api-key-store.ts";
import { formHandlers } from "../../../shared/forms/form-handlers.ts";
import { createRouter } from "../../../shared/http/router.ts";
import { apiKeyRoutes, formRoutes } from "../../../shared/http/routes/forms.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf } from "../../support/table-contents.ts";
import { postEvent, problemOf } from "../intake/door.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

function call(routeKey: string, body?: unknown, { id = "contact", headers = {}, role = "admin" } = {}) {
  const now = () => new Date("2026-03-01T12:00:00.000Z");
  const handlers = {
    ...formHandlers({ table, topics: [{ id: "news", name: "News" }] }),
    ...apiKeyHandlers({ table, now, randomBytes }),
  };
  const routes = [...formRoutes, ...apiKeyRoutes] as const;
  const route = createRouter({ routes, handlers, onFault: (error) => expect.unreachable(String(error)) });
  const event = postEvent({
    routeKey,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { "content-type": "application/json", ...headers },
  });
  const jwt = { claims: { sub: "u1", "cognito:groups": `[${role}]` }, scopes: [] };
  const requestContext = { ...event.requestContext, authorizer: { jwt } };
  return route({ ...event, requestContext, pathParameters: { id } });
}

const email = { name: "email", label: "E-mail", type: "email", required: true };
const definition = { title: "Talk to us", fields: [email] };
const put = (body: unknown, options = {}) => call("PUT /v1/forms/{id}", body, options);

describe("a form", () => {
  it("is made, with everything that was left out said plainly", async () => {
    const result = await put(definition);
    expect([result.statusCode, result.headers?.etag]).toEqual([201, '"1"']);
    expect(problemOf(result)).toEqual({
      id: "contact",
      version: 1,
      title: "Talk to us",
      language: "en",
      fields: [email],
      origins: [],
      submitLabel: "Send",
      minimumFillSeconds: 2,
      rateLimit: { submissions: 20, perSeconds: 600 },
    });
    const read = await call("GET /v1/forms/{id}");
    expect([read.statusCode, read.body, read.headers?.etag]).toEqual([200, result.body, '"1"']);
  });

  it("is changed by who has read its version, and by nobody else", async () => {
    await put(definition);
    const changed = await put({ ...definition, title: "Write to us" }, { headers: { "if-match": '"1"' } });
    expect([changed.statusCode, problemOf(changed)]).toMatchObject([200, { title: "Write to us", version: 2 }]);
    const stale = await put(definition, { headers: { "if-match": '"1"' } });
    expect([stale.statusCode, problemOf(stale).code]).toEqual([409, "version_conflict"]);
    expect(problemOf(stale).detail).toContain("version 2");
    const again = await put(definition);
    expect([again.statusCode, problemOf(again).code]).toEqual([409, "already_exists"]);
    expect(problemOf(await call("GET /v1/forms/{id}"))).toMatchObject({ title: "Write to us", version: 2 });
  });

  it("that does not exist can be neither read nor changed", async () => {
    expect((await call("GET /v1/forms/{id}")).statusCode).toBe(404);
    expect((await put(definition, { headers: { "if-match": "3" } })).statusCode).toBe(404);
    expect(await contentsOf(table)).toEqual(new Map());
  });

  it("of two that make it at once is made by one", async () => {
    const statuses = (await Promise.all([put(definition), put(definition)])).map(({ statusCode }) => statusCode);
    expect(statuses.sort()).toEqual([201, 409]);
  });
});

describe("a form is refused, and where it is wrong is said", () => {
  const field = (changes: object) => ({
    ...definition,
    fields: [email, { name: "x", label: "X", type: "text", ...changes }],
  });
  it.each<[string, unknown, string]>([
    ["without a title", { fields: [email] }, "/title"],
    ["with a line break in its title", { ...definition, title: "a\nb" }, "/title"],
    ["without fields", { ...definition, fields: [] }, "/fields"],
    ["without an e-mail", { ...definition, fields: [{ ...email, type: "text" }] }, "/fields"],
    ["with an e-mail of another name", { ...definition, fields: [{ ...email, name: "mail" }] }, "/fields"],
    ["with an e-mail that may be left out", { ...definition, fields: [{ ...email, required: false }] }, "/fields"],
    ["with two e-mails", field({ name: "other", type: "email" }), "/fields"],
    ["with a name twice", field({ name: "email" }), "/fields/1/name"],
    ["with a name of ours", field({ name: "marketing" }), "/fields/1/name"],
    ["with a campaign's name", field({ name: "utm_source" }), "/fields/1/name"],
    ["with a prototype key", field({ name: "constructor" }), "/fields/1/name"],
    ["with an underscore first", field({ name: "_at" }), "/fields/1/name"],
    ["with a pattern", field({ pattern: "(a+)+$" }), "/fields/1"],
    ["with a type that is none", field({ type: "file" }), "/fields/1/type"],
    ["with a select without options", field({ type: "select" }), "/fields/1/options"],
    ["with options of a text", field({ options: ["a"] }), "/fields/1/options"],
    ["with an option twice", field({ type: "select", options: ["a", "a"] }), "/fields/1/options"],
    ["with a path for an origin", { ...definition, origins: ["https://x.example/y"] }, "/origins/0"],
    ["with a script to go to", { ...definition, thankYouUrl: "javascript:alert(1)" }, "/thankYouUrl"],
    ["with consent without a version", { ...definition, marketing: { text: "Yes" } }, "/marketing/version"],
    [
      "with a topic that the account has not",
      { ...definition, marketing: { text: "Yes", version: "1", topics: ["news", "sales"] } },
      "/marketing/topics",
    ],
    [
      "with no posts allowed",
      { ...definition, rateLimit: { submissions: 0, perSeconds: 60 } },
      "/rateLimit/submissions",
    ],
    ["with a member that is unknown", { ...definition, colour: "red" }, ""],
  ])("%s", async (_, body, pointer) => {
    const result = await put(body);
    const { errors } = problemOf(result);
    expect([result.statusCode, errors[0].pointer]).toEqual([422, pointer]);
    expect(errors[0].message).not.toBe("Invalid input");
    expect(await contentsOf(table)).toEqual(new Map());
  });

  it.each([
    ["an id in capitals", { id: "Contact" }, 422],
    ["an If-Match that names no version", { headers: { "if-match": "latest" } }, 422],
    ["the wrong role", { role: "sales" }, 403],
  ])("for %s", async (_, options, status) => {
    expect((await put(definition, options)).statusCode).toBe(status);
    expect(await contentsOf(table)).toEqual(new Map());
  });
});

describe("an API key", () => {
  const make = (body: unknown, options = {}) => call("POST /v1/api-keys", body, options);

  it("shows its secret once, and only its hash is kept", async () => {
    const result = await make({ name: "Web shop", scopes: ["track"] });
    const { id, secret, ...rest } = problemOf(result);
    expect([result.statusCode, rest]).toEqual([201, { name: "Web shop", scopes: ["track"] }]);
    expect(secret).toMatch(/^rk_[\w-]{43}$/);
    expect(id).toBe(apiKeyIdOf(secret));
    expect(await getApiKey(table, id)).toEqual({ id, ...rest, createdAt: "2026-03-01T12:00:00.000Z" });
    expect(JSON.stringify([...(await contentsOf(table))])).not.toContain(secret);
  });

  it.each([
    ["no name", { scopes: ["track"] }],
    ["a name with a line break", { name: "a\nb", scopes: ["track"] }],
    ["no scope", { name: "shop", scopes: [] }],
    ["an unknown scope", { name: "shop", scopes: ["everything"] }],
  ])("is not made of %s", async (_, body) => {
    expect((await make(body)).statusCode).toBe(422);
    expect(await contentsOf(table)).toEqual(new Map());
  });
});
