import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { answerOf, NOW, routeOf, startApi } from "./fixture.ts";

const eventOf = async (path: string, init: RequestInit = {}) => {
  const { send, calls } = await startApi({ routes: [routeOf("ANY /v1/{id}"), routeOf("$default")] });
  await send(path, init);
  return calls[0]?.event;
};

describe("the event", () => {
  it("has payload format 2.0", async () => {
    const { send, calls, url } = await startApi({ routes: [routeOf("POST /v1/forms/{id}")] });

    await send("/v1/forms/a%20b?x=1&y=2&x=3%2C4&empty", {
      method: "POST",
      body: '{"a":1}',
      headers: { "Content-Type": "application/json", "User-Agent": "tests/1", Cookie: "a=1; b=2", "X-Custom": "Yes" },
    });

    const event = calls[0]?.event;
    const host = new URL(url).host;
    expect(calls[0]).toMatchObject({ functionName: "serves POST /v1/forms/{id}", route: "POST /v1/forms/{id}" });
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "POST /v1/forms/{id}",
      rawPath: "/v1/forms/a b",
      rawQueryString: "x=1&y=2&x=3%2C4&empty",
      cookies: ["a=1", "b=2"],
      queryStringParameters: { x: "1,3,4", y: "2", empty: "" },
      pathParameters: { id: "a b" },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
    expect(event.headers).toMatchObject({
      "content-type": "application/json",
      "content-length": "7",
      "x-custom": "Yes",
      "x-forwarded-for": "127.0.0.1",
      host,
    });
    expect(event.headers).not.toHaveProperty("cookie");
    expect(event.requestContext).toEqual({
      accountId: "000000000000",
      apiId: "api1",
      domainName: host,
      domainPrefix: "127",
      http: {
        method: "POST",
        path: "/v1/forms/a b",
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: "tests/1",
      },
      requestId: expect.stringMatching(/^[A-Za-z0-9+/]{15}=$/),
      routeKey: "POST /v1/forms/{id}",
      stage: "$default",
      time: "22/Nov/2026:06:30:00 +0000",
      timeEpoch: NOW,
    });
  });

  it("leaves out what a request does not have", async () => {
    const event = await eventOf("/elsewhere");

    for (const name of ["cookies", "queryStringParameters", "pathParameters", "body"])
      expect(event).not.toHaveProperty(name);
    expect(event).toMatchObject({ routeKey: "$default", rawQueryString: "", isBase64Encoded: false });
    expect(event.requestContext).not.toHaveProperty("authorizer");
  });

  it.each([
    ["text/plain;charset=UTF-8", true],
    ["text/csv", true],
    ["application/json; charset=utf-8", true],
    ["application/xml", true],
    ["application/javascript", true],
    ["application/x-www-form-urlencoded", false],
    ["multipart/form-data; boundary=x", false],
    ["application/problem+json", false],
    ["application/octet-stream", false],
  ])("with content type %s carries text: %s", async (type, isText) => {
    const body = "ä=1";
    const event = await eventOf("/v1/x", { method: "POST", body, headers: { "content-type": type } });

    expect(event).toMatchObject({
      isBase64Encoded: !isText,
      body: isText ? body : Buffer.from(body).toString("base64"),
    });
  });

  it("joins repeated headers by a comma", async () => {
    const { calls, url } = await startApi({ routes: [routeOf("$default")] });
    await new Promise((resolve) => {
      request(`${url}/x`, { headers: { accept: ["a", "b"] } }, (answer) => answer.resume().on("end", resolve)).end();
    });

    expect(calls[0]?.event.headers.accept).toBe("a,b");
  });

  it("takes the caller's address from x-local-source-ip and does not pass it on", async () => {
    const event = await eventOf("/v1/x", {
      headers: { "x-local-source-ip": "203.0.113.7", "x-forwarded-for": "10.0.0.1" },
    });

    expect(event.requestContext.http.sourceIp).toBe("203.0.113.7");
    expect(event.headers["x-forwarded-for"]).toBe("10.0.0.1, 203.0.113.7");
    expect(event.headers).not.toHaveProperty("x-local-source-ip");
    expect((await eventOf("/v1/x", { headers: { "x-local-source-ip": "evil" } })).requestContext.http.sourceIp).toBe(
      "127.0.0.1",
    );
  });

  it("names the route as the label of the invocation", async () => {
    const { send, accesses } = await startApi({ routes: [routeOf("$default")] }, { respond: () => answerOf("ok") });
    await send("/any?secret=1");

    expect(accesses).toMatchObject([
      { api: "public", route: "$default", method: "GET", path: "/any", status: 200, responseBytes: 2 },
    ]);
  });
});
