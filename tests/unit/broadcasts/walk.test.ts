import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Broadcast } from "../../../shared/broadcasts/broadcast.ts";
import { pause, resume, send } from "../../../shared/broadcasts/broadcast-changes.ts";
import { broadcastPagesStage } from "../../../shared/broadcasts/broadcast-stages.ts";
import {
  broadcastsUsing,
  getBroadcast,
  listBroadcasts,
  putBroadcast,
} from "../../../shared/broadcasts/broadcast-store.ts";
import { type BroadcastMessage, broadcastMessageSchema, walkOf } from "../../../shared/broadcasts/fan-out.ts";
import { broadcastProgressStage, readReport } from "../../../shared/broadcasts/progress-store.ts";
import { handleBroadcastMessage, type WalkDependencies } from "../../../shared/broadcasts/walk-store.ts";
import { dueItemSchema } from "../../../shared/due/due.ts";
import { deleteDue } from "../../../shared/due/due-store.ts";
import { ledgerKey, sending, settled } from "../../../shared/email/ledger.ts";
import { openLedger } from "../../../shared/email/ledger-store.ts";
import type { MailMessageInput } from "../../../shared/email/mail-message.ts";
import { flipped } from "../../../shared/segments/membership.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { draft, hours, minutes, plus, start } from "./broadcasts.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

class Crash extends Error {}
type Move = "none" | "before" | "after";

/** Everybody's process may die before or after each of its calls, by a script. */
function shaken<Args extends unknown[], Result>(moves: Move[], work: (...args: Args) => Promise<Result>) {
  return async (...args: Args): Promise<Result> => {
    const move = moves.shift() ?? "none";
    if (move === "before") throw new Crash();
    const result = await work(...args);
    if (move === "after") throw new Crash();
    return result;
  };
}

async function fill(count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, at) => `c${String(at).padStart(4, "0")}`);
  const mark = {};
  const items = ids.map((contactId) =>
    flipped(undefined, { contactId, segmentId: "all", segmentVersion: 1, member: true, at: start.toISOString(), mark }),
  );
  for (let at = 0; at < items.length; at += 25) {
    const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await table.client.send(new BatchWriteCommand({ RequestItems: { [table.name]: puts } }));
  }
  return ids;
}

