import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { itemSize, writeUnits } from "../../../../local/gateway/sizes.ts";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamodb-local.ts";
import {
  allow,
  assemblyOf,
  dynamodb,
  functionOf,
  HOST,
  type Running,
  startTestGateway,
  TABLE,
  TABLE_ARN,
} from "./support.ts";

type Item = Record<string, AttributeValue>;

const owner = functionOf("owner", [allow(["dynamodb:*"], [TABLE_ARN, `${TABLE_ARN}/index/*`])]);
const intake = functionOf("intake", [
  allow(["dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:Batch*"], [TABLE_ARN], {
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["INTAKE#*"] },
    Null: { "dynamodb:LeadingKeys": ["false"] },
  }),
  allow(["dynamodb:ConditionCheckItem"], [TABLE_ARN]),
]);

let engine: DynamoDbLocal;
let running: Running;
let client: DynamoDBClient;
let intakeClient: DynamoDBClient;
let accessKeyId: string;
let partition = "";
let serial = 0;

beforeAll(async () => {
  engine = await startDynamoDbLocal();
  running = await startTestGateway(assemblyOf({ functions: [owner, intake] }), { dynamodb: engine.url });
  const { url } = running.gateway;
  const credentials = running.gateway.issue(owner);
  accessKeyId = credentials.accessKeyId;
  client = dynamodb({ url, credentials });
  intakeClient = dynamodb({ url, credentials: running.gateway.issue(intake) });
  await dynamodb({ url, credentials: HOST }).send(
    new CreateTableCommand({
      TableName: TABLE.name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "owner", "at", "stage"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      KeySchema: keySchema("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: "byOwner", KeySchema: keySchema("owner", "at"), Projection: { ProjectionType: "KEYS_ONLY" } },
        { IndexName: "byStage", KeySchema: keySchema("stage"), Projection: { ProjectionType: "ALL" } },
      ],
    }),
  );
});

afterAll(async () => {
  await running.gateway.close();
  await engine.close();
});

beforeEach(() => {
  partition = `P${serial++}`;
  running.gateway.meter.reset();
  running.gateway.faults.clear();
});

function keySchema(hash: string, range?: string) {
  return [
    { AttributeName: hash, KeyType: "HASH" as const },
    ...(range ? [{ AttributeName: range, KeyType: "RANGE" as const }] : []),
  ];
}

const TableName = TABLE.name;
const key = (sk = "1"): Item => ({ pk: { S: partition }, sk: { S: sk } });
const text = (length: number): AttributeValue => ({ S: "x".repeat(length) });
const put = (Item: Item, more = {}) => client.send(new PutItemCommand({ TableName, Item, ...more }));

/** Units used by what `act` does, per table and index. */
async function metered(act: () => Promise<unknown>): Promise<Record<string, number>> {
  running.gateway.meter.reset();
  await act();
  const { capacity } = running.gateway.meter.snapshot().totals;
  const used = Object.entries(capacity).map(([name, { readUnits: read, writeUnits: write }]) => [name, read + write]);
  return Object.fromEntries(used);
}

