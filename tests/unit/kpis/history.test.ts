import { PutCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { contactItem } from "../../../shared/contacts/contact.ts";
import { refold } from "../../../shared/contacts/profile.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { emptyCatalogue, kpisOf, withDefinition, withoutDefinition } from "../../../shared/kpis/catalogue.ts";
import { changeCatalogue, readCatalogue } from "../../../shared/kpis/catalogue-store.ts";
import { countTurn } from "../../../shared/kpis/counting-store.ts";
import { putEntry } from "../../../shared/kpis/entry-store.ts";
import { type HistoryMessage, historyMessageSchema, missingOf, noWalk } from "../../../shared/kpis/history.ts";
import { catalogueStage, countingStage, walkStage } from "../../../shared/kpis/history-stages.ts";
import { handleHistoryMessage, historyOf, planHistory } from "../../../shared/kpis/history-store.ts";
import { type KpiInput, kpiInputSchema } from "../../../shared/kpis/kpi.ts";
import { orderEntry } from "../../../shared/kpis/order-facts.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { readWalk, walkPage } from "../../../shared/kpis/walk-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { markDirty, readDirty } from "../../../shared/table/dirty-store.ts";
import type { Item } from "../../../shared/table/item.ts";
import { crashing } from "../../support/crashing.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { submission } from "../contacts/events.ts";
import { order } from "./facts.ts";

const now = () => new Date("2026-11-04T09:00:00.000Z");
const attendance = kpiInputSchema.parse({
  title: "Attendance",
  definition: "People at webinars.",
  format: "count",
  direction: "up",
  numerator: { facts: ["event:Webinar Attended"], aggregate: "count" },
  slices: ["topic"],
} satisfies KpiInput);
const stamp = { updatedAt: "2026-11-04T08:00:00.000Z", updatedBy: "mia" };
const define = (table: Table, id = "attendance", input: KpiInput = attendance, expected?: number) =>
  changeCatalogue(table, (before) => withDefinition(before, id, input, { stamp, expected }));

/** Of all KPIs a few, which is quicker. */
const fewKpis = async (table: Table) =>
  kpisOf(await readCatalogue(table, { consistent: true }), "EUR").filter(({ id }) =>
    ["orders", "attendance"].includes(id),
  );

const deps = (table: Table) => ({ table, currency: "EUR", timeZone: "Europe/Berlin", now });
const progress = async (table: Table) => {
  const catalogue = await readCatalogue(table, { consistent: true });
  const own = kpisOf(catalogue, "EUR").filter(({ id }) => id in catalogue.definitions);
  return historyOf(table, catalogue, own, now());
};

/** Seven contacts with a webinar and an order each, in two months; the orders' days are counted. */
async function withHistory(): Promise<Table> {
  const table = await createTestTable(engine.url);
  await planHistory(deps(table));
  for (let at = 0; at < 7; at++) {
    const day = new Date(Date.UTC(2026, 9, 29 + (at % 4), 10, at)).toISOString();
    const profile =
      refold([{ ...submission({ origin: `${at}`, at: day }), pk: `CONTACT#c${at}` }]) ?? expect.fail("no profile");
    await table.client.send(new PutCommand({ TableName: table.name, Item: contactItem(profile, 1) }));
    const facts = { contactId: `c${at}`, origin: [`c${at}`, day], occurredAt: day, receivedAt: day, source: "app" };
    const properties = { topic: at % 2 === 0 ? "cats" : "dogs", email: "a@example.com" };
    await putEvent(table, createEvent({ ...facts, name: "Webinar Attended", properties }));
    const entry = orderEntry(order(day, 100 + at, { contactId: `c${at}` })) ?? expect.fail("no entry");
    await putEntry(table, entry);
    await markDirty(table, "kpis", day.slice(0, 10));
  }
  await rollUp({ ...deps(table), kpis: await fewKpis(table) });
  return table;
}

/** The queue of history and the stages that fill it, as the stream would tell them of each write. */
function conveyor(table: Table) {
  const queue: HistoryMessage[] = [];
  const sendHistory = async (message: HistoryMessage) => void queue.push(historyMessageSchema.parse(message));
  const stages = [catalogueStage, walkStage, countingStage].map((stage) => stage({ sendHistory }));
  const seen = new Map<string, Item>();
  return {
    queue,
    /** Runs the stages on what has changed since. */
    async follow(): Promise<void> {
      for (const stage of stages)
        for (const item of await itemsOf(table, stage.kind)) {
          const key = `${item.pk} ${item.sk}`;
          const previous = seen.get(key);
          if (JSON.stringify(item) === JSON.stringify(previous)) continue;
          seen.set(key, item);
          if (stage.wants({ item, previous })) await stage.run({ item, previous });
        }
    },
  };
}

async function handle(table: Table, message: HistoryMessage, delivery = 1): Promise<void> {
  if (message.type === "page") return walkPage(table, message, 2);
  if (message.type === "plan") return handleHistoryMessage(deps(table), message, delivery);
  return countTurn({ ...deps(table), kpis: () => fewKpis(table) }, message.turn, delivery);
}

/** What stands in the end, whenever and how often it was counted. */
async function countedIn(table: Table): Promise<object> {
  const bare = (items: readonly Item[]) =>
    items.map(({ revision: _, claim: __, asOf: ___, figures, ...item }) => ({
      ...item,
      figures: figures && Object.entries(figures).map(([kpi, packed]) => [kpi, packed.slice(0, -1)]),
    }));
  return { snapshots: bare(await itemsOf(table, "snapshot")), entries: bare(await itemsOf(table, "kpiEntry")) };
}

describe("the history of a KPI", () => {
  let table: Table;
  beforeEach(async () => {
    table = await withHistory();
  });

  it("is read from all timelines by pages, then counted a stretch a turn, and says how far it is", async () => {
    await define(table);
    expect(await progress(table)).toMatchObject({ state: "waiting" });
    const { queue, follow } = conveyor(table);
    await follow();
    expect(queue).toEqual([{ type: "plan" }]);
    const done: string[] = [];
    const states: unknown[] = [];
    for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
      await handle(table, message, 4);
      done.push(message.type);
      const { state, contactsLeft, contacts, daysLeft, days } = await progress(table);
      states.push([state, contactsLeft ?? daysLeft, contacts ?? days]);
      await follow();
    }
    expect(done.filter((type) => type === "page").length).toBeGreaterThanOrEqual(4);
    expect(states[0]).toEqual(["reading", 7, 7]);
    expect(states).toContainEqual(["reading", expect.toSatisfy((left: number) => left > 0 && left < 7), 7]);
    // October 28 to November 4, four a turn after so many deliveries; the last turn finds none.
    expect(states.slice(-4)).toEqual([
      ["counting", 8, 8],
      ["counting", 4, 8],
      ["counted", 0, 8],
      ["counted", 0, 8],
    ]);
    const entries = (await itemsOf(table, "kpiEntry")).filter(({ fact }) => fact === "event:Webinar Attended");
    expect(entries.map(({ properties }) => properties)).toContainEqual({ topic: "cats" });
    expect(entries).toHaveLength(7);
    const counted = await itemsOf(table, "snapshot");
    expect(counted).toContainEqual(
      expect.objectContaining({ kpi: "attendance", period: "year", start: "2026-01-01", numerator: 7 }),
    );
  });

  it("comes to the same figures in any order of its messages, whatever is repeated or dies", {
    timeout: 60_000,
  }, async () => {
    const reference = await withHistory();
    await define(reference);
    const { queue, follow } = conveyor(reference);
    for (await follow(); queue.length > 0; await follow()) await handle(reference, queue.shift() as HistoryMessage);
    const expected = await countedIn(reference);
    let worlds = 0;
    const step = fc.record({ pick: fc.nat(), nth: fc.nat(60), after: fc.boolean(), twice: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 20 }), async (steps) => {
        const world = worlds++ === 0 ? table : await withHistory();
        await define(world);
        const belt = conveyor(world);
        await belt.follow();
        let at = 0;
        while (belt.queue.length > 0) {
          const { pick, nth, after, twice } = steps[at++] ?? { pick: 0, nth: 0, after: false, twice: false };
          const message = belt.queue.splice(pick % belt.queue.length, 1)[0] as HistoryMessage;
          const dying = nth > 0 && nth < 40 ? crashing(world, { nth, after }) : world;
          await handle(dying, message, 1 + (at % 4)).catch(() => belt.queue.push(message));
          if (twice) belt.queue.push(message);
          await belt.follow();
        }
        // What a plan has marked before it died is left to the hourly roll-up.
        await rollUp({ ...deps(world), kpis: await fewKpis(world) });
        expect(await progress(world)).toMatchObject({ state: "counted" });
        expect(await readDirty(world, "kpis")).toEqual([]);
        expect(await countedIn(world)).toEqual(expected);
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });

  it("goes on after its messages were lost, and begins anew for a newer catalogue that asks for more", async () => {
    await define(table);
    await planHistory(deps(table));
    const first = await readWalk(table);
    await walkPage(table, { type: "page", epoch: first.epoch, shard: "0", pages: 0 }, 1);
    await planHistory(deps(table));
    const again = await readWalk(table);
    expect(again).toMatchObject({ epoch: first.epoch + 1, shards: { 0: { pages: 1 } } });
    const { queue, follow } = conveyor(table);
    await follow();
    const open = Object.values(again.shards).filter(({ done }) => !done).length;
    expect(queue.filter(({ type }) => type === "page")).toHaveLength(open);
    await define(table, "by-room", { ...attendance, slices: ["room"] });
    await planHistory(deps(table));
    expect(await readWalk(table)).toMatchObject({
      shards: { 0: { pages: 0 } },
      asked: { "Webinar Attended": { since: 2, properties: ["room", "topic"] } },
    });
    const before = await itemsOf(table, "kpiWalk");
    await walkPage(table, { type: "page", epoch: again.epoch, shard: "1", pages: 0 });
    expect(await itemsOf(table, "kpiWalk")).toEqual(before);
  });

  it("waits until every process keeps what comes meanwhile, and marks no day before", async () => {
    await define(table);
    const early = { ...deps(table), now: () => new Date(Date.parse(stamp.updatedAt) + 59_000) };
    expect(await planHistory(early)).toBe(0);
    expect(await readWalk(table)).toEqual(noWalk);
    expect(await progress(table)).toMatchObject({ state: "waiting" });
  });
});

describe("what is looked for on timelines", () => {
  const first = withDefinition(emptyCatalogue, "a", attendance, { stamp, expected: undefined });
  const found = { ...noWalk, found: { "Webinar Attended": 1 } };

  it("is what no walk has found all of", () => {
    expect(missingOf(first.asked, noWalk)).toEqual({ "Webinar Attended": { since: 1, properties: ["topic"] } });
    expect(missingOf(first.asked, found)).toEqual({});
  });

  it("is nothing new when another KPI asks for as much or less, and all when it asks for more", () => {
    const less = withDefinition(first, "b", { ...attendance, slices: [] }, { stamp, expected: undefined });
    expect(missingOf(less.asked, found)).toEqual({});
    const more = withDefinition(less, "c", { ...attendance, slices: ["room"] }, { stamp, expected: undefined });
    expect(missingOf(more.asked, found)).toEqual({
      "Webinar Attended": { since: 3, properties: ["room", "topic"] },
    });
  });

  it("is looked for again after nobody had asked for a while: what came then was not kept", () => {
    const gone = withoutDefinition(first, "a", undefined);
    expect(gone.asked).toEqual({});
    const back = withDefinition(gone, "a", attendance, { stamp, expected: undefined });
    expect(missingOf(back.asked, found)).toMatchObject({ "Webinar Attended": { since: 3 } });
  });
});
