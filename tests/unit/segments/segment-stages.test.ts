import { setTimeout } from "node:timers/promises";
import { BatchWriteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "vitest";
import { contactItem, listShards } from "../../../shared/contacts/contact.ts";
import { foldStage } from "../../../shared/contacts/contact-stages.ts";
import { foldEvent } from "../../../shared/contacts/contact-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { refold } from "../../../shared/contacts/profile.ts";
import { customerModelKey, customerModelSchema } from "../../../shared/customers/customer-model.ts";
import { dueItemSchema } from "../../../shared/due/due.ts";
import { deleteDue } from "../../../shared/due/due-store.ts";
import { suppressionRemoved } from "../../../shared/email/suppression.ts";
import { putSuppression, removeSuppression } from "../../../shared/email/suppression-store.ts";
import type { Event } from "../../../shared/events/event.ts";
import { eventKey } from "../../../shared/events/event-keys.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { keepDefinitions } from "../../../shared/segments/definition-store.ts";
import { evaluateContact } from "../../../shared/segments/evaluation-store.ts";
import { memberShards } from "../../../shared/segments/membership.ts";
import { countMembers, listMembers } from "../../../shared/segments/membership-store.ts";
import { previewBound, previewSegment } from "../../../shared/segments/preview-store.ts";
import {
  newEmptying,
  newRebuild,
  progressOf,
  type SegmentMessage,
  segmentMessageSchema,
} from "../../../shared/segments/rebuild.ts";
import { handleSegmentMessage } from "../../../shared/segments/rebuild-store.ts";
import {
  censusStage,
  contactSegmentsStage,
  customerModelStage,
  cutPointsStage,
  eventSegmentsStage,
  membershipEventStage,
  membershipFollowStage,
  rebuildStage,
  suppressionSegmentsStage,
} from "../../../shared/segments/segment-stages.ts";
import { getSegment, listSegments, putSegment } from "../../../shared/segments/segment-store.ts";
import type { Change, Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { shardOf } from "../../../shared/table/hash.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { expectStageContract } from "../../support/stage-contract.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { order, submission, told } from "../contacts/events.ts";
import { rule } from "./facts.ts";

const start = "2026-03-01T10:00:00.000Z";

let table: Table;
let clock: Date;
let queue: SegmentMessage[];
let stages: readonly Stage[];
let deps: Parameters<typeof handleSegmentMessage>[0];

beforeEach(async () => {
  table = await createTestTable(engine.url);
  clock = new Date(start);
  queue = [];
  const now = () => clock;
  deps = { table, now, definitions: keepDefinitions({ table, now }), pageSize: 25 };
  const sendSegments = async (message: SegmentMessage) => void queue.push(message);
  stages = [
    foldStage({ table, rules: stageRules }),
    contactSegmentsStage(deps),
    eventSegmentsStage(deps),
    membershipEventStage({ table }),
    membershipFollowStage(deps),
    rebuildStage({ sendSegments }),
    suppressionSegmentsStage(deps),
    censusStage({ sendSegments }),
    cutPointsStage({ sendSegments }),
    customerModelStage({ sendSegments }),
  ];
});

async function define(id: string, given: unknown, version = 1): Promise<void> {
  const rebuild = newRebuild(version);
  const segment = { id, name: id, rule: rule(given), version, updatedAt: start, updatedBy: "test", rebuild };
  await putSegment(table, segment, version === 1 ? undefined : version - 1);
  later(1 / 24);
}

function later(days: number): void {
  clock = new Date(clock.getTime() + days * 86_400_000);
}

async function happens(...events: readonly Event[]): Promise<void> {
  const known = await contentsOf(table);
  for (const event of events) await putEvent(table, event);
  await settle({ table, stages, known });
}

/** Works off the queue and what is due, as the sweep and the queue would. */
async function workOff(): Promise<void> {
  for (let round = 0; round < 50; round++) {
    for (const item of await itemsOf(table, "due")) {
      const due = dueItemSchema.parse(item);
      if ((due.sk.split("#")[0] ?? "") > clock.toISOString()) continue;
      queue.push(segmentMessageSchema.parse(due.body));
      await deleteDue(table, due);
    }
    const messages = queue.splice(0);
    if (messages.length === 0) return;
    const known = await contentsOf(table);
    for (const message of messages) await handleSegmentMessage(deps, message);
    await settle({ table, stages, known });
  }
  throw new Error("the queue does not come to rest");
}

async function timeline(): Promise<readonly string[]> {
  const events = await itemsOf(table, "event");
  return events
    .filter(({ source }) => source === "segments")
    .map(({ name, properties }) => `${name} ${JSON.stringify(properties, ["historic", "rebuild", "segmentId"])}`);
}

const bought = (origin: string, contactId = "c1", at = clock.toISOString()) =>
  of(contactId, order({ origin, at, heardAt: clock.toISOString(), amount: 100 }));

/** The same event of another contact. */
function of(contactId: string, event: Event): Event {
  return { ...event, ...eventKey(contactId, event.occurredAt, event.eventId) };
}

const repeat = { type: "event", name: "Order Completed", measure: "count", op: "gte", value: 2, withinDays: 90 };

describe("a segment of who ordered twice within 90 days", () => {
  beforeEach(() => define("repeat", repeat));

  test("is entered on the second order and left by time alone, each told once", async () => {
    await happens(bought("1"));
    expect(await timeline()).toEqual([]);
    later(10);
    await happens(bought("2"));
    const entered = clock.toISOString();
    expect((await listMembers(table, "repeat", { limit: 10 })).items).toMatchObject([{ contactId: "c1" }]);
    later(79.9);
    await workOff();
    expect(await timeline()).toHaveLength(1);
    later(0.2);
    await workOff();
    expect(await timeline()).toEqual([
      'Segment Entered {"segmentId":"repeat"}',
      'Segment Exited {"segmentId":"repeat"}',
    ]);
    expect(await itemsOf(table, "membership")).toMatchObject([
      { state: "out", version: 2, flips: [{ at: entered }, { state: "out" }] },
    ]);
    expect(await countMembers(table, "repeat", 100)).toEqual({ count: 0, exact: true });
  });

  test("is entered once when every change comes twice, backwards and again", async () => {
    for (const origin of ["1", "2", "3"]) await putEvent(table, bought(origin));
    const deliver = (changes: readonly Change[]) => [...changes, ...changes].reverse();
    await settle({ table, stages, deliver });
    await settle({ table, stages, deliver });
    expect(await timeline()).toHaveLength(1);
    expect(await itemsOf(table, "membership")).toMatchObject([{ state: "in", version: 1 }]);
  });

  test("has stages that change nothing when they run again", async () => {
    for (const origin of ["1", "2"]) await putEvent(table, bought(origin));
    const run = (stage: Stage, change: Change) => expectStageContract(stage, change, { table, mailKeys: () => [] });
    await settle({ table, stages: stages.filter(({ kind }) => kind !== "segment"), run });
    expect(await timeline()).toHaveLength(1);
  });

  test("marks an entry that old facts bring about, and an entry that new ones do not", async () => {
    const old = new Date(clock.getTime() - 4 * 86_400_000).toISOString();
    await happens(bought("1", "c1", old), bought("2", "c1", old), bought("1b", "c2"), bought("2b", "c2"));
    expect(await itemsOf(table, "membership")).toMatchObject([
      { contactId: "c1", flips: [{ historic: true }] },
      { contactId: "c2", flips: [expect.not.objectContaining({ historic: true })] },
    ]);
  });

  test("is not entered by who ordered before an event stage could write: the newer facts win", async () => {
    await happens(bought("1"));
    // Two evaluations at one time, an order in between.
    const first = evaluateContact(deps, { contactId: "c1", concerns: () => true, mark: {} });
    await putEvent(table, bought("2"));
    await Promise.all([first, setTimeout(0)]);
    await settle({ table, stages });
    expect(await itemsOf(table, "membership")).toMatchObject([{ state: "in" }]);
  });
});

test("a contact who changes by an old order alone is marked by its profile's stage too", async () => {
  await define("customers", { type: "attribute", attribute: "orders", op: "gte", value: 1 });
  await happens(submission({ origin: "lead", at: clock.toISOString() }));
  later(1);
  await happens(bought("old", "c1", "2026-01-01T10:00:00.000Z"));
  expect(await timeline()).toEqual(['Segment Entered {"historic":true,"segmentId":"customers"}']);
});

test("who enters one segment enters the one that asks for it", async () => {
  await define("customers", { type: "attribute", attribute: "orders", op: "gte", value: 1 });
  await define("not-yet", { type: "not", rule: { type: "segment", segmentId: "customers" } });
  await happens(submission({ origin: "lead", at: clock.toISOString() }));
  expect((await listMembers(table, "not-yet", { limit: 9 })).items).toHaveLength(1);
  await happens(bought("1"));
  expect((await listMembers(table, "not-yet", { limit: 9 })).items).toHaveLength(0);
});

test("a changed definition is known before anybody is written in or out by the old one", async () => {
  await define("big", { type: "attribute", attribute: "orders", op: "gte", value: 1 });
  await deps.definitions.all();
  const kept = clock;
  await define("big", { type: "attribute", attribute: "orders", op: "gte", value: 2 }, 2);
  clock = kept;
  await happens(bought("1"));
  expect(await itemsOf(table, "membership")).toEqual([]);
});

describe("a rebuild", () => {
  test("finds the members page by page, tells how far it is, and writes only changes", async () => {
    // All in one part of the list, so that it takes three pages.
    const inOneShard = Array.from({ length: 500 }, (_, at) => `c${at}`).filter((id) => shardOf(id, listShards) === 0);
    const ids = inOneShard.slice(0, 60);
    await Promise.all(ids.map((id) => foldEvent(table, bought(id, id))));
    const known = await contentsOf(table);
    await define("customers", { type: "attribute", attribute: "orders", op: "gte", value: 1 });
    await settle({ table, stages, known });
    expect(new Set(queue.map((message) => message.type === "page" && message.shard)).size).toBe(4);
    await workOff();
    const segment = await getSegment(table, "customers");
    expect(segment && progressOf(segment.rebuild)).toEqual({
      version: 1,
      shards: 4,
      shardsDone: 4,
      done: true,
      evaluated: 60,
      members: 60,
    });
    expect(await countMembers(table, "customers", 1_000)).toEqual({ count: 60, exact: true });
    expect(new Set(await timeline())).toEqual(new Set(['Segment Entered {"rebuild":true,"segmentId":"customers"}']));
    const before = await itemsOf(table, "membership");

    // Again with a rule of the same people: nobody is written.
    const built = await contentsOf(table);
    await define("customers", { type: "attribute", attribute: "customer", op: "eq", value: true }, 2);
    await settle({ table, stages, known: built });
    queue = [...queue, ...queue];
    await workOff();
    expect(await itemsOf(table, "membership")).toEqual(before);
    const again = await getSegment(table, "customers");
    expect(again && progressOf(again.rebuild)).toMatchObject({ version: 2, done: true, evaluated: 60, members: 60 });
  });

  test("of an older definition does nothing", async () => {
    await happens(bought("1"));
    await define("customers", { type: "attribute", attribute: "orders", op: "gte", value: 1 });
    const page = { type: "page", segmentId: "customers", version: 1, cutPoints: 0, shard: "0", pages: 0 } as const;
    await define("customers", { type: "attribute", attribute: "orders", op: "gte", value: 9 }, 2);
    await handleSegmentMessage(deps, page);
    expect(progressOf((await getSegment(table, "customers"))?.rebuild ?? newRebuild(0))).toMatchObject({
      evaluated: 0,
    });
  });
});

describe("the census of customers", () => {
  const customers = Array.from({ length: 60 }, (_, at) => `c${at}`);
  const top = { type: "valueTier", tier: "high", currency: "EUR" };
  const cutPoints = async () => (await itemsOf(table, "cutPoints"))[0];

  /** Each spends as much as its number says. */
  async function spendAll(times = 1): Promise<void> {
    for (const [at, id] of customers.entries()) {
      const event = order({
        origin: `${id}-${clock.toISOString()}`,
        at: clock.toISOString(),
        amount: (at + 1) * 100 * times,
      });
      await foldEvent(table, of(id, event));
    }
  }
  const members = async (id: string) => (await countMembers(table, id, 1_000)).count;
  async function settleAll(known: Awaited<ReturnType<typeof contentsOf>>): Promise<void> {
    await settle({ table, stages, known });
    await workOff();
  }

  test("is taken for the first who asks for ranks, and parts the customers; who does not ask is left alone", async () => {
    await spendAll();
    const known = await contentsOf(table);
    await define("top", top);
    await define("spenders", { type: "attribute", attribute: "revenue.EUR", op: "gte", value: 5_000 });
    await settleAll(known);
    expect(await cutPoints()).toMatchObject({ version: 1, customers: 60, revenue: { EUR: { customers: 60 } } });
    // By the sketch's two percent, at least a fifth stands above no more than a fifth.
    expect(await members("top")).toBe(12);
    expect((await getSegment(table, "top"))?.rebuild).toMatchObject({ version: 1, cutPoints: 1 });
    expect((await getSegment(table, "spenders"))?.rebuild).toMatchObject({ version: 1, cutPoints: 0 });
    expect((await timeline()).every((line) => line.includes('"rebuild":true'))).toBe(true);
  }, 60_000);

  test("changes nothing when all of it happens twice, and when no cut point moved", async () => {
    await spendAll();
    const known = await contentsOf(table);
    await define("top", top);
    await settle({ table, stages, known, deliver: (changes) => [...changes, ...changes].reverse() });
    queue = [...queue, ...queue];
    await workOff();
    const before = await cutPoints();
    expect(before).toMatchObject({ version: 1 });
    later(6);
    queue.push({ type: "census" });
    await workOff();
    expect(await cutPoints()).toEqual(before);
    later(1);
    queue.push({ type: "census" }, { type: "census" });
    await workOff();
    expect(await itemsOf(table, "censusShard")).toMatchObject(
      Array.from({ length: listShards }, () => ({ date: clock.toISOString().slice(0, 10), done: true, pages: 1 })),
    );
    // A week later the orders lie further back, and recency has moved; it holds for a week again.
    const moved = await cutPoints();
    expect(moved).toMatchObject({ version: 2, revenue: before?.revenue });
    queue.push({ type: "census" });
    await workOff();
    expect(await cutPoints()).toEqual(moved);
  }, 60_000);

  test("that moves the cut points moves people by them", async () => {
    await spendAll();
    const known = await contentsOf(table);
    await define("top", top);
    await settleAll(known);
    later(7);
    // The upper half is overtaken by one of them, who buys for more than all.
    const rich = of("c0", order({ origin: "rich", at: clock.toISOString(), amount: 1_000_000 }));
    await happens(rich);
    expect(await members("top")).toBe(13);
    queue.push({ type: "census" });
    await workOff();
    expect((await getSegment(table, "top"))?.rebuild).toMatchObject({ cutPoints: 2 });
    expect(await members("top")).toBe(12);
  }, 60_000);

  test("is not taken when nobody asks for ranks", async () => {
    await define("spenders", { type: "attribute", attribute: "revenue.EUR", op: "gte", value: 5_000 });
    queue.push({ type: "census" });
    await workOff();
    expect(await itemsOf(table, "censusShard")).toEqual([]);
  });

  test("has stages that change nothing when they run again", async () => {
    await spendAll();
    const known = await contentsOf(table);
    await define("top", top);
    const run = (stage: Stage, change: Change) => expectStageContract(stage, change, { table, mailKeys: () => [] });
    await settle({ table, stages, known, run });
    const others = stages.filter(({ kind }) => kind !== "event");
    for (let round = 0; round < 9 && queue.length > 0; round++) {
      const before = await contentsOf(table);
      for (const message of queue.splice(0)) await handleSegmentMessage(deps, message);
      await settle({ table, stages: others, known: before, run });
    }
    expect(await cutPoints()).toMatchObject({ version: 1 });
  }, 60_000);
});

describe("a customer model", () => {
  const nightFits = async (moves: number, a: number) => {
    const activity = { r: 0.525, alpha: 6.183, a, b: 1.614 };
    const item = customerModelSchema.parse({
      ...{ version: moves, moves, at: clock.toISOString(), customers: 600, repeatBuyers: 200, spend: {} },
      activity: { ...activity, logLikelihood: -1 },
    });
    const known = await contentsOf(table);
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { ...customerModelKey(), kind: "customerModel", ...item } }),
    );
    await settle({ table, stages, known });
    await workOff();
  };
  const members = async () => (await countMembers(table, "gone", 100)).count;

  test("that is first fitted, or moves, takes in by itself who is likely gone; time alone takes in the others", async () => {
    await happens(bought("lately", "c1"), bought("long-ago", "c2", "2025-09-01T10:00:00.000Z"));
    await define("gone", { type: "prediction", activeBelow: 0.5 });
    queue.length = 0;
    await nightFits(1, 0.891);
    expect((await getSegment(table, "gone"))?.rebuild.cutPoints).toBe(1);
    expect(await members()).toBe(1);
    const due = (await itemsOf(table, "due")).map(({ sk }) => String(sk).slice(0, 10));
    expect(due).toHaveLength(1);
    clock = new Date(`${due[0]}T00:00:00.000Z`);
    later(1);
    await workOff();
    expect(await members()).toBe(2);
    // By which nobody leaves.
    await nightFits(2, 0.001);
    expect(await members()).toBe(0);
  });
});

