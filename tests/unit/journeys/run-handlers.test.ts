import { beforeEach, describe, expect, test } from "vitest";
import { appendStage, foldStage, resolveStage } from "../../../shared/contacts/contact-stages.ts";
import { claimEmail } from "../../../shared/contacts/identity-store.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { wakeRun } from "../../../shared/journeys/advance-run-store.ts";
import { endedRun } from "../../../shared/journeys/engine.ts";
import { liveJourneys } from "../../../shared/journeys/journey-cache-store.ts";
import { publish, withDraft } from "../../../shared/journeys/journey-change-store.ts";
import { triggerStage } from "../../../shared/journeys/journey-stages.ts";
import { openJourneys } from "../../../shared/journeys/journey-store.ts";
import { type Run, runItemSchema } from "../../../shared/journeys/run.ts";
import { runHandlers } from "../../../shared/journeys/run-handlers.ts";
import { runStage } from "../../../shared/journeys/run-stages.ts";
import { replaceRun } from "../../../shared/journeys/run-store.ts";
import type { WakeUp } from "../../../shared/journeys/wake-up.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { at, hours, journeyOf, start } from "./journeys.ts";

let table: Table;
let stages: readonly Stage[];
let clock: string;
let mail: ReturnType<typeof recordingMailQueue>;
let wakeUps: WakeUp[];
let deps: Parameters<typeof wakeRun>[0];
let handlers: ReturnType<typeof runHandlers>;
const now = () => new Date(clock);

beforeEach(async () => {
  table = await createTestTable(engine.url);
  clock = at(-hours(1));
  mail = recordingMailQueue();
  wakeUps = [];
  const store = openJourneys(table, []);
  const wakeUp = async (message: WakeUp) => {
    wakeUps.push(message);
  };
  deps = { table, store, live: liveJourneys(store, now), timeZone: "UTC", now, sendLater: wakeUp };
  stages = [
    resolveStage({ table, newId: () => "new" }),
    appendStage({ table, now: () => new Date() }),
    foldStage({ table, rules: stageRules }),
    triggerStage(deps),
    runStage({ table, sendMail: mail.sendMail, sendWebhook: async () => undefined, wakeUp }),
  ];
  handlers = runHandlers({ table, now });
  await claimEmail(table, "ada@shop.example", () => "c1");
  const properties = { fields: { firstName: "Ada" }, traits: {}, email: "ada@shop.example" };
  const facts = { contactId: "c1", origin: ["o"], occurredAt: start, receivedAt: start, source: "test" };
  await putEvent(table, createEvent({ ...facts, name: "Identified", properties }));
  await settle({ table, stages });
  clock = start;
});

async function published(change: Parameters<typeof journeyOf>[0]): Promise<void> {
  const { id, version: _version, ...draft } = journeyOf(change);
  const head = await deps.store.putHead(withDraft(undefined, id, draft, { updatedAt: start, updatedBy: "test" }));
  await deps.store.putHead(await publish(deps.store, head));
}

const request = (part: object) =>
  ({
    params: { id: "test" },
    headers: {},
    query: undefined,
    body: undefined,
    rawBody: Buffer.from(""),
    sourceIp: "",
    correlationId: "r",
    caller: { subject: "kim", username: "kim", roles: [], scopes: [] },
    ...part,
  }) as never;
const ask = (body: object, key = "0123456789abcdef") =>
  handlers.startJourneyRun(request({ headers: { "idempotency-key": key }, body: { properties: {}, ...body } }));

const series = {
  trigger: { type: "api" as const },
  start: "mail",
  steps: [
    { type: "email" as const, id: "mail", templateId: "t", next: "pause" },
    { type: "wait" as const, id: "pause", for: "PT2H", next: "again" },
    { type: "email" as const, id: "again", templateId: "t2", next: "end" },
    { type: "end" as const, id: "end" },
  ],
};
const runs = async (): Promise<Run[]> => (await itemsOf(table, "run")).map((item) => runItemSchema.parse(item));

describe("a request", () => {
  test("starts a run with its properties, once for each key, for a contact by id or address", async () => {
    await published(series);
    const body = { email: "Ada@shop.example", entryKey: "order 7", properties: { size: 42 } };
    expect(await ask(body)).toEqual({ status: 202, body: { status: "accepted", contactId: "c1" } });
    await ask(body);
    await settle({ table, stages });
    clock = at(hours(1));
    await ask(body);
    await ask({ contactId: "c1" }, "another-key-01234");
    await settle({ table, stages });
    const begun = await runs();
    expect(begun.map(({ entryKey }) => entryKey === "once")).toEqual([false, true]);
    expect(mail.messages[0]?.data).toMatchObject({ event: { name: "Journey Requested", size: 42 } });
  });

  test("with the key of another request is refused", async () => {
    await published(series);
    await ask({ contactId: "c1" });
    await expect(ask({ contactId: "c1", entryKey: "x" })).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  test("to a journey that is not there, or is not started by requests, is refused and starts nothing", async () => {
    await expect(ask({ contactId: "c1" })).rejects.toMatchObject({ code: "not_found" });
    await published({ trigger: { event: "Started" } });
    await expect(ask({ contactId: "c1" })).rejects.toMatchObject({ code: "invalid_input" });
    expect(await itemsOf(table, "intake")).toEqual([]);
  });

  test.each([[{ contactId: "c9" }], [{ email: "eve@shop.example" }]])(
    "for nobody we know (%j) is not found",
    async (who) => {
      await published(series);
      await expect(ask(who)).rejects.toMatchObject({ code: "not_found" });
    },
  );
});

describe("a replay", () => {
  const replay = async () => {
    const listed = await handlers.listJourneyRuns(request({ params: { id: "test", contactId: "c1" } }));
    const [{ id: runId = "" } = {}] = (listed.body as { items: { id?: string }[] }).items;
    return handlers.replayJourneyRun(request({ params: { id: "test", runId } }));
  };

  test("takes a failed run on from where it stands, and sends nothing again", async () => {
    await published(series);
    await ask({ contactId: "c1" });
    await settle({ table, stages });
    const [run] = await runs();
    if (run === undefined) throw new Error("no run");
    await replaceRun(table, run, endedRun(run, "failed", clock));
    clock = at(hours(9));
    wakeUps = [];
    expect(await replay()).toMatchObject({ status: 202, body: { state: "active", stepId: "pause", endedAt: null } });
    await settle({ table, stages });
    for (const wakeUp of wakeUps) await wakeRun(deps, wakeUp);
    expect((await runs())[0]).toMatchObject({ state: "active", stepId: "pause", dueAt: at(hours(11)) });
    await settle({ table, stages });
    clock = at(hours(11));
    for (const wakeUp of wakeUps) await wakeRun(deps, wakeUp);
    await settle({ table, stages });
    expect((await runs())[0]).toMatchObject({ state: "ended", endedBy: "completed" });
    expect([...new Set(mail.messages.map(({ templateId }) => templateId))]).toEqual(["t", "t2"]);
  });

  test("of a run that goes on by itself, or ended well, is refused", async () => {
    await published(series);
    await ask({ contactId: "c1" });
    await settle({ table, stages });
    await expect(replay()).rejects.toMatchObject({ code: "invalid_input" });
    const [run] = await runs();
    if (run === undefined) throw new Error("no run");
    await replaceRun(table, run, endedRun(run, "completed", clock));
    await expect(replay()).rejects.toMatchObject({ code: "invalid_input" });
    await expect(
      handlers.replayJourneyRun(request({ params: { id: "test", runId: "c1.once.7" } })),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});
