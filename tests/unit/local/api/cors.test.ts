import { describe, expect, it } from "vitest";
import type { CorsModel } from "../../../../local/assembly/model.ts";
import { answerOf, routeOf, startApi } from "./fixture.ts";

const cors: CorsModel = {
  allowOrigins: ["https://app.example.com"],
  allowMethods: ["GET", "PATCH"],
  allowHeaders: ["authorization", "content-type"],
  exposeHeaders: ["etag"],
  allowCredentials: true,
  maxAgeSeconds: 600,
};
const preflight = (origin: string): RequestInit => ({
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": "PATCH" },
});
const corsHeaders = (answer: Response) =>
  Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith("access-control-")));

describe("CORS of an API", () => {
  const respond = () =>
    answerOf({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*", etag: "1" }, body: "x" });

  it("answers preflights itself, without token and function", async () => {
    const { send, calls } = await startApi({
      cors,
      routes: [routeOf("ANY /x", { authorizer: { issuer: "https://i", audiences: [] } }), routeOf("OPTIONS /x")],
    });
    const answer = await send("/x", preflight("https://app.example.com"));

    expect(answer.status).toBe(204);
    expect(corsHeaders(answer)).toEqual({
      "access-control-allow-origin": "https://app.example.com",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET,PATCH",
      "access-control-allow-headers": "authorization,content-type",
      "access-control-max-age": "600",
    });
    expect(calls).toEqual([]);
  });

  it("gives another origin no CORS header, neither before nor after", async () => {
    const { send } = await startApi({ cors, routes: [routeOf("GET /x")] }, { respond });

    expect(corsHeaders(await send("/x", preflight("https://evil.example")))).toEqual({});
    expect(corsHeaders(await send("/x", { headers: { origin: "https://evil.example" } }))).toEqual({});
  });

  it("replaces the function's CORS headers and covers the gateway's own answers", async () => {
    const { send } = await startApi({ cors, routes: [routeOf("GET /x")] }, { respond });
    const expected = {
      "access-control-allow-origin": "https://app.example.com",
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "etag",
    };

    expect(corsHeaders(await send("/x", { headers: { origin: "https://app.example.com" } }))).toEqual(expected);
    expect(corsHeaders(await send("/none", { headers: { origin: "https://app.example.com" } }))).toEqual(expected);
    expect(corsHeaders(await send("/x"))).toEqual({});
  });

  it.each([
    ["*", "http://any.example", "*"],
    ["https://*", "https://any.example", "https://any.example"],
    ["https://*", "http://any.example", undefined],
  ])("with origin %s answers %s by %s", async (allowed, origin, expected) => {
    const open = { ...cors, allowOrigins: [allowed], allowMethods: ["*"], allowCredentials: false };
    const { send } = await startApi({ cors: open, routes: [] });
    const headers = corsHeaders(await send("/x", preflight(origin)));

    expect(headers["access-control-allow-origin"]).toBe(expected);
    if (expected !== undefined)
      expect(headers["access-control-allow-methods"]).toBe("DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT");
  });

  it("is the function's business where the API has none", async () => {
    const { send, calls } = await startApi({ routes: [routeOf("$default")] }, { respond });
    const answer = await send("/x", preflight("https://shop.example"));

    expect(calls[0]?.event.requestContext.http.method).toBe("OPTIONS");
    expect(corsHeaders(answer)).toEqual({ "access-control-allow-origin": "*" });
  });
});