describe("the gateway before DynamoDB", () => {
  it("answers an unknown access key as AWS does", async () => {
    const credentials = { accessKeyId: "ASIAUNKNOWN", secretAccessKey: "x" };
    const stranger = dynamodb({ url: running.gateway.url, credentials: { ...credentials, sessionToken: "t" } });
    await expect(stranger.send(new GetItemCommand({ TableName, Key: key() }))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
      message: "The security token included in the request is invalid.",
    });
  });

  it("answers a revoked access key as an unknown one", async () => {
    const credentials = running.gateway.issue(owner);
    const revoked = dynamodb({ url: running.gateway.url, credentials });
    await revoked.send(new GetItemCommand({ TableName, Key: key() }));
    running.gateway.revoke(credentials.accessKeyId);
    await expect(revoked.send(new GetItemCommand({ TableName, Key: key() }))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
  });

  it("refuses in AWS's words what the role does not allow, keeps the denial and does nothing", async () => {
    await expect(intakeClient.send(new PutItemCommand({ TableName, Item: key() }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: `User: arn:aws:sts::000000000000:assumed-role/intake-role/intake is not authorized to perform: dynamodb:PutItem on resource: ${TABLE_ARN} because no identity-based policy allows the dynamodb:PutItem action`,
    });
    expect(running.gateway.denied().at(-1)).toMatchObject({
      function: "intake",
      action: "dynamodb:PutItem",
      leadingKeys: [partition],
    });
    expect((await client.send(new GetItemCommand({ TableName, Key: key() }))).Item).toBeUndefined();
  });

  it("allows the role's own keys in single calls, batches and queries, and nothing beside them", async () => {
    const own = { pk: { S: "INTAKE#1" }, sk: { S: "1" } };
    const query = (pk: string, more = {}) =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :p",
        ExpressionAttributeValues: { ":p": { S: pk } },
        ...more,
      });
    await intakeClient.send(new PutItemCommand({ TableName, Item: own }));
    expect((await intakeClient.send(query("INTAKE#1"))).Count).toBe(1);
    const both = [{ PutRequest: { Item: own } }, { PutRequest: { Item: key() } }];
    const refused = [
      intakeClient.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: both } })),
      intakeClient.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [own, key()] } } })),
      intakeClient.send(query("CONTACT#1")),
      intakeClient.send(new ScanCommand({ TableName })),
      intakeClient.send(query("INTAKE#1", { IndexName: "byStage", KeyConditionExpression: "stage = :p" })),
    ];
    for (const call of refused) await expect(call).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("authorises each item of a transaction by its own action", async () => {
    const TransactItems = [
      { Put: { TableName, Item: { pk: { S: "INTAKE#2" }, sk: { S: "1" } } } },
      { ConditionCheck: { TableName, Key: key(), ConditionExpression: "attribute_not_exists(pk)" } },
    ];
    await intakeClient.send(new TransactWriteItemsCommand({ TransactItems }));
    const withDelete = [...TransactItems, { Delete: { TableName, Key: { pk: { S: "INTAKE#3" }, sk: { S: "1" } } } }];
    await expect(intakeClient.send(new TransactWriteItemsCommand({ TransactItems: withDelete }))).rejects.toMatchObject(
      {
        name: "AccessDeniedException",
        message: expect.stringContaining("dynamodb:DeleteItem"),
      },
    );
  });

  it("counts what each statement allowed", async () => {
    const before = running.gateway.grants().intake?.[0]?.actions[0]?.calls ?? 0;
    await intakeClient.send(new PutItemCommand({ TableName, Item: { pk: { S: "INTAKE#9" }, sk: { S: "1" } } }));
    expect(running.gateway.grants().intake?.[0]?.actions[0]).toEqual({
      action: "dynamodb:PutItem",
      calls: before + 1,
    });
    expect(running.gateway.authorize("intake", "dynamodb:ConditionCheckItem", TABLE_ARN)).toBe(true);
    expect(running.gateway.authorize("intake", "dynamodb:GetRecords", TABLE_ARN)).toBe(false);
  });

  it("lets the host's own calls through unmetered", async () => {
    const host = dynamodb({ url: running.gateway.url, credentials: HOST });
    await host.send(new PutItemCommand({ TableName, Item: key() }));
    expect(running.gateway.meter.snapshot().totals.calls).toEqual({});
  });

  it("files calls under the route that the process serves", async () => {
    running.gateway.begin(accessKeyId, { route: "POST /v1/track", requestId: "r" });
    await put(key());
    running.gateway.end(accessKeyId);
    await put(key());
    const { routes, functions } = running.gateway.meter.snapshot();
    expect(routes["POST /v1/track"]?.calls).toEqual({ "dynamodb:PutItem": 1 });
    expect(routes["outside an invocation"]?.calls).toEqual({ "dynamodb:PutItem": 1 });
    expect(functions.owner?.calls).toEqual({ "dynamodb:PutItem": 2 });
  });
});

