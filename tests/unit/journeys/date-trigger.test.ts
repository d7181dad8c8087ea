import { beforeEach, describe, expect, test } from "vitest";
import { foldStage } from "../../../shared/contacts/contact-stages.ts";
import { deleteDue } from "../../../shared/due/due-store.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { dateStage } from "../../../shared/journeys/date-store.ts";
import type { JourneyInput } from "../../../shared/journeys/definition.ts";
import { endRunsLater } from "../../../shared/journeys/end-runs-store.ts";
import { enrolLater } from "../../../shared/journeys/enrol-store.ts";
import { liveJourneys } from "../../../shared/journeys/journey-cache-store.ts";
import { archive, pause, publish, withDraft } from "../../../shared/journeys/journey-change-store.ts";
import { journeyMessageSchema } from "../../../shared/journeys/journey-message.ts";
import { handleJourneyMessage } from "../../../shared/journeys/journey-message-store.ts";
import { triggerStage } from "../../../shared/journeys/journey-stages.ts";
import { openJourneys } from "../../../shared/journeys/journey-store.ts";
import { runStage } from "../../../shared/journeys/run-stages.ts";
import { wakeUpLater } from "../../../shared/journeys/wake-up-queue.ts";
import { flipped } from "../../../shared/segments/membership.ts";
import { putNext } from "../../../shared/segments/membership-store.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { journeyOf } from "./journeys.ts";

let table: Table;
let stages: readonly Stage[];
let clock: string;
let deps: Parameters<typeof handleJourneyMessage>[0];
let mail: ReturnType<typeof recordingMailQueue>;
const now = () => new Date(clock);

beforeEach(async () => {
  table = await createTestTable(engine.url);
  clock = "2026-01-05T10:00:00.000Z";
  mail = recordingMailQueue();
  const store = openJourneys(table, []);
  const sendLater = wakeUpLater(table);
  deps = { table, store, live: liveJourneys(store, now), timeZone: "Europe/Berlin", now, sendLater };
  stages = [
    foldStage({ table, rules: stageRules }),
    triggerStage(deps),
    dateStage(deps),
    runStage({ table, sendMail: mail.sendMail, sendWebhook: async () => undefined, wakeUp: sendLater }),
  ];
});

let told = 0;
async function tell(contactId: string, traits: Record<string, unknown>): Promise<void> {
  told++;
  const facts = { contactId, origin: [String(told)], occurredAt: clock, receivedAt: clock, source: "shop" };
  const properties = { fields: {}, traits, email: `${contactId}@shop.example` };
  await follow(async () => {
    await putEvent(table, createEvent({ ...facts, name: "Identified", properties }));
  });
  clock = new Date(Date.parse(clock) + 60_000).toISOString();
}

const stamp = { updatedAt: "2026-01-05T10:00:00.000Z", updatedBy: "test" };
async function published(change: Partial<JourneyInput>, walk: "contacts" | "members" = "contacts"): Promise<void> {
  const { id, version: _version, ...draft } = journeyOf(change);
  const head = await deps.store.putHead(withDraft(await deps.store.head(id), id, draft, stamp));
  const next = await publish(deps.store, head);
  await enrolLater(table, next, walk, now());
  await deps.store.putHead(next);
}

/** Runs the stages on what some work changes. */
async function follow(work: () => Promise<void>): Promise<void> {
  const known = await contentsOf(table);
  await work();
  await settle({ table, stages, known });
}

/** Moves to an instant, sweeping what falls due; each message comes twice. */
async function passTo(at: string): Promise<void> {
  for (;;) {
    const all = (await itemsOf(table, "due")).toSorted((one, other) => (one.sk < other.sk ? -1 : 1));
    const [next] = all;
    const due = next?.sk.split("#")[0];
    if (next === undefined || due === undefined || due > at) break;
    clock = due > clock ? due : clock;
    const message = journeyMessageSchema.parse(next.body);
    await deleteDue(table, next);
    await follow(async () => {
      await handleJourneyMessage(deps, message);
      await handleJourneyMessage(deps, message);
    });
  }
  clock = at;
}

