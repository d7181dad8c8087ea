import { beforeEach, describe, expect, test } from "vitest";
import { messageStage } from "../../../shared/email/email-stages.ts";
import { type LedgerEntry, ledgerKey } from "../../../shared/email/ledger.ts";
import { openLedger } from "../../../shared/email/ledger-store.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { endedRun } from "../../../shared/journeys/engine.ts";
import { liveJourneys } from "../../../shared/journeys/journey-cache-store.ts";
import { publish, withDraft } from "../../../shared/journeys/journey-change-store.ts";
import { triggerStage } from "../../../shared/journeys/journey-stages.ts";
import { openJourneys } from "../../../shared/journeys/journey-store.ts";
import { partsOfKey } from "../../../shared/journeys/outcome.ts";
import { mailOutcomeStage, webhookOutcomeStage } from "../../../shared/journeys/outcome-store.ts";
import { progressStage, readReport } from "../../../shared/journeys/progress-store.ts";
import { runHandlers } from "../../../shared/journeys/run-handlers.ts";
import { runStage } from "../../../shared/journeys/run-stages.ts";
import { replaceRun, runsOf } from "../../../shared/journeys/run-store.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { putDelivered, putFailure } from "../../../shared/webhooks/failure-store.ts";
import { type WebhookMessageInput, webhookMessageSchema } from "../../../shared/webhooks/webhook.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { at, hours, journeyOf, start } from "./journeys.ts";

test.each([
  [
    "welcome.once.0.greet",
    { journeyId: "welcome", entryKey: "once", rotation: 0, stepId: "greet", nth: 1, replays: 0 },
  ],
  ["a-b.x-1.12.2.3~4", { journeyId: "a-b", entryKey: "x-1", rotation: 12, stepId: "2", nth: 3, replays: 4 }],
  ["welcome-once-0-greet", undefined],
  ["message-01J", undefined],
])("the key %s says whose step's mail it is", (key, parts) => {
  expect(partsOfKey(key)).toEqual(parts);
});