/** A queue that repeats what failed, a stream, a sweep and a mail function that sends at once. */
function world(moves: Move[] = []) {
  const clock = { now: start };
  const now = () => clock.now;
  const mails: { readonly message: MailMessageInput; readonly at: number }[] = [];
  let queue: { readonly message: BroadcastMessage; readonly at: number }[] = [];
  const sendBroadcasts = async (message: BroadcastMessage, delaySeconds = 0) => {
    queue.push({ message, at: clock.now.getTime() + delaySeconds * 1_000 });
  };
  const stages = [broadcastPagesStage({ table, sendBroadcasts, now }), broadcastProgressStage({ table, now })];
  const calm: WalkDependencies = {
    table,
    sendMail: async (message) => void mails.push({ message, at: clock.now.getTime() }),
    perSecond: 500,
    now,
  };
  const client = Object.create(table.client, { send: { value: shaken(moves, table.client.send.bind(table.client)) } });
  const deps = { ...calm, table: { ...table, client }, sendMail: shaken(moves, calm.sendMail) };
  let known: Awaited<ReturnType<typeof contentsOf>>;

  async function rest(): Promise<void> {
    await settle({ table, stages, known });
    known = await contentsOf(table);
  }

  /** Sends what was asked for, as the mail function would: each once. */
  async function mailAll(): Promise<void> {
    const ledger = openLedger(table);
    for (const { message } of mails) {
      const key = ledgerKey(message.owner, message.messageKey);
      if ((await ledger.read(key)) !== undefined) continue;
      const { messageKey, campaign, correlationId } = message;
      const facts = { messageKey, campaign, correlationId, requestedAt: start.toISOString() };
      const entry = sending(undefined, key, { ...facts, stream: "marketing", template: "spring@1" }, clock.now);
      await ledger.write(entry);
      const sent = settled(entry, entry.attempt, { kind: "sent", sesMessageId: "1" }, clock.now);
      if (sent !== undefined) await ledger.write(sent);
    }
    await rest();
  }

  /** What is due becomes a message, as by the sweep. */
  async function sweep(): Promise<void> {
    for (const item of await itemsOf(table, "due")) {
      const due = dueItemSchema.parse(item);
      queue.push({ message: broadcastMessageSchema.parse(due.body), at: Date.parse(due.sk.split("#")[0] ?? "") });
      await deleteDue(table, due);
    }
  }

  /** One message, as often as the queue brings it. @returns the last answer */
  async function handle(message: BroadcastMessage): Promise<string> {
    for (let tries = 0; tries < 50; tries++) {
      try {
        return await handleBroadcastMessage(deps, message);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
    }
    throw new Error("it never succeeds");
  }

  /** Lets time pass until an instant, from one message to the next. */
  async function runUntil(end: Date): Promise<void> {
    await rest();
    for (;;) {
      await sweep();
      const next = Math.min(...queue.map(({ at }) => at));
      if (next > end.getTime()) break;
      clock.now = new Date(Math.max(next, clock.now.getTime()));
      const ripe = queue.filter(({ at }) => at <= next);
      queue = queue.filter(({ at }) => at > next);
      for (const { message } of ripe) await handle(message);
      await rest();
    }
    clock.now = end;
  }

  async function change(decide: (broadcast: Broadcast) => Broadcast): Promise<void> {
    const next = decide(await current());
    await putBroadcast(table, { ...next, version: next.version + 1 });
    await rest();
  }

  const current = async () => (await getBroadcast(table, "spring")) ?? Promise.reject(new Error("no broadcast"));
  const reached = () => mails.map(({ message: { owner } }) => ("contactId" in owner ? owner.contactId : ""));
  return { clock, mails, reached, handle, rest, runUntil, mailAll, change, current, deps: calm, queued: () => queue };
}

async function begin(more: Partial<Broadcast> = {}): Promise<void> {
  await putBroadcast(table, send(draft(more), start));
}

describe("a walk over the members", () => {
  test("asks for one mail of each, by pages, and knows when all have been sent", async () => {
    const ids = await fill(20);
    await begin({ mailsPerHour: 600 });
    const { reached, runUntil, mailAll, current } = world();
    await runUntil(plus(start, minutes(0.5)));
    expect(reached().length).toBeGreaterThan(4);
    expect(reached().length).toBeLessThan(20);
    await runUntil(plus(start, minutes(20)));
    expect(reached().toSorted()).toEqual(ids);
    const { fanOut, state } = await current();
    expect([state, fanOut && walkOf(fanOut)]).toEqual([
      "sending",
      { shards: 4, shardsDone: 4, queued: 20, heldOut: 0 },
    ]);
    await mailAll();
    expect(await readReport(table, "spring")).toMatchObject({ sent: 20, variants: { a: { sent: 20 } } });
    await runUntil(plus(start, minutes(60)));
    expect(await current()).toMatchObject({ state: "sent", version: 2, endedAt: expect.any(String) });
  });

  test("never goes faster than the rate that was asked for", async () => {
    await fill(60);
    await begin({ mailsPerHour: 1_200 });
    const { mails, runUntil } = world();
    await runUntil(plus(start, minutes(10)));
    expect(mails).toHaveLength(60);
    for (const { at } of mails) {
      const allowed = (20 * (at - start.getTime())) / minutes(1);
      // The first page of each shard comes at once.
      expect(mails.filter((other) => other.at <= at).length).toBeLessThanOrEqual(allowed + 20);
    }
  });

  test("waits for its start, as due items when that is far ahead", async () => {
    await fill(8);
    const { reached, rest, runUntil } = world();
    const startsAt = plus(start, hours(3));
    const scheduled = send(draft(), startsAt);
    await putBroadcast(table, scheduled);
    await rest();
    expect(await itemsOf(table, "due")).toHaveLength(4);
    await runUntil(plus(startsAt, -1));
    expect(reached()).toEqual([]);
    await runUntil(startsAt);
    expect(reached()).toHaveLength(8);
  });

  test("stands still while it is paused, and goes on where it stood", async () => {
    const ids = await fill(40);
    await begin({ mailsPerHour: 600 });
    const { reached, runUntil, change, clock, queued, handle } = world();
    await runUntil(plus(start, minutes(2)));
    const before = reached().length;
    await change((it) => pause(it, clock.now));
    const stale = queued().map(({ message }) => message);
    await runUntil(plus(start, hours(2)));
    expect(reached()).toHaveLength(before);
    await change((it) => resume(it, clock.now));
    for (const message of stale) expect(await handle(message)).toBe("stale");
    await runUntil(plus(clock.now, minutes(0.5)));
    expect(reached().length).toBeLessThanOrEqual(before + 10);
    await runUntil(plus(start, hours(3)));
    expect(reached().toSorted()).toEqual(ids);
  });

  test("holds a share out, told once on the timeline of each", async () => {
    const ids = await fill(60);
    const variants = [
      { id: "a", templateId: "spring", percent: 40 },
      { id: "b", templateId: "summer", percent: 40 },
    ];
    await begin({ variants, holdoutPercent: 20 });
    const { mails, reached, runUntil, current, handle } = world();
    const page = { type: "page", broadcastId: "spring", epoch: 1, shard: "0", pages: 0 } as const;
    await Promise.all([handle(page), handle(page)]);
    await runUntil(plus(start, minutes(5)));
    const held = await itemsOf(table, "event");
    const heldOut = held.map(({ pk }) => pk.slice("CONTACT#".length));
    const campaign = { type: "broadcast", id: "spring", variant: "holdout", first: true };
    expect(held).toEqual(held.map(() => expect.objectContaining({ name: "Email Held Out", properties: { campaign } })));
    expect([...new Set(reached()), ...heldOut].toSorted()).toEqual(ids);
    const { fanOut } = await current();
    expect(fanOut && walkOf(fanOut)).toMatchObject({ queued: 60 - held.length, heldOut: held.length });
    expect(new Set(mails.map(({ message }) => `${message.campaign?.variant} ${message.templateId}`))).toEqual(
      new Set(["a spring", "b summer"]),
    );
  });

  test("asks for nothing in a draft, a broadcast that is gone, and for a page of before", async () => {
    await fill(8);
    const { handle, mails } = world();
    const page = { type: "page", broadcastId: "spring", epoch: 1, shard: "0", pages: 0 } as const;
    expect(await handle(page)).toBe("stale");
    await putBroadcast(table, draft());
    expect(await handle(page)).toBe("stale");
    await putBroadcast(table, { ...send(draft(), start), version: 2 });
    expect(await handle({ ...page, pages: 1 })).toBe("stale");
    expect(await handle({ ...page, epoch: 2 })).toBe("stale");
    expect(await handle({ ...page, shard: "9" })).toBe("stale");
    expect(mails).toEqual([]);
    expect(await handle(page)).toBe("page done");
    expect(await handle(page)).toBe("stale");
  });

  test("loses and repeats nobody whatever crashes, and counts each once", async () => {
    const ids = await fill(24);
    const move = fc.oneof({ weight: 4, arbitrary: fc.constant("none" as const) }, fc.constantFrom("before", "after"));
    const scripts = fc.array(move as fc.Arbitrary<Move>, { minLength: 40, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const version = (await getBroadcast(table, "spring"))?.version ?? 0;
        const epoch = (await getBroadcast(table, "spring"))?.fanOut?.epoch ?? 0;
        const begun = send(draft({ mailsPerHour: 600 }), start);
        const fanOut = { shards: begun.fanOut?.shards ?? {}, epoch: epoch + 1 };
        await putBroadcast(table, { ...begun, fanOut, version: version + 1 });
        const { mails, reached, runUntil, current } = world([...script]);
        await runUntil(plus(start, minutes(12)));
        expect([...new Set(reached())].toSorted()).toEqual(ids);
        expect(new Set(mails.map(({ message }) => message.messageKey))).toEqual(new Set(["broadcast-spring"]));
        const done = (await current()).fanOut;
        expect(done && walkOf(done)).toMatchObject({ shardsDone: 4, queued: 24 });
      }),
      { numRuns: 6 },
    );
  }, 60_000);
});