const mailed = () => [...new Set(mail.messages.map(({ messageKey, requestedAt }) => `${messageKey} ${requestedAt}`))];
const birthday: Partial<JourneyInput> = {
  trigger: { type: "date", date: "contact.traits.birthday", yearly: true },
  start: "mail",
  steps: [
    { type: "email", id: "mail", templateId: "t", next: "end" },
    { type: "end", id: "end" },
  ],
};

describe("a journey that begins with a date", () => {
  test("begins on each birthday, of those who were there before it and of those who come later", async () => {
    await tell("c1", { birthday: "1990-03-01" });
    await published(birthday);
    await passTo("2026-01-06T00:00:00.000Z");
    await tell("c2", { birthday: "1985-02-01" });
    await passTo("2026-12-31T00:00:00.000Z");
    expect(mailed()).toEqual([
      "test.2026-02-01.0.mail 2026-02-01T08:00:00.000Z",
      "test.2026-03-01.0.mail 2026-03-01T08:00:00.000Z",
    ]);
    await passTo("2027-12-31T00:00:00.000Z");
    expect(mailed()).toHaveLength(4);
  });

  test("follows a date that moves, and forgets one that is taken away", async () => {
    await published({ ...birthday, trigger: { type: "date", date: "contact.traits.renewal", offset: "-P7D" } });
    await tell("c1", { renewal: "2026-03-10" });
    await passTo("2026-02-01T00:00:00.000Z");
    await tell("c1", { renewal: "2026-04-10" });
    await passTo("2026-03-20T00:00:00.000Z");
    expect(mailed()).toEqual([]);
    await passTo("2026-05-01T00:00:00.000Z");
    expect(mailed()).toEqual(["test.2026-04-10.0.mail 2026-04-03T07:00:00.000Z"]);
    await tell("c1", { renewal: "2027-04-10" });
    await tell("c1", { renewal: "none" });
    await passTo("2027-12-01T00:00:00.000Z");
    expect(mailed()).toHaveLength(1);
  });

  test("asks nobody in during a pause, and nobody any more once it is archived", async () => {
    await published(birthday);
    await tell("c1", { birthday: "1990-03-01" });
    const headOf = async () => {
      const head = await deps.store.head("test");
      if (head === undefined) throw new Error("no journey");
      return head;
    };
    await deps.store.putHead(pause(await headOf()));
    await passTo("2026-06-01T00:00:00.000Z");
    expect(mailed()).toEqual([]);
    await deps.store.putHead({ ...(await headOf()), state: "published" });
    await passTo("2027-06-01T00:00:00.000Z");
    expect(mailed()).toHaveLength(1);
    await deps.store.putHead(archive(await headOf(), new Date("2027-06-01T00:00:00.000Z")));
    await passTo("2029-06-01T00:00:00.000Z");
    expect(mailed()).toHaveLength(1);
  });
});

test("a date is the contact's own day, where its time zone is known, and moves with it", async () => {
  await tell("c1", { birthday: "1990-03-01", timezone: "Asia/Tokyo" });
  await tell("c2", { birthday: "1990-03-01", timezone: "Nowhere/At all" });
  await tell("c3", { birthday: "1990-03-01", timezone: "Asia/Tokyo" });
  await published(birthday);
  await passTo("2026-01-06T00:00:00.000Z");
  await tell("c3", { timezone: "America/New_York" });
  await passTo("2026-06-01T00:00:00.000Z");
  const times = mail.messages.map(({ owner, requestedAt }) => ({ ...owner, requestedAt }));
  expect(new Map(times.map((one) => ["contactId" in one ? one.contactId : "", one.requestedAt]))).toEqual(
    new Map([
      ["c1", "2026-03-01T00:00:00.000Z"],
      ["c2", "2026-03-01T08:00:00.000Z"],
      ["c3", "2026-03-01T14:00:00.000Z"],
    ]),
  );
});

