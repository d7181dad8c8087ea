import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { retryMessageSchema, retryOf } from "../../../shared/stream/retry-message.ts";
import { retryStage } from "../../../shared/stream/retry-stage.ts";
import type { Change, Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

let table: Table;
let ran: Change[];

beforeAll(async () => {
  table = await createTestTable(engine.url);
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, kind: "event", n: 1 } }));
});
beforeEach(() => {
  ran = [];
});

const key = { pk: "CONTACT#1", sk: "EVENT#1" };
const stage: Stage = {
  name: "fold",
  kind: "event",
  wants: () => true,
  run: async (change) => void ran.push(change),
};
const message = { ...key, stage: "fold", correlationId: "i1" };

describe("retryStage", () => {
  test("runs the stage on the item as it is now, without an image before", async () => {
    await retryStage(message, { table, stages: [{ ...stage, name: "other" }, stage] });
    expect(ran).toEqual([{ item: { ...key, kind: "event", n: 1 }, previous: undefined }]);
  });

  test("hands on what the stage remembers of the image before, and nothing else of it", async () => {
    const previous = { ...key, kind: "event" as const, n: 0, email: "ada@example.com" };
    const asked = retryOf(
      { ...stage, remembers: ["n", "absent"] },
      { item: { ...key, kind: "event" }, previous },
      "i1",
    );
    expect(asked).toEqual({ ...message, previous: { ...key, kind: "event", n: 0 } });
    await retryStage(retryMessageSchema.parse(asked), { table, stages: [stage] });
    expect(ran).toEqual([{ item: { ...key, kind: "event", n: 1 }, previous: { ...key, kind: "event", n: 0 } }]);
    expect(retryOf(stage, { item: { ...key, kind: "event" }, previous }, "i1")).toEqual(message);
  });

  test("has nothing to do for an item that is gone", async () => {
    await retryStage({ ...message, sk: "EVENT#2" }, { table, stages: [stage] });
    expect(ran).toEqual([]);
  });

  test("has nothing to do when the stage no longer wants the item", async () => {
    await retryStage(message, { table, stages: [{ ...stage, wants: () => false }] });
    expect(ran).toEqual([]);
  });

  test("fails as the stage fails", async () => {
    const run = async () => {
      throw new Error("still broken");
    };
    await expect(retryStage(message, { table, stages: [{ ...stage, run }] })).rejects.toThrow("still broken");
  });

  test("fails for a stage that does not exist, so that a redrive after a fix can find it", async () => {
    await expect(retryStage({ ...message, stage: "gone" }, { table, stages: [stage] })).rejects.toThrow("named gone");
  });
});

describe("what a stage finds out", () => {
  const finding: Stage = { name: "finding", kind: "event", wants: () => true, run: async () => ({ contactId: "c1" }) };

  test("stands in the message of a later stage that failed, which runs with it", async () => {
    const found = { contactId: "c1" };
    const asked = retryOf(stage, { item: { ...key, kind: "event", ...found }, previous: undefined, found }, "i1");
    expect(asked).toEqual({ ...message, found });
    await retryStage(retryMessageSchema.parse(asked), { table, stages: [finding, stage] });
    expect(ran).toMatchObject([{ item: { n: 1, contactId: "c1" } }]);
  });

  test("is told to the later stages when it is found only on a retry", async () => {
    const early: Stage = { ...stage, name: "early" };
    await retryStage({ ...message, stage: "finding" }, { table, stages: [early, finding, stage] });
    expect(ran).toMatchObject([{ item: { n: 1, contactId: "c1" }, found: { contactId: "c1" } }]);
  });
});
