import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngineClient, type EngineClient, EngineError } from "../../../../local/events/engine.ts";
import { openStream, type StreamReader } from "../../../../local/events/stream-reader.ts";
import { engine as dynamodb } from "../../../support/engine.ts";
import { makeTable, type Things } from "../../../support/event-sources.ts";

let engine: EngineClient;
let things: Things;

beforeAll(async () => {
  engine = createEngineClient(dynamodb.url);
  things = await makeTable(dynamodb);
});
afterAll(async () => {
  engine.close();
  things.close();
});

const keys = async (reader: StreamReader): Promise<readonly unknown[]> =>
  (await reader.read()).map(({ record }) => record.dynamodb.Keys.sk);

describe("reading a stream", () => {
  it("goes on where it was after an iterator was lost", async () => {
    let lost = false;
    const call: EngineClient["call"] = (target, body) => {
      if (!lost || !target.endsWith("GetRecords")) return engine.call(target, body);
      lost = false;
      return Promise.reject(new EngineError("ExpiredIteratorException", "expired"));
    };
    const reader = await openStream({ ...engine, call }, things.table.name, () => undefined);
    await things.put("a", "1");
    expect(await keys(reader)).toEqual([{ S: "1" }]);
    lost = true;
    await expect(reader.read()).rejects.toThrow("expired");
    await things.put("a", "2");
    expect(await keys(reader)).toEqual([{ S: "2" }]);
  });

  it("starts over when the checkpoint is no longer in the shard", async () => {
    const reader = await openStream(engine, things.table.name, () => "000000000000000000000");
    expect(await keys(reader)).toEqual([{ S: "1" }, { S: "2" }]);
  });

  it("names a table that has no stream", async () => {
    await expect(openStream(engine, "nothing", () => undefined)).rejects.toThrow("Table nothing has no stream");
  });
});