describe("a segment that is archived", () => {
  const all = { type: "elapsed", since: "firstOrder", lessThanDays: 30 };

  async function archive(id: string): Promise<void> {
    const segment = await getSegment(table, id);
    if (segment === undefined) throw new Error("no such segment");
    const version = segment.version + 1;
    const archived = { ...segment, version, archivedAt: clock.toISOString(), rebuild: newEmptying(version) };
    await putSegment(table, archived, segment.version);
  }
  const states = async () => (await itemsOf(table, "membership")).map(({ state }) => state);

  test("is left by all, page by page and whatever comes twice, and nobody is told", async () => {
    await define("new", all);
    const inOneShard = Array.from({ length: 400 }, (_, at) => `c${at}`).filter((id) => shardOf(id, memberShards) === 0);
    const ids = inOneShard.slice(0, 50);
    await happens(...ids.map((id) => bought(id, id)));
    expect((await countMembers(table, "new", 1_000)).count).toBe(50);
    const [told, known] = [await timeline(), await contentsOf(table)];
    await archive("new");
    // A process that still knows the definition takes nobody in.
    await happens(bought("late", "late"));
    await settle({ table, stages, known, deliver: (changes) => [...changes, ...changes].reverse() });
    queue = [...queue, ...queue];
    await workOff();
    expect(new Set(await states())).toEqual(new Set(["out"]));
    expect(await countMembers(table, "new", 1_000)).toEqual({ count: 0, exact: true });
    expect(await timeline()).toEqual(told);
    const segment = await getSegment(table, "new");
    expect(segment && progressOf(segment.rebuild)).toMatchObject({ done: true, evaluated: 50, members: 0 });
    expect(await listSegments(table)).toEqual([]);
    // The clocks run down without effect.
    later(40);
    await workOff();
    expect(await timeline()).toEqual(told);
  });

  test("comes back with who fits then, each told once more", async () => {
    await define("new", all);
    await happens(bought("1"), bought("2", "c2"));
    const known = await contentsOf(table);
    await archive("new");
    await settle({ table, stages, known });
    await workOff();
    later(20);
    await happens(bought("3", "c3"));
    const archived = await contentsOf(table);
    later(15);
    await define("new", all, 3);
    await settle({ table, stages, known: archived });
    await workOff();
    expect((await listMembers(table, "new", { limit: 9 })).items).toMatchObject([{ contactId: "c3" }]);
    expect((await timeline()).filter((line) => line.includes('"rebuild":true'))).toHaveLength(1);
  });

  test("starts no journey and no rebuild when its emptying is told again to a new definition", async () => {
    await define("new", all);
    await happens(bought("1"));
    await archive("new");
    const page = { type: "page", segmentId: "new", version: 2, cutPoints: 0, shard: "0", pages: 0 } as const;
    await define("new", all, 3);
    await handleSegmentMessage(deps, page);
    expect(await states()).toEqual(["in"]);
  });
});

