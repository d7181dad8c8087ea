import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod/mini";
import { DomainError } from "../../../shared/errors.ts";
import { claimList } from "../../../shared/http/claims.ts";
import { expectedVersion } from "../../../shared/http/if-match.ts";
import { defineRoutes } from "../../../shared/http/route.ts";
import { createRouter } from "../../../shared/http/router.ts";

const base = { api: "staff", function: "staff", tag: "Test", summary: "test", responses: {} } as const;
const routes = defineRoutes([
  {
    ...base,
    operationId: "read",
    method: "GET",
    path: "/v1/things/{id}",
    security: "jwt",
    scopes: ["rapport/read"],
    roles: ["sales"],
    params: z.object({ id: z.string().check(z.maxLength(5)) }),
  },
  {
    ...base,
    operationId: "make",
    method: "POST",
    path: "/v1/things",
    security: "none",
    scopes: [],
    roles: [],
    body: z.strictObject({ name: z.string(), size: z.optional(z.number()) }),
  },
]);

function setup(outcome?: () => never) {
  const onFault = vi.fn();
  const handlers = {
    read: vi.fn(async ({ params }: { params: { id: string } }) =>
      outcome ? outcome() : { status: 200, body: params },
    ),
    make: vi.fn(async ({ body }: { body: unknown }) => ({ status: 201, body })),
  };
  return { onFault, handlers, route: createRouter({ routes, handlers, onFault }) };
}

function event(
  routeKey: string,
  extra: Partial<APIGatewayProxyEventV2> & { groups?: string } = {},
): APIGatewayProxyEventV2 {
  const { groups, ...rest } = extra;
  const [method = "GET", path = "/nowhere"] = routeKey.split(" ");
  const authorizer =
    groups === undefined
      ? {}
      : { authorizer: { jwt: { claims: { sub: "u1", "cognito:groups": groups }, scopes: [] } } };
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: "",
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      accountId: "1",
      apiId: "a",
      domainName: "d",
      domainPrefix: "p",
      requestId: "req-1",
      routeKey,
      stage: "$default",
      time: "",
      timeEpoch: 0,
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
      ...authorizer,
    },
    ...rest,
  };
}

const json = { "content-type": "application/json" };
const bodyOf = (result: { body?: string | undefined }) => JSON.parse(result.body ?? "{}");

describe("the router", () => {
  it("hands parsed parts to the handler and answers JSON with the request's id", async () => {
    const { route } = setup();
    const result = await route(
      event("GET /v1/things/{id}", { pathParameters: { id: "a1" }, groups: "[sales support]" }),
    );
    expect(result).toMatchObject({
      statusCode: 200,
      headers: { "x-correlation-id": "req-1", "content-type": "application/json" },
    });
    expect(bodyOf(result)).toEqual({ id: "a1" });
  });

  it.each([
    [
      "a role that may not",
      "GET /v1/things/{id}",
      { pathParameters: { id: "a1" }, groups: "[support]" },
      403,
      "forbidden",
    ],
    [
      "a role that only contains the right one's name",
      "GET /v1/things/{id}",
      { pathParameters: { id: "a1" }, groups: "presales" },
      403,
      "forbidden",
    ],
    ["no token", "GET /v1/things/{id}", { pathParameters: { id: "a1" } }, 401, "unauthorized"],
    [
      "a bad parameter",
      "GET /v1/things/{id}",
      { pathParameters: { id: "toolong" }, groups: "sales" },
      422,
      "invalid_input",
    ],
    ["no content type", "POST /v1/things", { body: "{}" }, 415, "unsupported_media_type"],
    ["malformed JSON", "POST /v1/things", { body: "{", headers: json }, 400, "malformed_json"],
    [
      "JSON 10,000 levels deep",
      "POST /v1/things",
      { body: "[".repeat(10_000) + "]".repeat(10_000), headers: json },
      400,
      "malformed_json",
    ],
    [
      "a prototype key",
      "POST /v1/things",
      { body: '{"name":"a","__proto__":{"admin":true}}', headers: json },
      400,
      "malformed_json",
    ],
    [
      "bytes that are not UTF-8",
      "POST /v1/things",
      { body: "/w==", isBase64Encoded: true, headers: json },
      400,
      "malformed_json",
    ],
    ["a wrong type", "POST /v1/things", { body: '{"name":1}', headers: json }, 422, "invalid_input"],
    ["an unknown member", "POST /v1/things", { body: '{"name":"a","extra":1}', headers: json }, 422, "invalid_input"],
    ["an unknown path", "$default", { rawPath: "/v1/nothing" }, 404, "not_found"],
    ["a wrong method", "$default", { rawPath: "/v1/things/a1" }, 405, "method_not_allowed"],
  ])("refuses %s and does not call the handler", async (_, routeKey, extra, status, code) => {
    const { route, handlers, onFault } = setup();
    const result = await route(event(routeKey, extra));
    expect(result.statusCode).toBe(status);
    expect(result.headers).toMatchObject({ "content-type": "application/problem+json" });
    expect(bodyOf(result)).toMatchObject({ status, code, correlationId: "req-1", type: `urn:rapport:problem:${code}` });
    expect(handlers.read).not.toHaveBeenCalled();
    expect(handlers.make).not.toHaveBeenCalled();
    expect(onFault).not.toHaveBeenCalled();
  });

  it("says where each violation is", async () => {
    const { route } = setup();
    const result = await route(event("POST /v1/things", { body: '{"size":"big"}', headers: json }));
    expect(bodyOf(result).errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(["/name", "/size"]);
  });

  it("words a domain error by its table, with Retry-After", async () => {
    const { route } = setup(() => {
      throw new DomainError("rate_limited", "Slow down.", { retryAfterSeconds: 7 });
    });
    const result = await route(event("GET /v1/things/{id}", { pathParameters: { id: "a" }, groups: "sales" }));
    expect(result).toMatchObject({ statusCode: 429, headers: { "retry-after": "7" } });
  });

  it("tells the log of a fault and the caller nothing but its id", async () => {
    const { route, onFault } = setup(() => {
      throw new Error("secret table name");
    });
    const result = await route(event("GET /v1/things/{id}", { pathParameters: { id: "a" }, groups: "sales" }));
    expect(result.statusCode).toBe(500);
    expect(result.body).not.toContain("secret");
    expect(onFault).toHaveBeenCalledWith(expect.objectContaining({ message: "secret table name" }), "req-1");
  });
});

it.each([
  ["[admin manager]", ["admin", "manager"]],
  ["[admin, manager]", ["admin", "manager"]],
  ["[]", []],
  ["sales", ["sales"]],
  ["rapport/read rapport/write", ["rapport/read", "rapport/write"]],
  [
    ["a", 1, "b"],
    ["a", "b"],
  ],
  [undefined, []],
  [7, []],
])("reads the claim %o as %o", (claim, expected) => {
  expect(claimList(claim)).toEqual(expected);
});

it.each([
  [undefined, undefined],
  ['"3"', 3],
  ["3", 3],
  ['W/"3"', 3],
])("reads If-Match %s as version %s", (header, version) => {
  expect(expectedVersion(header)).toBe(version);
});

it.each(["*", '"a"', '"1", "2"', "-1"])("refuses If-Match %s", (header) => {
  expect(() => expectedVersion(header)).toThrow(DomainError);
});
