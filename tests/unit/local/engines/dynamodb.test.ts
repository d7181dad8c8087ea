import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TableModel } from "../../../../local/assembly/model.ts";
import { type DynamoDbEngine, startDynamoDb } from "../../../../local/engines/dynamodb.ts";
import { choosePorts } from "../../../../local/engines/ports.ts";
import { createTableInput, createTables } from "../../../../local/engines/tables.ts";

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

describe("what the engine is asked to create", () => {
  it("defines each key attribute once", () => {
    expect(createTableInput(table).AttributeDefinitions.map(({ AttributeName }) => AttributeName)).toEqual([
      "pk",
      "sk",
      "kind",
    ]);
  });
});