test("a preview counts without writing", async () => {
  await happens(bought("1"), bought("2", "c2"), of("c3", submission({ origin: "l", at: clock.toISOString() })));
  const preview = await previewSegment(table, rule({ ...repeat, value: 1 }), clock);
  const estimate = { members: 2, low: 2, high: 2 };
  expect(preview).toMatchObject({ count: 2, scanned: 3, complete: true, contacts: 3, estimate });
  expect(preview.members.map(({ contactId }) => contactId).sort()).toEqual(["c1", "c2"]);
  expect(await itemsOf(table, "membership")).toEqual([]);
});

test("a preview of many finds who has long been away, and tells how many they are of all", async () => {
  const hoursAgo = (hours: number) => new Date(clock.getTime() - hours * 3_600_000).toISOString();
  const buyers = Array.from({ length: 1_100 }, (_, at) => {
    const event = of(`p${at}`, bought("o", `p${at}`, hoursAgo(at < 40 ? 210 * 24 + at : at % 500)));
    const profile = refold([event]);
    if (profile === undefined) throw new Error("an order makes a profile");
    return contactItem(profile, 1);
  });
  for (let at = 0; at < buyers.length; at += 25) {
    const requests = buyers.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await table.client.send(new BatchWriteCommand({ RequestItems: { [table.name]: requests } }));
  }
  const lapsed = rule({ type: "elapsed", since: "lastOrder", atLeastDays: 180 });
  const preview = await previewSegment(table, lapsed, clock);
  expect(preview).toMatchObject({ complete: false, contacts: 1_100 });
  expect(preview.scanned).toBeLessThanOrEqual(previewBound);
  expect(preview.members).toHaveLength(20);
  const { members, low, high } = preview.estimate;
  expect(Math.abs(members - 40)).toBeLessThan(8);
  expect([low <= 40, high >= 40, low >= preview.count]).toEqual([true, true, true]);
  const used = meterOf(table);
  const nobody = await previewSegment(table, rule({ type: "elapsed", since: "lastOrder", atLeastDays: 400 }), clock);
  expect(nobody).toMatchObject({ count: 0, estimate: { members: 0, low: 0 }, members: [] });
  expect(nobody.estimate.high).toBeGreaterThan(0);
  expect(used.read).toBeLessThan(700);
});

