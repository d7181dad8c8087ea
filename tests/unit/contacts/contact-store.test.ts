import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { foldEvent, getContact } from "../../../shared/contacts/contact-store.ts";
import { ringSize } from "../../../shared/contacts/folded-events.ts";
import { refold } from "../../../shared/contacts/profile.ts";
import type { Event } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { engagement, history, order, submission } from "./events.ts";

let table: Table;

beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 10, minute)).toISOString();

describe("foldEvent", () => {
  test("counts each event once when several writers fold them twice at the same time", async () => {
    const events = Array.from({ length: 4 }, (_, n) => order({ origin: `o${n}`, at: at(n), amount: 100 }));
    for (const event of events) await putEvent(table, event);
    // A writer that lost too often tries again, as the retry queue makes it.
    const persist = (event: Event): Promise<void> => foldEvent(table, event).catch(() => persist(event));
    await Promise.all([...events, ...events].map(persist));
    expect(await getContact(table, "c1")).toMatchObject({ orders: 4, revenue: { EUR: 400 }, version: 4 });
  });

  test("finds what arrives below the floor, and what arrives there twice", async () => {
    const events = Array.from({ length: ringSize + 5 }, (_, n) => order({ origin: `o${n}`, at: at(n + 1), amount: 1 }));
    const late = order({ origin: "late", at: at(0), amount: 1_000 });
    for (const event of [...events, late]) await putEvent(table, event);
    for (const event of events) await foldEvent(table, event);
    await foldEvent(table, late);
    const once = await getContact(table, "c1");
    expect(once).toMatchObject({ orders: ringSize + 6, customerAt: at(0) });
    await foldEvent(table, late);
    await foldEvent(table, events[0] ?? late);
    expect(await getContact(table, "c1")).toEqual(once);
  });

  test("keeps in the table what a refold of the timeline gives", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const fresh = await createTestTable(engine.url);
        for (const event of events) await putEvent(fresh, event);
        for (const event of events) await foldEvent(fresh, event);
        expect(await getContact(fresh, "c1")).toMatchObject(JSON.parse(JSON.stringify(refold(events))));
      }),
      { numRuns: 4 },
    );
  });

  test("moves the contact in the list by the hour of its last activity only", async () => {
    const placeOf = async () => {
      const shards = await Promise.all(
        [0, 1, 2, 3].map((shard) =>
          table.client.send(
            new QueryCommand({
              TableName: table.name,
              IndexName: "gsi1",
              KeyConditionExpression: "gsi1pk = :pk",
              ExpressionAttributeValues: { ":pk": `CONTACTS#${shard}` },
            }),
          ),
        ),
      );
      return shards.flatMap(({ Items = [] }) => Items.map(({ gsi1sk }) => gsi1sk));
    };
    await foldEvent(table, engagement({ origin: "open", at: at(0), name: "Email Opened" }));
    expect(await placeOf()).toEqual([]);
    await foldEvent(table, submission({ origin: "s", at: at(1) }));
    await foldEvent(table, order({ origin: "o", at: at(59), amount: 1 }));
    expect(await placeOf()).toEqual(["2026-01-05T10#c1"]);
    await foldEvent(table, order({ origin: "p", at: at(60), amount: 1 }));
    expect(await placeOf()).toEqual(["2026-01-05T11#c1"]);
  });
});
