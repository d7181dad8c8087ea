import { PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { type DueQueue, daysToSweep, dueItem, duePartition, dueShards } from "../../../shared/due/due.ts";
import { putDue, readDue } from "../../../shared/due/due-store.ts";
import { createSweep, type SendDue } from "../../../shared/due/sweep.ts";
import { openTable, type Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

const start = new Date("2026-03-01T10:30:00.000Z");
const message = (messageKey: string) => ({ queue: "mail", body: { messageKey } }) as const;
const hoursFrom = (count: number): Date => new Date(start.getTime() + count * 3_600_000);

async function setup() {
  const table = await createTestTable(engine.url);
  const clock = { now: start };
  const sent: string[] = [];
  const refused = new Set<string>();
  const queues: DueQueue[] = [];
  const send: SendDue = async (queue, { messageKey }) => {
    if (typeof messageKey !== "string") throw new Error("no key");
    queues.push(queue);
    if (refused.has(messageKey)) throw new Error(`refused ${messageKey}`);
    sent.push(messageKey);
  };
  const sweep = createSweep({ table, send, now: () => clock.now });
  const put = (id: string, at: Date) => putDue(table, { at, id, ...message(id) });
  return { queues, table, clock, sent, refused, send, sweep, put };
}

async function left(table: Table, at: Date): Promise<number> {
  let count = 0;
  for (let shard = 0; shard < dueShards; shard++) {
    const pk = duePartition(at.toISOString().slice(0, 10), shard);
    const { Items = [] } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": pk },
      }),
    );
    count += Items.length;
  }
  return count;
}

describe("a due item", () => {
  test("stands under its UTC day and a shard, sorted by instant; the same one again is the same item", () => {
    const item = dueItem({ at: start, id: "a", ...message("a") });
    expect(item.pk).toMatch(/^DUE#2026-03-01#[0-3]$/);
    expect(item.sk).toBe("2026-03-01T10:30:00.000Z#a");
    expect(dueItem({ at: start, id: "a", ...message("b") })).toMatchObject({ pk: item.pk, sk: item.sk });
  });

  test("spreads over all shards", () => {
    const partitions = Array.from({ length: 200 }, (_, n) => dueItem({ at: start, id: `id-${n}`, ...message("a") }).pk);
    expect(new Set(partitions).size).toBe(dueShards);
  });

  test.each([
    ["within the day", 10, 2, "2026-02-28"],
    ["once a day", 11, 17, "2026-02-13"],
    ["after a weekend", 62, 19, "2026-02-11"],
    ["after a month", 31 * 24, 47, "2026-01-14"],
  ])("is looked for %s in as many days as can hold one", (_, hoursAgo, count, oldest) => {
    const days = daysToSweep(hoursFrom(-hoursAgo), start);
    expect([days.length, days[0], days.at(-1)]).toEqual([count, oldest, "2026-03-01"]);
  });

  test("is looked for in 16 days at the very first sweep", () => {
    expect(daysToSweep(undefined, start)).toHaveLength(16);
  });
});

describe("a sweep", () => {
  test("sends what is due by now, to the millisecond, and deletes it", async () => {
    const { table, sent, sweep, put } = await setup();
    await put("past", hoursFrom(-1));
    await put("now", start);
    await put("ahead", new Date(start.getTime() + 1));
    expect(await sweep()).toEqual({ sent: 2, failures: [] });
    expect(sent.toSorted()).toEqual(["now", "past"]);
    expect(await left(table, start)).toBe(1);
    expect(await sweep()).toEqual({ sent: 0, failures: [] });
  });

  test("sends each message to its own queue", async () => {
    const { table, queues, sweep, put } = await setup();
    await put("mail", start);
    await putDue(table, { at: start, id: "run", queue: "journeys", body: { messageKey: "run" } });
    await putDue(table, { at: start, id: "segment", queue: "segments", body: { messageKey: "segment" } });
    expect(await sweep()).toEqual({ sent: 3, failures: [] });
    expect(queues.toSorted()).toEqual(["journeys", "mail", "segments"]);
  });

  test("handles more than a page", async () => {
    const { table, sent, sweep, put } = await setup();
    await Promise.all(Array.from({ length: 620 }, (_, n) => put(`id-${n}`, start)));
    expect(await sweep()).toEqual({ sent: 620, failures: [] });
    expect(new Set(sent).size).toBe(620);
    expect(await left(table, start)).toBe(0);
  });

  test("keeps what the queue refuses, sends the others, and tries again", async () => {
    const { table, sent, refused, sweep, put } = await setup();
    refused.add("bad");
    await put("bad", start);
    await put("good", start);
    expect(await sweep()).toMatchObject({ sent: 1, failures: [{ message: "refused bad" }] });
    expect(await left(table, start)).toBe(1);
    refused.clear();
    expect(await sweep()).toEqual({ sent: 1, failures: [] });
    expect(sent).toEqual(["good", "bad"]);
  });

  test("is not stopped by an item that is no message", async () => {
    const { table, sent, sweep, put } = await setup();
    await put("good", start);
    const Item = { ...dueItem({ at: start, id: "odd", ...message("odd") }), queue: "nowhere" };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    expect(await sweep()).toMatchObject({ sent: 1, failures: [expect.anything()] });
    expect(sent).toEqual(["good"]);
  });

  test("sends before it deletes: a delete that fails sends again, and loses nothing", async () => {
    const { table, sent, send, put } = await setup();
    await put("twice", start);
    const broken = openTable(table.name, table.client);
    broken.client.middlewareStack.add(
      (next, { commandName }) =>
        (args) =>
          commandName === "DeleteItemCommand" ? Promise.reject(new Error("crash")) : next(args),
      { step: "initialize" },
    );
    const crashing = createSweep({ table: broken, send, now: () => start });
    expect(await crashing()).toMatchObject({ sent: 0, failures: [{ message: "crash" }] });
    expect(sent).toEqual(["twice"]);
    expect(await left(table, start)).toBe(1);
  });

  test("looks back once a day, and by as long as nobody swept", async () => {
    const { table, sent, send, clock, sweep, put } = await setup();
    await sweep();
    await put("yesterday", hoursFrom(-20));
    await put("old", hoursFrom(-24 * 14));
    clock.now = new Date(start.getTime() + 60_000);
    await sweep();
    expect(sent).toEqual(["yesterday"]);
    clock.now = hoursFrom(14);
    await sweep();
    expect(sent).toEqual(["yesterday", "old"]);

    await put("due-in-the-pause", hoursFrom(15));
    clock.now = hoursFrom(24 * 30);
    const afterTheRestart = createSweep({ table, send, now: () => clock.now });
    await afterTheRestart();
    expect(sent).toEqual(["yesterday", "old", "due-in-the-pause"]);
  });

  test("that left something looks back again a minute later", async () => {
    const { sent, refused, clock, sweep, put } = await setup();
    refused.add("bad");
    await put("bad", hoursFrom(-24 * 5));
    await sweep();
    refused.clear();
    clock.now = new Date(start.getTime() + 60_000);
    await sweep();
    expect(sent).toEqual(["bad"]);
  });
});

test("a partition is read page by page, oldest first", async () => {
  const { table, put } = await setup();
  await Promise.all(Array.from({ length: 30 }, (_, n) => put(`id-${n}`, new Date(start.getTime() - n))));
  const keys: string[] = [];
  for await (const page of readDue(table, duePartition("2026-03-01", 0), start)) keys.push(...page.map(({ sk }) => sk));
  expect(keys.length).toBeGreaterThan(0);
  expect(keys).toEqual(keys.toSorted());
});
