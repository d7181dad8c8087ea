import { beforeEach, describe, expect, test } from "vitest";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { runStage, shippedJourneys, triggerStage } from "../../../shared/journeys/journey-stages.ts";
import { runItemSchema } from "../../../shared/journeys/run.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { runAll, settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const now = () => new Date("2026-01-05T10:00:00.000Z");

let table: Table;
let mail: ReturnType<typeof recordingMailQueue>;
let stages: readonly Stage[];

beforeEach(async () => {
  table = await createTestTable(engine.url);
  mail = recordingMailQueue();
  stages = [triggerStage({ table, journeys: shippedJourneys, now }), runStage({ sendMail: mail.sendMail })];
});

function subscribed(origin: string, given: { readonly occurredAt?: string; readonly contactId?: string } = {}) {
  const { contactId = "c1", occurredAt = now().toISOString() } = given;
  return createEvent({
    contactId,
    origin: [origin],
    name: "Subscribed",
    occurredAt,
    receivedAt: now().toISOString(),
    source: "consent",
    properties: {},
  });
}

describe("the welcome", () => {
  test("is asked for when a contact has subscribed", async () => {
    await putEvent(table, subscribed("first"));
    await settle({ table, stages });
    expect(mail.messages).toEqual([
      {
        owner: { contactId: "c1" },
        messageKey: "welcome-once-0-greet",
        templateId: "welcome",
        requestedAt: now().toISOString(),
        correlationId: subscribed("first").eventId,
      },
    ]);
  });

  test("comes once and for ever, however often a contact subscribes", async () => {
    for (const origin of ["first", "again", "and again"]) await putEvent(table, subscribed(origin));
    await putEvent(table, subscribed("other", { contactId: "c2" }));
    await settle({ table, stages, deliver: (changes) => [...changes, ...changes] });
    expect(await itemsOf(table, "run")).toHaveLength(2);
    expect(mail.keys()).toHaveLength(2);
  });

  test("stays with the event that started it when the contact subscribes again later", async () => {
    await putEvent(table, subscribed("first"));
    await settle({ table, stages });
    await putEvent(table, subscribed("again"));
    await settle({ table, stages });
    expect(await itemsOf(table, "run")).toMatchObject([{ eventId: subscribed("first").eventId }]);
  });

  test("does not greet a person who subscribed more than 72 hours before we heard of it", async () => {
    await putEvent(table, subscribed("import", { occurredAt: "2026-01-02T09:59:59.999Z" }));
    await settle({ table, stages });
    expect(await itemsOf(table, "run")).toEqual([]);
  });
});

describe("the run stage", () => {
  test("sends only what the last write wants done, and everything when it does not know the write", async () => {
    await runAll(stages, { item: subscribed("first"), previous: undefined });
    const [item] = await itemsOf(table, "run");
    const run = runItemSchema.parse(item);
    const later = {
      ...run,
      version: 2,
      effects: [...run.effects, ...run.effects.map((effect) => ({ ...effect, version: 2, messageKey: "second" }))],
    };
    await runAll(stages, { item: later, previous: run });
    expect(mail.messages.map(({ messageKey }) => messageKey)).toEqual(["second"]);
    await runAll(stages, { item: later, previous: undefined });
    expect(mail.messages.map(({ messageKey }) => messageKey)).toEqual(["second", "welcome-once-0-greet", "second"]);
  });

  test("fails when the queue does, so that it runs again", async () => {
    await runAll(stages, { item: subscribed("first"), previous: undefined });
    const sendMail = async () => {
      throw new Error("no queue");
    };
    const [item] = await itemsOf(table, "run");
    const change = { item: runItemSchema.parse(item), previous: undefined };
    await expect(runStage({ sendMail }).run(change)).rejects.toThrow("no queue");
  });
});
