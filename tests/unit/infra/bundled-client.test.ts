import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as real from "@smithy/core/checksum";
import { HttpRequest } from "@smithy/core/transport";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Md5, Sha256 } from "../../../infra/aliases/checksum.ts";
import { dynamoDbEndpoint } from "../../../infra/aliases/dynamodb/endpoint.ts";
import { writeRequest } from "../../../infra/aliases/dynamodb/json.ts";
import { createSigner } from "../../../infra/aliases/dynamodb/signer.ts";
import { resolveEndpointDiscoveryConfig } from "../../../infra/aliases/endpoint-discovery.ts";
import { bundle } from "../../../infra/bundle.ts";
import type { Table } from "../../../shared/table/client.ts";
import type * as bundled from "../../support/bundled-client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

const load = createRequire(import.meta.url);
const throttle = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException" });
const sdk: typeof bundled = load(join(bundle("tests/support/bundled-client.ts").directory, "index.js"));
const environment = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "role",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "session",
};

/** What the server does with a call before it passes one on to the engine. */
type Trouble = "throttle" | "error" | "not JSON" | "hang up" | "hang up in the answer";

let server: Server;
let table: Table;
let seen: IncomingHttpHeaders[];
let troubles: Trouble[];
let client: bundled.DynamoDBClient;
let documents: bundled.DynamoDBDocumentClient;
const put = (pk: string) =>
  documents.send(
    new sdk.PutCommand({
      TableName: table.name,
      Item: { pk, sk: "s", count: 7 },
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    }),
  );

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push(request.headers);
    response.setHeader("content-type", "application/x-amz-json-1.0");
    const trouble = troubles.shift();
    if (trouble === "throttle") return response.writeHead(400).end(throttle);
    if (trouble === "error") return response.writeHead(500).end("{}");
    if (trouble === "not JSON") return response.writeHead(503).end("<html>");
    if (trouble === "hang up") return response.destroy();
    if (trouble === "hang up in the answer") {
      response.writeHead(200, { "content-length": 100 }).write("{");
      return setImmediate(() => response.destroy());
    }
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
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  client = new sdk.DynamoDBClient({ retryStrategy: new sdk.ConfiguredRetryStrategy(2, 1) });
  documents = sdk.DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  table = await createTestTable(engine.url);
});
afterAll(() => {
  client.destroy();
  server.close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  seen = [];
  troubles = [];
});

