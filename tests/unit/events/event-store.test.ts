import { beforeAll, describe, expect, test } from "vitest";
import { createEvent, type Event, mayStart } from "../../../shared/events/event.ts";
import { putEvent, queryTimeline, readEvents } from "../../../shared/events/event-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { encodeCursor } from "../../../shared/table/cursor.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

let table: Table;

beforeAll(async () => {
  table = await createTestTable(engine.url);
});

function opened(contactId: string, origin: string, minute = 0): Event {
  const at = new Date(Date.UTC(2026, 0, 5, 10, minute)).toISOString();
  return createEvent({
    contactId,
    origin: [origin],
    name: "Email Opened",
    occurredAt: at,
    receivedAt: at,
    source: "mail",
    properties: {},
  });
}

async function pagesOf(contactId: string, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await queryTimeline(table, contactId, { limit, cursor });
    pages.push(page.items.map(({ sk }) => sk));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

describe("an event", () => {
  test("has the same key from the same origin, and another from another", () => {
    expect(opened("c", "a")).toEqual(opened("c", "a"));
    expect(opened("c", "a").eventId).not.toBe(opened("c", "b").eventId);
  });

  test("is written once", async () => {
    const event = opened("once", "a");
    expect([await putEvent(table, event), await putEvent(table, event)]).toEqual(["written", "already there"]);
  });

  test.each([
    ["2026-01-05T10:00:00.000Z", true],
    ["2026-01-02T10:00:00.000Z", true],
    ["2026-01-02T09:59:59.999Z", false],
    ["2026-01-06T10:00:00.000Z", true],
  ])("of %s, heard of on 5 January at 10:00, may start something: %s", (occurredAt, may) => {
    expect(mayStart({ occurredAt, receivedAt: "2026-01-05T10:00:00.000Z" })).toBe(may);
  });
});

describe("a timeline", () => {
  test("comes newest first, in pages that neither repeat nor leave out", async () => {
    const events = Array.from({ length: 7 }, (_, n) => opened("paged", `e${n}`, n % 3));
    for (const event of [...events, opened("somebody-else", "x")]) await putEvent(table, event);
    const all = events
      .map(({ sk }) => sk)
      .sort()
      .reverse();
    expect((await pagesOf("paged", 3)).map((page) => page.length)).toEqual([3, 3, 1]);
    for (const limit of [1, 3, 7, 100]) expect((await pagesOf("paged", limit)).flat()).toEqual(all);
  });

  test("has no next page when the last one is full", async () => {
    for (const n of [1, 2]) await putEvent(table, opened("full", `e${n}`, n));
    expect((await queryTimeline(table, "full", { limit: 2 })).nextCursor).toBeUndefined();
  });

  test.each([
    ["nonsense", "%%%"],
    ["a key of another list", encodeCursor("RUN#welcome#once#0")],
    ["a key that only begins like an event's", encodeCursor("EVENT#2026")],
    ["padding that decodes to the same", `${encodeCursor("EVENT#2026-01-05T10:00:00.000Z#ab")}=`],
  ])("refuses %s as a cursor", async (_, cursor) => {
    await expect(queryTimeline(table, "paged", { limit: 3, cursor })).rejects.toMatchObject({
      code: "invalid_input",
      errors: [{ pointer: "/query/cursor" }],
    });
  });

  test("is read whole, oldest first, over pages of the engine", async () => {
    const long = "x".repeat(300_000);
    const events = Array.from({ length: 5 }, (_, n) => ({ ...opened("long", `e${n}`, n), properties: { long } }));
    for (const event of events) await putEvent(table, event);
    const read: string[] = [];
    for await (const { sk } of readEvents(table, "long")) read.push(sk);
    expect(read).toEqual(events.map(({ sk }) => sk));
  });
});
