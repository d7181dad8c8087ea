import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, test } from "vitest";
import { followLink } from "../../../shared/consent/follow-link.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { createEvent, type EventFacts } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import type { Choice } from "../../../shared/intake/intake.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { testStages } from "../../support/test-stages.ts";
import { campaign } from "../results/mails.ts";

const email = "ada@example.com";
const hash = addressHash(email);
const claims = { addressHash: hash, contactId: "c1", reference: "m1" };
const minute = (count: number) => new Date(Date.parse("2026-03-01T12:00:00.000Z") + count * 60_000);

let table: Table;
let known: ReadonlyMap<string, Item>;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  known = new Map();
});

/** What happens at a minute, and all that follows from it; each change is told twice. */
async function happens(at: number, step: (now: Date) => Promise<unknown>): Promise<void> {
  const now = () => minute(at);
  await step(now());
  const twice = <Each>(changes: readonly Each[]) => [...changes, ...changes];
  await settle({ table, stages: testStages({ table, now }), known, deliver: twice });
  known = await contentsOf(table);
}

const told = (name: string, source: string, properties: object) => (now: Date) => {
  const at = now.toISOString();
  const facts: EventFacts = {
    contactId: "c1",
    origin: [name, at],
    name,
    source,
    occurredAt: at,
    receivedAt: at,
    properties: { email, ...properties },
  };
  return putEvent(table, createEvent(facts));
};
const record = (state: string) => told("Consent Recorded", "staff", { state, evidence: "By phone.", by: "ann" });
const chooses = (choice: Choice) => (now: Date) =>
  followLink(table, { purpose: "preferences", ...claims }, now, choice);
const presses = (now: Date) => followLink(table, { purpose: "unsubscribe", ...claims }, now);
const shopSays = (state: string) =>
  told("Consent Changed", "shop", { channel: "email", state, dated: true, confirmed: false });

/** The mail whose links are followed. */
async function isSent(): Promise<void> {
  const mail = {
    messageKey: "m1",
    template: "welcome@1",
    campaign: { ...campaign, id: "welcome" },
    stream: "marketing",
  };
  const counts = { version: 1, attempt: 1, refusals: 0, resends: 0, requestedAt: minute(0).toISOString() };
  const key = { pk: "CONTACT#c1", sk: "MESSAGE#m1" };
  const Item = { ...key, kind: "message", state: "SENT", correlationId: "x", ...mail, ...counts };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}

const unsubscriptions = async () =>
  (await itemsOf(table, "event")).filter(({ name }) => name === "Unsubscribed").map(({ properties }) => properties);
const counted = async () =>
  (await itemsOf(table, "mailFacts"))
    .flatMap(({ facts }) => (Array.isArray(facts) ? facts : []))
    .filter(({ fact }) => fact === "unsubscribed");

describe("whoever ends all marketing", () => {
  test.each([
    ["by the link of a mail", presses, "person"],
    ["by the preference centre", chooses({ choice: "none" }), "person"],
    ["by the last topic in the preference centre", chooses({ choice: "save", topics: { news: "off" } }), "person"],
    ["in the shop", shopSays("unsubscribed"), "shop"],
    ["by telling a colleague", record("unsubscribed"), "staff"],
  ])("%s is unsubscribed once: the series ends and the mail's results count it", async (way, end, by) => {
    const topics = way.includes("last topic") ? { topics: ["news"] } : {};
    const subscription = { state: "subscribed", basis: "express", evidence: "By phone.", by: "ann", ...topics };
    await isSent();
    await happens(0, told("Consent Recorded", "staff", subscription));
    expect(await itemsOf(table, "run")).toMatchObject([{ journeyId: "welcome", state: "active" }]);
    await happens(1, end);
    expect(await itemsOf(table, "run")).toMatchObject([{ journeyId: "welcome", state: "ended", endedBy: "exit" }]);
    expect(await unsubscriptions()).toMatchObject([{ addressHash: hash, by }]);
    expect(await counted()).toHaveLength(by === "person" ? 1 : 0);
    for (const [index, other] of [presses, record("unsubscribed"), shopSays("unsubscribed")].entries()) {
      await happens(2 + index, other);
    }
    expect(await unsubscriptions()).toHaveLength(1);
    expect(await counted()).toHaveLength(by === "person" ? 1 : 0);
  });

  test("and comes back, and ends it again, is unsubscribed twice", async () => {
    for (const [at, choice] of (["all", "none", "all", "none"] as const).entries())
      await happens(at, chooses({ choice }));
    expect(await unsubscriptions()).toHaveLength(2);
  });

  test("without ever having been subscribed is unsubscribed: a law may let them be written to", async () => {
    await happens(0, presses);
    expect(await unsubscriptions()).toHaveLength(1);
  });

  test("is told so although the record of it is followed up only after they came back", async () => {
    await chooses({ choice: "all" })(minute(0));
    await chooses({ choice: "none" })(minute(1));
    await happens(2, chooses({ choice: "all" }));
    expect(await unsubscriptions()).toHaveLength(1);
  });
});

test("who ends one topic of two, or pauses, is not unsubscribed", async () => {
  await happens(0, chooses({ choice: "save", topics: { news: "on", offers: "on" } }));
  await happens(1, chooses({ choice: "save", topics: { news: "off" } }));
  await happens(2, chooses({ choice: "pause" }));
  expect(await unsubscriptions()).toEqual([]);
});