describe("what became of a step's mail or webhook", () => {
  let table: Table;
  let stages: readonly Stage[];
  let mail: ReturnType<typeof recordingMailQueue>;
  let hooks: WebhookMessageInput[];
  let clock: string;
  let known: Awaited<ReturnType<typeof contentsOf>>;
  const now = () => new Date(clock);
  const key = "test.once.0.mail";

  beforeEach(async () => {
    table = await createTestTable(engine.url);
    mail = recordingMailQueue();
    hooks = [];
    clock = start;
    known = new Map();
    const store = openJourneys(table, []);
    stages = [
      triggerStage({ table, store, live: liveJourneys(store, now), timeZone: "UTC", now }),
      progressStage({ table }),
      runStage({
        table,
        sendMail: mail.sendMail,
        sendWebhook: async (message) => void hooks.push(message),
        wakeUp: async () => undefined,
      }),
      messageStage({ table, now }),
      mailOutcomeStage({ table, now }),
      webhookOutcomeStage({ table, now }),
    ];
    const {
      id,
      version: _version,
      ...draft
    } = journeyOf({
      trigger: { event: "Trial Started" },
      start: "mail",
      steps: [
        { type: "email", id: "mail", templateId: "t", next: "desk" },
        { type: "webhook", id: "desk", endpointId: "desk", next: "pause" },
        { type: "wait", id: "pause", for: "P1D", next: "end" },
        { type: "end", id: "end" },
      ],
    });
    const head = await store.putHead(withDraft(undefined, id, draft, { updatedAt: start, updatedBy: "test" }));
    await store.putHead(await publish(store, head));
    const facts = { contactId: "c1", origin: ["trial"], occurredAt: start, receivedAt: start, source: "test" };
    await putEvent(table, createEvent({ ...facts, name: "Trial Started", properties: { size: 42 } }));
    await rest();
  });

  async function rest(options: Partial<Parameters<typeof settle>[0]> = {}): Promise<void> {
    await settle({ table, stages, known, ...options });
    known = await contentsOf(table);
  }
  /** Writes the ledger as the mail function does, state by state. */
  async function ledger(messageKey: string, ...states: readonly Partial<LedgerEntry>[]): Promise<void> {
    const place = ledgerKey({ contactId: "c1" }, messageKey);
    const { campaign } = mail.messages[0] ?? {};
    for (const state of states) {
      const { version = 0, ...held } = (await openLedger(table).read(place)) ?? {};
      const facts = { stream: "marketing", template: "t@1", messageKey, campaign, correlationId: "r" } as const;
      const counts = { attempt: 1, refusals: 0, resends: 0, requestedAt: start };
      await openLedger(table).write({
        ...{ ...held, ...facts, ...counts, ...place, kind: "message", state: "SENDING" },
        ...state,
        version: version + 1,
      });
      await rest();
    }
  }
  const sent = { state: "SENT", sentAt: start } as const;
  const failed = { state: "FAILED", reason: "MessageRejected", endedAt: start } as const;
  const step = async (stepId: string) => {
    const counts = (await readReport(table, "test", now())).steps[stepId];
    return Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => JSON.stringify(count) !== "0"));
  };
  const handlers = () => runHandlers({ table, now });
  const log = async () => {
    const { body } = await handlers().listJourneyRuns({ params: { id: "test", contactId: "c1" } } as never);
    const [run] = (body as { items: { log: { stepId: string; outcome?: string; reason?: string }[] }[] }).items;
    return run?.log.map(({ stepId, outcome, reason }) => [stepId, outcome, reason].filter(Boolean).join(" "));
  };
  const replay = async () => {
    const request = { params: { id: "test", runId: "c1.once.0" } } as never;
    return (await handlers().replayJourneyRun(request)).body as { state: string; askedAgain: string[] };
  };
  /** What is due but to close a mail of unknown fate. */
  const asked = async () =>
    (await itemsOf(table, "due"))
      .map(({ queue, body }) => ({ queue, body }))
      .filter(({ body }) => !JSON.stringify(body).includes('"close"'));

  test.each<[string, readonly Partial<LedgerEntry>[], object, string]>([
    ["is sent", [{}, sent], { passed: 1 }, "passed"],
    ["waits for its turn", [], { passed: 1 }, "passed"],
    [
      "is skipped",
      [{ state: "SKIPPED", reason: "no consent" }],
      { skipped: { "no consent": 1 } },
      "skipped no consent",
    ],
    ["has failed", [{}, failed], { failed: 1 }, "failed MessageRejected"],
    ["was rejected after it was sent", [{}, sent, failed], { failed: 1 }, "failed MessageRejected"],
    [
      "is of unknown fate",
      [{}, { state: "UNKNOWN", reason: "TimeoutError", unknownAt: start }],
      { unconfirmed: 1 },
      "unconfirmed TimeoutError",
    ],
    ["was of unknown fate until SES told", [{}, { state: "UNKNOWN", unknownAt: start }, sent], { passed: 1 }, "passed"],
    [
      "was sent at the second try",
      [{}, { state: "CLAIMED" }, { attempt: 2 }, { ...sent, attempt: 2 }],
      { passed: 1 },
      "passed",
    ],
  ])("a mail that %s counts as that, at once, and stands in the run's log", async (_, states, counts, outcome) => {
    await ledger(key, ...states);
    expect(await step("mail")).toEqual({ entered: 1, skipped: {}, ...counts });
    expect((await log())?.[0]).toBe(`mail ${outcome}`);
    // Twice, late, and in any order.
    await rest({ known: new Map(), deliver: (changes) => [...changes, ...changes].reverse() });
    expect(await step("mail")).toEqual({ entered: 1, skipped: {}, ...counts });
  });

  test("a mail that is sent at the first try costs nothing, another outcome one unit", async () => {
    const entry = { ...(await openLedger(table).read(ledgerKey({ contactId: "c1" }, key))) };
    expect(entry).toEqual({});
    const units = meterOf(table);
    const { campaign } = mail.messages[0] ?? {};
    const stage = mailOutcomeStage({ table, now });
    const about = { stream: "marketing", template: "t@1", messageKey: key, campaign, correlationId: "r" };
    const item = { ...ledgerKey({ contactId: "c1" }, key), kind: "message", ...about, requestedAt: start } as const;
    const counts = { attempt: 1, refusals: 0, resends: 0, version: 2 };
    const tell = async (state: string) => {
      const change = { item: { ...item, ...counts, state }, previous: { ...item, ...counts, state: "SENDING" } };
      if (stage.wants(change)) await stage.run(change);
    };
    await tell("SENT");
    expect(units.write).toBe(0);
    await tell("SKIPPED");
    expect(units.write).toBe(1);
  });

  test("what became of a step counts only beside its run", async () => {
    await ledger("test.once.7.mail", { state: "SKIPPED", reason: "no consent" });
    expect(await step("mail")).toEqual({ entered: 1, passed: 1, skipped: {} });
  });

  test("a mail that failed is asked for again under a key of its own, once, and the newest outcome counts", async () => {
    await ledger(key, {}, failed);
    clock = at(hours(1));
    expect(await replay()).toMatchObject({ state: "active", askedAgain: ["mail"] });
    await replay();
    const [first, ...others] = await asked();
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      queue: "mail",
      body: {
        messageKey: `${key}~1`,
        templateId: "t",
        requestedAt: clock,
        notAfter: at(hours(1 + 72)),
        data: { event: { size: 42 } },
        run: { stepId: "mail" },
      },
    });
    expect(JSON.stringify(first)).not.toContain('"first"');
    await ledger(`${key}~1`, {}, failed);
    expect(await step("mail")).toMatchObject({ failed: 1, entered: 1 });
    clock = at(hours(2));
    expect(await replay()).toMatchObject({ askedAgain: ["mail"] });
    await ledger(`${key}~2`, {}, sent);
    expect(await step("mail")).toEqual({ entered: 1, passed: 1, skipped: {} });
    await expect(replay()).rejects.toMatchObject({ code: "invalid_input" });
  });

  test.each<[string, readonly Partial<LedgerEntry>[]]>([
    ["was sent", [{}, sent]],
    ["may have been sent", [{}, { state: "UNKNOWN", unknownAt: start }]],
    ["may have been sent, for good", [{}, { state: "UNCONFIRMED", unknownAt: start }]],
    ["was not to be sent", [{ state: "SKIPPED", reason: "no consent" }]],
  ])("a mail that %s is not asked for again", async (_, states) => {
    await ledger(key, ...states);
    await expect(replay()).rejects.toMatchObject({ code: "invalid_input" });
    expect(await asked()).toEqual([]);
  });

  test("a mail that failed is not asked for again of who has left the journey", async () => {
    await ledger(key, {}, failed);
    const [run] = await runsOf(table, "c1");
    if (run === undefined) throw new Error("no run");
    await replaceRun(table, run, endedRun(run, "goal", clock));
    await expect(replay()).rejects.toMatchObject({ code: "invalid_input" });
    expect(await asked()).toEqual([]);
  });

  test("a webhook that failed goes again under its id, until it has arrived", async () => {
    const [hook] = hooks;
    const message = webhookMessageSchema.parse(hook);
    await putFailure(table, message, "answered 404", now());
    await rest();
    expect(await step("desk")).toEqual({ entered: 1, failed: 1, skipped: {} });
    expect((await log())?.[1]).toBe("desk failed answered 404");
    expect(await replay()).toMatchObject({ askedAgain: ["desk"] });
    const [again] = await asked();
    expect(again).toMatchObject({ queue: "webhooks", body: { id: message.id, replay: 1, endpointId: "desk" } });
    const repeated = webhookMessageSchema.parse(again?.body);
    await putFailure(table, repeated, "answered 500", now());
    await rest();
    expect((await log())?.[1]).toBe("desk failed answered 500");
    await putDelivered(table, repeated, now());
    await rest();
    expect(await step("desk")).toEqual({ entered: 1, passed: 1, skipped: {} });
    await expect(replay()).rejects.toMatchObject({ code: "invalid_input" });
  });
});
