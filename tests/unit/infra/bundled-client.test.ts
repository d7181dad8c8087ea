import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as real from "@smithy/core/checksum";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Md5, Sha256 } from "../../../infra/aliases/checksum.ts";
import { resolveEndpointDiscoveryConfig } from "../../../infra/aliases/endpoint-discovery.ts";
import { bundle } from "../../../infra/bundle.ts";
import type { Table } from "../../../shared/table/client.ts";
import type * as bundled from "../../support/bundled-client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

const load = createRequire(import.meta.url);
const throttle = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException" });
let server: Server;
let table: Table;
let seen: IncomingHttpHeaders[];
let throttles: number;
let client: bundled.DynamoDBClient;
let put: (pk: string) => Promise<unknown>;

beforeAll(async () => {
  // Passes calls on to the engine, after as many throttles as a test asks for.
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push(request.headers);
    response.setHeader("content-type", "application/x-amz-json-1.0");
    if (throttles-- > 0) return response.writeHead(400).end(throttle);
    const headers = Object.fromEntries(
      ["authorization", "content-type", "x-amz-target", "x-amz-date"].map((name) => [
        name,
        String(request.headers[name]),
      ]),
    );
    const answer = await fetch(engine.url, { method: "POST", headers, body: Buffer.concat(chunks) });
    return response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://127.0.0.1:${port}`);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "role");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "session");
  const sdk: typeof bundled = load(join(bundle("tests/support/bundled-client.ts").directory, "index.js"));
  client = new sdk.DynamoDBClient({ maxAttempts: 2 });
  put = (pk) =>
    client.send(
      new sdk.PutItemCommand({
        TableName: table.name,
        Item: { pk: { S: pk }, sk: { S: "s" }, count: { N: "7" } },
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  table = await createTestTable(engine.url);
});
afterAll(() => {
  client.destroy();
  server.close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  seen = [];
  throttles = 0;
});

describe("the SDK as it is bundled", () => {
  it("calls the endpoint of the environment, signed with the role's session", async () => {
    await put("a");
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      "x-amz-security-token": "session",
      authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=role\/.*Signature=[0-9a-f]{64}$/),
    });
  });

  it("gives the item that was there with a condition that failed", async () => {
    await put("b");
    await expect(put("b")).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      Item: { pk: { S: "b" }, sk: { S: "s" }, count: { N: "7" } },
    });
    expect(seen).toHaveLength(2);
  });

  it("tries again when it is throttled, and says so when that lasts", async () => {
    throttles = 1;
    await put("c");
    expect(seen).toHaveLength(2);
    throttles = 2;
    await expect(put("d")).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
    expect(seen).toHaveLength(4);
  });

  it("refuses endpoint discovery, which is left out", () => {
    expect(() => resolveEndpointDiscoveryConfig({ endpointDiscoveryEnabled: true })).toThrow("left out of the bundles");
  });
});

describe("the digests in the bundles", () => {
  const data = fc.array(fc.uint8Array(), { maxLength: 4 });
  const secret = fc.option(fc.oneof(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 1 })), { nil: undefined });

  it("are those of the package that they stand for", async () => {
    const digestOf = async (hash: Md5 | real.Md5 | Sha256 | real.Sha256, parts: readonly Uint8Array[]) => {
      for (const part of parts) hash.update(part);
      return Buffer.from(await hash.digest()).toString("hex");
    };
    await fc.assert(
      fc.asyncProperty(data, secret, async (parts, key) => {
        expect(await digestOf(new Sha256(key), parts)).toBe(await digestOf(new real.Sha256(key), parts));
        expect(await digestOf(new Md5(), parts)).toBe(await digestOf(new real.Md5(), parts));
      }),
      { numRuns: 100 },
    );
  });
});
