import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createClock } from "../../../../local/clock.ts";
import { createExpiry } from "../../../../local/events/expiry.ts";
import { engine as dynamodb } from "../../../support/engine.ts";
import { makeTable, type Things } from "../../../support/event-sources.ts";

let things: Things;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  things = await makeTable(dynamodb);
});
afterAll(() => things.close());
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Passes everything on to the engine; `between` runs after a scan and before its answer is given. */
async function behindProxy(between: () => Promise<void>): Promise<string> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const target = String(request.headers["x-amz-target"]);
    const { authorization = "", "content-type": type = "" } = request.headers;
    const headers = { authorization, "content-type": type, "x-amz-target": target };
    const answer = await fetch(dynamodb.url, { method: "POST", headers, body: Buffer.concat(chunks) });
    const text = await answer.text();
    if (target.endsWith(".Scan")) await between();
    response.writeHead(answer.status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const ttl = (seconds: number) => ({ ttl: { N: String(Math.floor(Date.now() / 1000) + seconds) } });
const keyOfThing = (sk: string) =>
  JSON.stringify([
    ["pk", { S: "a" }],
    ["sk", { S: sk }],
  ]);

function expiryOf(dynamodbUrl: string) {
  const expiry = createExpiry({ tables: [things.table], dynamodbUrl, clock: createClock(), log: () => undefined });
  closers.unshift(() => expiry.close());
  return expiry;
}

describe("time to live", () => {
  it("spares an item that was renewed after it was found", async () => {
    await things.put("a", "renewed", ttl(-60));
    const expiry = expiryOf(await behindProxy(() => things.put("a", "renewed", ttl(3600))));
    expect(await expiry.expire()).toBe(0);
    expect(await things.count()).toBe(1);
    await things.remove("a", "renewed");
  });

  it("knows its own deletions from others of the same key", async () => {
    const { ttl: old } = ttl(-60);
    await things.put("a", "gone", { ttl: old });
    const expiry = expiryOf(dynamodb.url);
    expect(await expiry.expire()).toBe(1);
    expect(expiry.isExpiry(things.table.name, keyOfThing("gone"), { ttl: old })).toBe(true);
    expect(expiry.isExpiry(things.table.name, keyOfThing("gone"), ttl(3600))).toBe(false);
    expect(expiry.isExpiry(things.table.name, keyOfThing("other"), { ttl: old })).toBe(false);
    expect(expiry.isExpiry("elsewhere", keyOfThing("gone"), { ttl: old })).toBe(false);
  });
});
