import { describe, expect, it } from "vitest";
import type { LogRecord } from "../../../../local/functions/logs.ts";
import { answerOf, failureOf, movableClock, routeOf, startApi } from "./fixture.ts";

const routes = [routeOf("ANY /x")];
const answered = async (payload: unknown, init: RequestInit = {}) => {
  const { send } = await startApi({ routes }, { respond: () => answerOf(payload) });
  return send("/x", init);
};

describe("an answer of a function", () => {
  it("goes out with its status, headers, cookies and body", async () => {
    const answer = await answered({
      statusCode: 201,
      headers: { "Content-Type": "application/problem+json", "X-Number": 5, Connection: "close" },
      cookies: ["a=1; Path=/", "b=2"],
      body: "ü",
    });

    expect(answer.status).toBe(201);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("x-number")).toBe("5");
    expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(answer.headers.get("content-length")).toBe("2");
    expect(answer.headers.get("apigw-requestid")).toMatch(/=$/);
    expect(await answer.text()).toBe("ü");
  });

  it.each([
    [
      "a base64 body",
      { statusCode: 200, body: "AAH/", isBase64Encoded: true },
      200,
      Buffer.from([0, 1, 255]),
      "text/plain;charset=UTF-8",
    ],
    ["no body", { statusCode: "202" }, 202, "", "text/plain;charset=UTF-8"],
    ["a plain object", { hello: 1 }, 200, '{"hello":1}', "application/json"],
    ["a plain string", "hi", 200, "hi", "application/json"],
    ["nothing", null, 200, "null", "application/json"],
    ["an array", [1], 200, "[1]", "application/json"],
  ])("with %s is read as AWS reads it", async (_, payload, status, body, type) => {
    const answer = await answered(payload);

    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(body));
  });

  it.each([
    ["a word for a status", { statusCode: "ok", body: "x" }],
    ["an impossible status", { statusCode: 1000 }],
    ["a body that is not text", { statusCode: 200, body: { a: 1 } }],
    ["headers that are not a map", { statusCode: 200, headers: "x" }],
    ["a line break in a header", { statusCode: 200, headers: { "x-a": "1\r\nx-b: 2" } }],
  ])("with %s is a 500 that says nothing", async (_, payload) => {
    const answer = await answered(payload);

    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('{"message":"Internal Server Error"}');
  });

  it("to HEAD has headers and no body", async () => {
    const answer = await answered({ statusCode: 200, body: "four" }, { method: "HEAD" });

    expect(answer.headers.get("content-length")).toBe("4");
    expect(await answer.text()).toBe("");
  });
});

describe("the gateway's own answers", () => {
  it.each([
    ["a handled error", failureOf("handled"), 500, "Internal Server Error"],
    ["a crash", failureOf("crash"), 500, "Internal Server Error"],
    ["a time-out of the function", failureOf("timeout"), 500, "Internal Server Error"],
    ["a throttled function", failureOf("throttle"), 503, "Service Unavailable"],
    [
      "an event beyond Lambda's limit",
      failureOf("handled", "RequestEntityTooLargeException"),
      413,
      "Request Entity Too Large",
    ],
  ])("to %s is %s", async (_, result, status, message) => {
    const { send, accesses } = await startApi({ routes }, { respond: () => result });
    const answer = await send("/x");

    expect([answer.status, await answer.text()]).toEqual([status, JSON.stringify({ message })]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(accesses[0]?.error).toContain("secret detail");
  });

  it("to a function that takes too long is a 503", async () => {
    const { send } = await startApi(
      { routes },
      { respond: () => new Promise(() => undefined), integrationTimeoutMs: 30 },
    );
    const answer = await send("/x");

    expect([answer.status, await answer.text()]).toEqual([503, '{"message":"Service Unavailable"}']);
  });

  it("to an unknown route is a 404", async () => {
    const { send, calls } = await startApi({ routes });
    const answer = await send("/y");

    expect([answer.status, await answer.text()]).toEqual([404, '{"message":"Not Found"}']);
    expect(calls).toEqual([]);
  });

  it("to a body over 10 MB is a 413, and 10 MB pass", async () => {
    const { send, calls } = await startApi({ routes });
    const limit = 10 * 1024 * 1024;

    const over = await send("/x", { method: "POST", body: Buffer.alloc(limit + 1) });
    expect([over.status, await over.text()]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    expect(calls).toEqual([]);
    expect((await send("/x", { method: "POST", body: Buffer.alloc(limit) })).status).toBe(200);
  });

  it("beyond a route's rate is a 429 until the bucket has filled again", async () => {
    const clock = movableClock();
    const limited = [routeOf("GET /x", { throttle: { rate: 2, burst: 2 } }), routeOf("GET /y")];
    const { send } = await startApi({ routes: limited, defaultThrottle: { rate: 1, burst: 1 } }, { clock });
    const statuses = async (path: string, times: number) => {
      const all: number[] = [];
      for (let at = 0; at < times; at += 1) all.push((await send(path)).status);
      return all;
    };

    expect(await statuses("/x", 3)).toEqual([200, 200, 429]);
    expect(await statuses("/y", 2)).toEqual([200, 429]);
    clock.advance(500);
    expect(await statuses("/x", 2)).toEqual([200, 429]);
    expect(await (await send("/x")).text()).toBe('{"message":"Too Many Requests"}');
  });

  it("leave a line in the log without the query", async () => {
    const records: LogRecord[] = [];
    const { send } = await startApi({ routes }, { logs: { append: (record) => void records.push(record) } });
    await send("/x?email=a@example.com");

    expect(records).toMatchObject([
      { source: "public", kind: "access", level: "INFO", data: { status: 200, route: "ANY /x" } },
    ]);
    expect(JSON.stringify(records)).not.toContain("example.com");
  });
});