test("an hour that a run waits for strikes by the contact's clock", async () => {
  await published({
    trigger: { event: "Started" },
    start: "w",
    steps: [
      { type: "waitUntil", id: "w", hour: 9, next: "mail" },
      { type: "email", id: "mail", templateId: "t", next: "end" },
      { type: "end", id: "end" },
    ],
  });
  await tell("c1", { timezone: "Asia/Tokyo" });
  await begin("c1", "2026-01-06T00:00:00.000Z");
  await passTo("2026-01-10T00:00:00.000Z");
  expect(mailed()).toEqual(["test.once.0.mail 2026-01-07T00:00:00.000Z"]);
});

async function begin(contactId: string, at: string): Promise<void> {
  await passTo(at);
  const facts = { contactId, origin: [at], occurredAt: clock, receivedAt: clock, source: "shop" };
  await follow(async () => {
    await putEvent(table, createEvent({ ...facts, name: "Started", properties: {} }));
  });
}

test("an archived journey ends its waiting runs within minutes; published again, it takes new ones only", async () => {
  const steps = [
    { type: "wait", id: "w", for: "P30D", next: "mail" },
    { type: "email", id: "mail", templateId: "t", next: "end" },
    { type: "end", id: "end" },
  ] as const;
  await published({ trigger: { event: "Started" }, start: "w", steps: [...steps] });
  for (const contactId of ["c1", "c2"]) await begin(contactId, "2026-01-06T00:00:00.000Z");
  const head = await deps.store.head("test");
  if (head === undefined) throw new Error("no journey");
  const archived = await deps.store.putHead(archive(head, now()));
  await endRunsLater(table, "test", now());
  await passTo("2026-01-06T00:02:00.000Z");
  const endings = async () => (await itemsOf(table, "run")).map(({ endedBy }) => endedBy).toSorted();
  expect(await endings()).toEqual(["archived", "archived"]);

  await deps.store.putHead({ ...archived, state: "published" });
  await begin("c3", "2026-01-06T01:00:00.000Z");
  await endRunsLater(table, "test", now());
  await passTo("2026-03-01T00:00:00.000Z");
  expect(await endings()).toEqual(["archived", "archived", "completed"]);
  expect(mail.messages.map(({ owner }) => owner)).toEqual([{ contactId: "c3" }]);
});

test("a wait until a date ends when the date has moved to, even if that is sooner", async () => {
  await published({
    trigger: { event: "Started" },
    start: "w",
    steps: [
      { type: "waitUntilDate", id: "w", date: "contact.traits.renewal", next: "mail" },
      { type: "email", id: "mail", templateId: "t", next: "end" },
      { type: "end", id: "end" },
    ],
  });
  await passTo("2026-01-06T00:00:00.000Z");
  await tell("c1", { renewal: "2026-03-10" });
  await begin("c1", clock);
  await tell("c1", { renewal: "2026-02-10" });
  await passTo("2026-05-01T00:00:00.000Z");
  expect(mailed()).toEqual(["test.once.0.mail 2026-02-10T08:00:00.000Z"]);
});

test("a journey of a segment may begin with who is in it already, each once, however often its walk comes", async () => {
  for (let n = 0; n < 130; n++) {
    const change = { contactId: `c${n}`, segmentId: "lapsed", segmentVersion: 1, member: true, at: clock, mark: {} };
    await putNext(table, flipped(undefined, change));
  }
  const trigger = { event: "Segment Entered", conditions: [{ property: "segmentId", equals: "lapsed" }] };
  await published({ ...birthday, trigger }, "members");
  await passTo("2026-01-05T10:10:00.000Z");
  expect(mail.keys()).toHaveLength(130);
  expect(await itemsOf(table, "event")).toHaveLength(130);
});

test("a walk for a version that was never published does nothing", async () => {
  await tell("c1", { birthday: "1990-03-01" });
  await published(birthday);
  await enrolLater(table, { id: "test", publishedVersion: 2 }, "contacts", now());
  await passTo("2026-01-05T10:10:00.000Z");
  expect(await itemsOf(table, "due")).toHaveLength(1);
});