describe("an address that gets no mail", () => {
  const someone = of("c1", submission({ origin: "l", at: start }));
  const hash = addressHash("ada@example.com");
  const bounce = { reason: "bounce", at: start, eventId: "b", contactId: "c1" } as const;
  const removed = () =>
    told({ origin: "r", at: clock.toISOString(), name: suppressionRemoved, properties: { addressHash: hash } });

  test("leaves those to be reached by e-mail, and comes back once a colleague lets it", async () => {
    await define("reachable", { type: "channel", is: "email" });
    await define("suppressed", { type: "suppressed" });
    await happens(someone);
    const members = async () => [
      (await countMembers(table, "reachable", 9)).count,
      (await countMembers(table, "suppressed", 9)).count,
    ];
    expect(await members()).toEqual([1, 0]);
    const known = await contentsOf(table);
    await putSuppression(table, hash, bounce);
    await settle({ table, stages, known });
    expect(await members()).toEqual([0, 1]);
    later(1);
    await removeSuppression(table, hash);
    await happens(of("c1", removed()));
    expect(await members()).toEqual([1, 0]);
  });
});

describe("what an order costs a known contact", () => {
  /** Live segments of all sorts: on orders, on time, on events and on what an order does not touch. */
  async function defineMany(count: number): Promise<void> {
    for (let at = 0; at < count; at++) {
      const kinds = [
        { type: "elapsed", since: "lastOrder", atLeastDays: 90 + at },
        { ...repeat, value: 9 + at },
        { type: "attribute", attribute: "fields.country", op: "eq", value: `C${at}` },
        { type: "valueTier", tier: "high", currency: "EUR", midFrom: 1_000_000, highFrom: 9_000_000 + at },
        { type: "overdue", times: 2 + at },
      ];
      await define(`s${at}`, kinds[at % kinds.length]);
    }
  }

  test.each([5, 50])("with %i live segments", async (count) => {
    await defineMany(count);
    await happens(bought("1"));
    later(20);
    await happens(bought("2"));
    later(20);
    await deps.definitions.all();
    const event = bought("3");
    await putEvent(table, event);
    await foldStage({ table, rules: stageRules }).run({ item: event, previous: undefined });
    const [contact] = await itemsOf(table, "contact");
    const used = meterOf(table);
    await eventSegmentsStage(deps).run({ item: event, previous: undefined });
    const before = { ...contact, orders: 2, lastOrderAt: start, revenue: { EUR: 200 }, version: 2 };
    if (contact !== undefined)
      await contactSegmentsStage(deps).run({ item: contact, previous: { ...contact, ...before } });
    // Memberships and contact twice, the events once; the clock runs early enough.
    expect(used).toEqual({ write: 0, read: 5 });
  });

  test.each([
    [5, { write: 0, read: 2 }],
    [50, { write: 0, read: 4 }],
  ])("who is in all of %i", async (count, expected) => {
    for (let at = 0; at < count; at++) {
      await define(`all-${at}`, { type: "attribute", attribute: "orders", op: "gte", value: 1 });
    }
    await happens(bought("1"), bought("2"));
    expect(await itemsOf(table, "membership")).toHaveLength(count);
    const [contact] = await itemsOf(table, "contact");
    const used = meterOf(table);
    if (contact === undefined) throw new Error("no contact");
    await contactSegmentsStage(deps).run({ item: contact, previous: { ...contact, orders: 1 } });
    expect(used).toEqual(expected);
  });
});
