import { mkdtemp, rm, stat } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { TableModel } from "../../../../local/assembly/model.ts";
import { type DynamoDbEngine, startDynamoDb } from "../../../../local/engines/dynamodb.ts";
import { choosePorts } from "../../../../local/engines/ports.ts";
import { createTableInput, createTables } from "../../../../local/engines/tables.ts";
import { databaseIn } from "../../../../local/engines/write-ahead-log.ts";
import { forEachConcurrently } from "../../../../shared/stream/concurrency.ts";
import { openTable } from "../../../../shared/table/client.ts";

const table: TableModel = {
  name: "things",
  arn: "arn:aws:dynamodb:us-east-1:000000000000:table/things",
  partitionKey: { name: "pk", type: "S" },
  sortKey: { name: "sk", type: "S" },
  streamViewType: "NEW_AND_OLD_IMAGES",
  indexes: [
    {
      name: "by-kind",
      partitionKey: { name: "kind", type: "S" },
      sortKey: { name: "pk", type: "S" },
      projection: { type: "KEYS_ONLY", attributes: [] },
    },
  ],
};

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const tableAt = (endpoint: string) =>
  openTable("things", new DynamoDBClient({ endpoint, region: "us-east-1", credentials }));

describe("the table engine", () => {
  let engine: DynamoDbEngine;
  let port: number;

  beforeAll(async () => {
    port = (await choosePorts("random", 0)).dynamodb;
    engine = await startDynamoDb({ port });
  });
  afterAll(() => engine.close());

  it("gets the template's tables once, and again without harm", async () => {
    await createTables(engine.url, "us-east-1", [table]);
    await createTables(engine.url, "us-east-1", [table]);
  });

  it("refuses a kept table of another shape, with the remedy", async () => {
    const other = { ...table, indexes: [] };
    await expect(createTables(engine.url, "us-east-1", [other])).rejects.toThrow(
      /things .* has other keys, indexes or stream .* delete the data folder/,
    );
  });

  it("listens on 127.0.0.1 alone", async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((it) => it?.family === "IPv4" && !it.internal);
    for (const it of outside) {
      await expect(fetch(`http://${it?.address}:${port}`, { signal: AbortSignal.timeout(2000) })).rejects.toThrow();
    }
    expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(400);
  });
});

describe("the engine's file", () => {
  it("is written ahead by a log, which is brought into it", { timeout: 60_000 }, async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), "engine-"));
    const { dynamodb: port } = await choosePorts("random", 0);
    const engine = await startDynamoDb({ port, dataDirectory });
    await createTables(engine.url, "us-east-1", [table]);
    const { client } = tableAt(engine.url);
    const keys = Array.from({ length: 300 }, (_, index) => `${index}`);
    await forEachConcurrently(keys, 8, async (pk) => {
      await client.send(
        new PutCommand({ TableName: "things", Item: { pk, sk: "a", kind: "k", text: "x".repeat(500) } }),
      );
    });
    const { size: log } = await stat(`${databaseIn(dataDirectory)}-wal`);
    expect(log).toBeGreaterThan(300 * 500);
    const fileIsWhole = async () => expect((await stat(databaseIn(dataDirectory))).size).toBeGreaterThan(300 * 500);
    await vi.waitFor(fileIsWhole, { timeout: 30_000 });
    await engine.close();
    await rm(dataDirectory, { recursive: true });
  });
});

describe("what the engine is asked to create", () => {
  it("defines each key attribute once", () => {
    expect(createTableInput(table).AttributeDefinitions.map(({ AttributeName }) => AttributeName)).toEqual([
      "pk",
      "sk",
      "kind",
    ]);
  });
});