describe("a broadcast's mails", () => {
  test("that stay without an end do not keep it from ending after six days", async () => {
    await fill(4);
    await begin();
    const { handle, runUntil, current, clock } = world();
    await runUntil(plus(start, minutes(3)));
    const question = { type: "settle", broadcastId: "spring", epoch: 1 } as const;
    expect(await handle(question)).toBe("asked again later");
    clock.now = plus(start, hours(145));
    expect(await handle(question)).toBe("sent");
    expect((await current()).state).toBe("sent");
    expect(await handle(question)).toBe("stale");
  });
});

describe("the list of broadcasts", () => {
  test("has the newest first, page by page, and tells which need a segment", async () => {
    for (let at = 0; at < 5; at++) {
      const createdAt = plus(start, minutes(at)).toISOString();
      const state = at === 4 ? "cancelled" : "draft";
      await putBroadcast(table, draft({ id: `b${at}`, createdAt, state, segmentId: at === 0 ? "other" : "all" }));
    }
    const first = await listBroadcasts(table, { limit: 3 });
    const second = await listBroadcasts(table, { limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(["b4", "b3", "b2", "b1", "b0"]);
    expect(second.nextCursor).toBeUndefined();
    expect((await broadcastsUsing(table, "all")).map(({ id }) => id)).toEqual(["b3", "b2", "b1"]);
    await expect(listBroadcasts(table, { limit: 3, cursor: "forged" })).rejects.toThrow("not a cursor");
  });

  test("refuses a change that was made from an older version", async () => {
    await putBroadcast(table, draft());
    await expect(putBroadcast(table, draft())).rejects.toMatchObject({ code: "already_exists" });
    await putBroadcast(table, draft({ version: 2 }));
    await expect(putBroadcast(table, draft({ version: 2 }))).rejects.toMatchObject({ code: "version_conflict" });
  });
});