describe("the client of the table as it is bundled", () => {
  it("calls the endpoint of the environment, signed with the role's session", async () => {
    await put("a");
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      "x-amz-security-token": "session",
      authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=role\/.*Signature=[0-9a-f]{64}$/),
    });
  });

  it("reads and writes what the client that it stands for reads and writes", async () => {
    const { name: TableName } = table;
    const item = {
      sk: "s",
      text: "Grüße „ü“ 🎉",
      list: [1, -2.5, { deep: null }],
      yes: true,
      set: new Set(["a", "b"]),
    };
    await documents.send(new sdk.PutCommand({ TableName, Item: { pk: "one", ...item, gone: undefined } }));
    await documents.send(
      new sdk.UpdateCommand({
        TableName,
        Key: { pk: "one", sk: "s" },
        UpdateExpression: "SET #text = :text",
        ExpressionAttributeNames: { "#text": "text" },
        ExpressionAttributeValues: { ":text": "new" },
      }),
    );
    await documents.send(
      new sdk.TransactWriteCommand({
        TransactItems: ["t1", "t2", "t3"].map((sk) => ({ Put: { TableName, Item: { pk: "many", sk } } })),
      }),
    );
    await documents.send(new sdk.DeleteCommand({ TableName, Key: { pk: "many", sk: "t2" } }));
    const written = { pk: "one", ...item, text: "new" };
    const get = { TableName, Key: { pk: "one", sk: "s" }, ConsistentRead: true };
    expect((await documents.send(new sdk.GetCommand(get))).Item).toEqual(written);
    expect((await table.client.send(new GetCommand(get))).Item).toEqual(written);
    const batch = { RequestItems: { [TableName]: { Keys: [get.Key, { pk: "none", sk: "s" }] } } };
    expect((await documents.send(new sdk.BatchGetCommand(batch))).Responses).toEqual({ [TableName]: [written] });
    const pages = sdk.paginateQuery(
      { client: documents, pageSize: 1 },
      { TableName, KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "many" } },
    );
    const found = [];
    for await (const { Items = [] } of pages) found.push(...Items);
    expect(found).toEqual([
      { pk: "many", sk: "t1" },
      { pk: "many", sk: "t3" },
    ]);
  });

  it("gives the item that was there with a condition that failed, and does not try again", async () => {
    await put("b");
    const failure: unknown = await put("b").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(sdk.ConditionalCheckFailedException);
    expect(failure).not.toBeInstanceOf(sdk.TransactionCanceledException);
    expect(failure).toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item: { pk: { S: "b" }, sk: { S: "s" }, count: { N: "7" } },
      $metadata: { httpStatusCode: 400 },
    });
    expect(seen).toHaveLength(2);
  });

  it("gives the reasons of a transaction that was cancelled", async () => {
    const Put = { TableName: table.name, Item: { pk: "b2", sk: "s" }, ConditionExpression: "attribute_exists(pk)" };
    const failure: unknown = await documents
      .send(new sdk.TransactWriteCommand({ TransactItems: [{ Put }] }))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(sdk.TransactionCanceledException);
    expect(failure).toMatchObject({ CancellationReasons: [{ Code: "ConditionalCheckFailed" }] });
  });

  it.each(["throttle", "error", "not JSON", "hang up", "hang up in the answer"] as const)(
    "tries again after one %s",
    async (trouble) => {
      troubles = [trouble];
      await put(`again after ${trouble}`);
      expect(seen).toHaveLength(2);
      expect(seen[1]?.["amz-sdk-request"]).toBe("attempt=2; max=2");
    },
  );

  it("names the error that lasts", async () => {
    troubles = ["throttle", "throttle"];
    await expect(put("d")).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
      $metadata: { attempts: 2 },
    });
    const invalid = documents.send(new sdk.GetCommand({ TableName: table.name, Key: { pk: "only half of a key" } }));
    await expect(invalid).rejects.toMatchObject({ name: "ValidationException", message: expect.stringMatching(/key/) });
  });

  it("refuses settings that are left out of it", () => {
    const settings = { retryStrategy: new sdk.ConfiguredRetryStrategy(2, 1), maxAttempts: 3 };
    expect(() => new sdk.DynamoDBClient(settings)).toThrow("maxAttempts is left out");
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

describe("the signature in the bundles", () => {
  it("is that of the SDK's signer", async () => {
    const word = fc.stringMatching(/^[A-Za-z0-9+/=]{1,40}$/);
    const credentials = fc.record(
      { accessKeyId: word, secretAccessKey: word, sessionToken: word },
      { requiredKeys: ["accessKeyId", "secretAccessKey"] },
    );
    const at = fc.date({ min: new Date("2020-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(credentials, at, fc.jsonValue(), fc.constantFrom("PutItem", "Query"), async (...given) => {
        const [credentials, signingDate, value, operation] = given;
        const request = writeRequest(new URL("http://127.0.0.1:8000"), operation, { value });
        const options = { service: "dynamodb", region: "eu-west-1", credentials };
        const theirs = await new SignatureV4({ ...options, sha256: real.Sha256, applyChecksum: false }).sign(
          HttpRequest.clone(request),
          { signingDate, unsignableHeaders: new Set(["content-length"]) },
        );
        createSigner(options)(request, signingDate);
        expect(request.headers).toEqual(theirs.headers);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the table's endpoint", () => {
  it.each([
    ["eu-central-1", {}, "https://dynamodb.eu-central-1.amazonaws.com/"],
    ["us-gov-west-1", {}, "https://dynamodb.us-gov-west-1.amazonaws.com/"],
    ["cn-north-1", {}, "https://dynamodb.cn-north-1.amazonaws.com.cn/"],
    ["us-iso-east-1", { AWS_ENDPOINT_URL: "https://own.example" }, "https://own.example/"],
    ["us-east-1", { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_DYNAMODB: "http://b" }, "http://b/"],
  ])("of %s with %j is %s", (AWS_REGION, named, url) => {
    expect(dynamoDbEndpoint({ AWS_REGION, ...named })).toEqual({ url: new URL(url), region: AWS_REGION });
  });

  it("is asked for where it is not known", () => {
    expect(() => dynamoDbEndpoint({ AWS_REGION: "us-iso-east-1" })).toThrow("AWS_ENDPOINT_URL_DYNAMODB");
    expect(() => dynamoDbEndpoint({})).toThrow("AWS_REGION");
  });
});