describe("answers", () => {
  it("hold no capacity and no old item that the caller did not ask for", async () => {
    expect(await put(key())).not.toHaveProperty("ConsumedCapacity");
    const failed = put(key(), { ConditionExpression: "attribute_not_exists(pk)" });
    await expect(failed).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    await expect(failed).rejects.not.toHaveProperty("Item", expect.anything());
  });

  it("hold the old item where the caller asks for it", async () => {
    await put({ ...key(), note: { S: "first" } });
    const more = { ConditionExpression: "attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    await expect(put(key(), more)).rejects.toMatchObject({ Item: { note: { S: "first" } } });
  });

  it("hold capacity in the detail that the caller asks for", async () => {
    const total = await put({ ...key(), stage: { S: "new" } }, { ReturnConsumedCapacity: "TOTAL" });
    expect(total.ConsumedCapacity).toEqual({ TableName, CapacityUnits: 2 });
    const indexes = await put({ ...key(), stage: { S: "won" } }, { ReturnConsumedCapacity: "INDEXES" });
    expect(indexes.ConsumedCapacity).toMatchObject({ CapacityUnits: 3, Table: { CapacityUnits: 1 } });
    const none = await put(key(), { ReturnConsumedCapacity: "NONE" });
    expect(none).not.toHaveProperty("ConsumedCapacity");
  });

  it("keep an attribute that is called ConsumedCapacity", async () => {
    await put({ ...key(), ConsumedCapacity: { S: "mine" } });
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: key() }));
    expect(Item?.ConsumedCapacity).toEqual({ S: "mine" });
  });

  it("say so when the body is not JSON or PartiQL", async () => {
    const call = (target: string, body: string) =>
      fetch(running.gateway.url, {
        method: "POST",
        headers: {
          "x-amz-target": `DynamoDB_20120810.${target}`,
          authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20261123/us-east-1/dynamodb/aws4_request`,
        },
        body,
      });
    const broken = await call("PutItem", "{");
    expect([broken.status, await broken.text()]).toEqual([400, expect.stringContaining("SerializationException")]);
    const partiql = await call("ExecuteStatement", "{}");
    expect([partiql.status, await partiql.text()]).toEqual([400, expect.stringContaining("PartiQL")]);
  });
});

describe("write units", () => {
  const overhead = itemSize({ pk: { S: "P000" }, sk: { S: "1" }, note: { S: "" } });
  const sized = (bytes: number): Item => ({
    ...key(),
    pk: { S: partition.padEnd(4, "_") },
    note: text(bytes - overhead),
  });

  it.each([
    [1024, 1],
    [1025, 2],
    [2048, 2],
    [2049, 3],
  ])("of an item of %d bytes are %d", async (bytes, units) => {
    const item = sized(bytes);
    expect(itemSize(JSON.parse(JSON.stringify(item)))).toBe(bytes);
    expect(await metered(() => put(item))).toEqual({ leads: units });
  });

  it.each<[string, AttributeValue]>([
    ["a number", { N: "1234567890.12345" }],
    ["a negative number", { N: "-17" }],
    ["a number with zeros", { N: "1200000" }],
    ["a number with an odd pair", { N: "120000" }],
    ["a small fraction", { N: "0.00150" }],
    ["a number with an exponent", { N: "1.2E+30" }],
    ["a boolean", { BOOL: true }],
    ["null", { NULL: true }],
    ["binary", { B: Buffer.from([1, 2, 3]) }],
    ["a list", { L: [{ S: "ab" }, { N: "7" }, { L: [] }] }],
    ["a map", { M: { a: { S: "b" }, c: { M: { d: { BOOL: false } } } } }],
    ["a text set", { SS: ["ab", "c"] }],
    ["a number set", { NS: ["1", "22.5"] }],
    ["text beyond ASCII", { S: "Größe 😀" }],
  ])("change from 1 to 2 where our size of %s says so", async (_, value) => {
    const wire = { ...key(), v: value.B ? { B: Buffer.from(value.B).toString("base64") } : value, note: { S: "" } };
    const room = 1024 - itemSize(JSON.parse(JSON.stringify(wire)));
    expect(await metered(() => put({ ...key(), v: value, note: text(room) }))).toEqual({ leads: 1 });
    expect(await metered(() => put({ ...key("2"), v: value, note: text(room + 1) }))).toEqual({ leads: 2 });
  });

  it("of an update or a delete follow the larger of before and after", async () => {
    await put({ ...key(), note: text(3000) });
    const shrink = new UpdateItemCommand({
      TableName,
      Key: key(),
      UpdateExpression: "SET note = :n",
      ExpressionAttributeValues: { ":n": { S: "" } },
    });
    expect(await metered(() => client.send(shrink))).toEqual({ leads: 3 });
    await put({ ...key(), note: text(3000) });
    expect(await metered(() => client.send(new DeleteItemCommand({ TableName, Key: key() })))).toEqual({ leads: 3 });
    expect(await metered(() => client.send(new DeleteItemCommand({ TableName, Key: key() })))).toEqual({ leads: 1 });
  });

  it("of indexes are 1 for an entry, 2 for a changed key, 0 where nothing projected changes", async () => {
    const item = { ...key(), owner: { S: "ann" }, at: { S: "1" } };
    expect(await metered(() => put(item))).toEqual({ leads: 1, "leads/index/byOwner": 1 });
    expect(await metered(() => put({ ...item, note: { S: "n" } }))).toEqual({ leads: 1 });
    expect(await metered(() => put({ ...item, at: { S: "2" } }))).toEqual({ leads: 1, "leads/index/byOwner": 2 });
    expect(await metered(() => put(key()))).toEqual({ leads: 1, "leads/index/byOwner": 1 });
  });

  it("are billed for a condition that fails, by the larger of the item there and the item offered", async () => {
    await put({ ...key(), note: text(2500) });
    const once = { ConditionExpression: "attribute_not_exists(pk)" };
    expect(await metered(() => put(key(), once).catch(() => undefined))).toEqual({ leads: 3 });
    expect(await metered(() => put({ ...key(), note: text(4000) }, once).catch(() => undefined))).toEqual({ leads: 4 });
    const absent = new DeleteItemCommand({ TableName, Key: key("9"), ConditionExpression: "attribute_exists(pk)" });
    expect(await metered(() => client.send(absent).catch(() => undefined))).toEqual({ leads: 1 });
  });

  it("of a call that is not valid are nothing", async () => {
    expect(await metered(() => put({ pk: { S: "x" } }).catch(() => undefined))).toEqual({});
  });

  it("of a batch are those of its items", async () => {
    await put({ ...key("gone"), note: text(3000) });
    const requests = [
      { PutRequest: { Item: { ...key("a"), note: text(1500), stage: { S: "new" } } } },
      { DeleteRequest: { Key: key("gone") } },
    ];
    expect(
      await metered(() => client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }))),
    ).toEqual({
      leads: 2 + 3,
      "leads/index/byStage": 2,
    });
  });
});

describe("read units", () => {
  const get = (more = {}) => client.send(new GetItemCommand({ TableName, Key: key(), ...more }));

  it("are per 4 KB of the whole item, half when eventually consistent", async () => {
    await put({ ...key(), note: text(5000) });
    expect(await metered(() => get())).toEqual({ leads: 1 });
    expect(await metered(() => get({ ConsistentRead: true, ProjectionExpression: "pk" }))).toEqual({ leads: 2 });
  });

  it("are the least unit where nothing is found", async () => {
    const query = (more = {}) =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :p",
          ExpressionAttributeValues: { ":p": { S: partition } },
          ...more,
        }),
      );
    expect(await metered(() => get())).toEqual({ leads: 0.5 });
    expect(await metered(() => get({ ConsistentRead: true }))).toEqual({ leads: 1 });
    expect(await metered(() => query())).toEqual({ leads: 0.5 });
    expect(await metered(() => query({ ConsistentRead: true }))).toEqual({ leads: 1 });
    const byOwner = {
      IndexName: "byOwner",
      KeyConditionExpression: "#o = :p",
      ExpressionAttributeNames: { "#o": "owner" },
    };
    expect(await metered(() => query(byOwner))).toEqual({ "leads/index/byOwner": 0.5 });
  });

  it("of a query are those of all its items together, of a batch those of each item", async () => {
    for (const sk of ["a", "b", "c"]) await put({ ...key(sk), note: text(2000) });
    const query = new QueryCommand({
      TableName,
      KeyConditionExpression: "pk = :p",
      ExpressionAttributeValues: { ":p": { S: partition } },
    });
    expect(await metered(() => client.send(query))).toEqual({ leads: 1 });
    const batch = new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: ["a", "b", "c"].map(key) } } });
    expect(await metered(() => client.send(batch))).toEqual({ leads: 1.5 });
    const absent = (ConsistentRead: boolean) =>
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: ["a", "x", "y"].map(key), ConsistentRead } } });
    expect(await metered(() => client.send(absent(false)))).toEqual({ leads: 1.5 });
    expect(await metered(() => client.send(absent(true)))).toEqual({ leads: 3 });
  });
});

describe("units of transactions", () => {
  const transact = (TransactItems: object[], more = {}) =>
    client.send(new TransactWriteItemsCommand({ TransactItems, ...more }));

  it("are twice those of each item, indexes too, by the larger of before and after", async () => {
    await put({ ...key("update"), note: text(1500) });
    await put({ ...key("delete"), note: text(2500) });
    await put({ ...key("check"), note: text(3500) });
    const act = () =>
      transact([
        { Put: { TableName, Item: { ...key("put"), note: text(1100), stage: { S: "new" } } } },
        {
          Update: {
            TableName,
            Key: key("update"),
            UpdateExpression: "SET #o = :o, #a = :o",
            ExpressionAttributeNames: { "#o": "owner", "#a": "at" },
            ExpressionAttributeValues: { ":o": { S: "ann" } },
          },
        },
        { Delete: { TableName, Key: key("delete") } },
        { ConditionCheck: { TableName, Key: key("check"), ConditionExpression: "attribute_exists(pk)" } },
      ]);
    expect(await metered(act)).toEqual({
      leads: 2 * (2 + 2 + 3 + 4),
      "leads/index/byStage": 2 * 2,
      "leads/index/byOwner": 2,
    });
  });

  it("count an update by the item that it leaves", async () => {
    const grow = {
      TableName,
      Key: key(),
      UpdateExpression: "SET note = :n",
      ExpressionAttributeValues: { ":n": text(3000) },
    };
    expect(await metered(() => transact([{ Update: grow }]))).toEqual({ leads: 2 * writeUnits(3000 + 10) });
  });

  it("are billed for the table alone when a condition cancels it", async () => {
    await put({ ...key("there"), note: text(1500) });
    const act = () =>
      transact([
        {
          Put: {
            TableName,
            Item: { ...key("there"), stage: { S: "new" } },
            ConditionExpression: "attribute_not_exists(pk)",
          },
        },
        { Put: { TableName, Item: { ...key("new"), stage: { S: "new" } } } },
      ]);
    await expect(act()).rejects.toMatchObject({ name: "TransactionCanceledException" });
    expect(await metered(() => act().catch(() => undefined))).toEqual({ leads: 2 * (2 + 1) });
  });

  it("of reads are twice a consistent read of each whole item", async () => {
    await put({ ...key("big"), note: text(5000) });
    const items = [
      { Get: { TableName, Key: key("big"), ProjectionExpression: "pk" } },
      { Get: { TableName, Key: key("none") } },
    ];
    expect(await metered(() => client.send(new TransactGetItemsCommand({ TransactItems: items })))).toEqual({
      leads: 4 + 2,
    });
  });

  it("are what the caller is told", async () => {
    const item = { ...key(), note: text(1500), stage: { S: "new" } };
    const { ConsumedCapacity } = await transact([{ Put: { TableName, Item: item } }], {
      ReturnConsumedCapacity: "INDEXES",
    });
    expect(ConsumedCapacity).toEqual([
      {
        TableName,
        CapacityUnits: 8,
        WriteCapacityUnits: 8,
        Table: { CapacityUnits: 4 },
        GlobalSecondaryIndexes: { byStage: { CapacityUnits: 4 } },
      },
    ]);
  });
});

describe("faults", () => {
  const read = async () => (await client.send(new GetItemCommand({ TableName, Key: key() }))).Item;
  const strike = (fault: Parameters<typeof running.gateway.faults.set>[0][number]) =>
    running.gateway.faults.set([fault]);

  it.each([
    ["throttle", "ProvisionedThroughputExceededException"],
    ["error500", "InternalServerError"],
    ["conflict", "TransactionConflictException"],
  ] as const)("%s answers %s and does nothing", async (kind, name) => {
    strike({ kind, action: "PutItem" });
    await expect(put(key())).rejects.toMatchObject({ name });
    expect(await read()).toBeUndefined();
    expect(running.gateway.faults.applied()).toEqual([
      { function: "owner", service: "dynamodb", action: "PutItem", kind, call: 1 },
    ]);
  });

  it("conflict cancels a transaction with its reasons", async () => {
    strike({ kind: "conflict" });
    const item = { Put: { TableName, Item: key() } };
    const check = { ConditionCheck: { TableName, Key: key("2"), ConditionExpression: "attribute_exists(pk)" } };
    const act = client.send(new TransactWriteItemsCommand({ TransactItems: [item, check] }));
    await expect(act).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "TransactionConflict" }, { Code: "None" }],
    });
  });

  it("timeoutBefore drops the connection with no effect", async () => {
    strike({ kind: "timeoutBefore", action: "PutItem" });
    await expect(put(key())).rejects.toThrow();
    expect(await read()).toBeUndefined();
  });

  it("timeoutAfter drops the connection once the effect is there", async () => {
    strike({ kind: "timeoutAfter", action: "PutItem" });
    await expect(put(key())).rejects.toThrow();
    expect(await read()).toEqual(key());
  });

  it.each([
    ["crashBefore", undefined],
    ["crashAfter", "there"],
  ] as const)("%s asks for the process to be killed and never answers", async (kind, effect) => {
    const crashed = new Promise<string>((resolve) => running.gateway.onCrash(resolve));
    strike({ kind, action: "PutItem" });
    const abort = new AbortController();
    const sent = client.send(new PutItemCommand({ TableName, Item: key() }), { abortSignal: abort.signal });
    const outcome = sent.then(
      () => "answered",
      () => "aborted",
    );
    expect(await crashed).toBe(accessKeyId);
    abort.abort();
    expect(await outcome).toBe("aborted");
    expect(await read()).toEqual(effect && key());
  });

  it("are survived by the SDK's own retries where AWS lets it retry", async () => {
    strike({ kind: "throttle", times: 1 });
    const patient = dynamodb({ url: running.gateway.url, credentials: running.gateway.issue(owner), maxAttempts: 3 });
    await patient.send(new PutItemCommand({ TableName, Item: key() }));
    expect(running.gateway.faults.calls().owner).toEqual({ "dynamodb:PutItem": 2, "*": 2 });
  });
});
