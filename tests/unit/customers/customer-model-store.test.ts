import { BatchWriteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, expect, it } from "vitest";
import { contactItem } from "../../../shared/contacts/contact.ts";
import { foldEvent, getContact } from "../../../shared/contacts/contact-store.ts";
import { refold } from "../../../shared/contacts/profile.ts";
import { readCustomerModel, refitCustomerModel, sampleOf } from "../../../shared/customers/customer-model-store.ts";
import { predict } from "../../../shared/customers/prediction-store.ts";
import { createEvent, type Event } from "../../../shared/events/event.ts";
import { ownedBy } from "../../../shared/events/event-keys.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { receivedFeedback } from "../../../shared/feedback/feedback.ts";
import { feedbackPayloadSchema } from "../../../shared/feedback/feedback-input.ts";
import { answerSchema } from "../../../shared/surveys/answer.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { meterOf } from "../../support/meter.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const now = new Date("2026-11-20T09:00:00.000Z");
let table: Table;

function answerOf(score: number) {
  const values = { score: { value: score, at: now.toISOString(), intakeId: "i" } };
  return answerSchema.parse({
    ...{
      pk: "ANSWERS#s1#2026-08",
      sk: "i1",
      kind: "surveyAnswer",
      surveyId: "s1",
      surveyKind: "nps",
      invitationId: "i1",
    },
    ...{ channel: "link", invitedAt: now.toISOString(), values, standsAt: now.toISOString(), stoodAt: [], version: 1 },
  });
}

function said(more: object) {
  return { feedbackKind: "review", source: "google", language: "en", ...more };
}

beforeEach(async () => {
  table = await createTestTable(engine.url);
});

function eventOf(contactId: string, name: string, daysAgo: number, properties: Record<string, unknown>): Event {
  const at = new Date(now.getTime() - daysAgo * 86_400_000).toISOString();
  return createEvent({
    contactId,
    origin: [contactId, name, at],
    name,
    occurredAt: at,
    receivedAt: at,
    source: "shop",
    properties,
  });
}

function orderOf(contactId: string, daysAgo: number, amount: number): Event {
  const revenue = { amount, currency: "USD" };
  return eventOf(contactId, "Order Completed", daysAgo, { orderId: `${contactId}-${daysAgo}`, revenue, products: [] });
}

async function happen(...facts: Parameters<typeof eventOf>): Promise<void> {
  const event = eventOf(...facts);
  await putEvent(table, event);
  await foldEvent(table, event);
}

function buys(contactId: string, daysAgo: number): Promise<void> {
  return foldEvent(table, orderOf(contactId, daysAgo, 2_000));
}

/** Six hundred customers of two years, half of whom came back, some of them again, and one in ten who only asked. */
async function manyBuy(): Promise<void> {
  const contacts = Array.from({ length: 660 }, (_, at) => {
    if (at >= 600) return eventOf(`c${at}`, "Tag Added", at, { tag: "asked" });
    const first = 60 + ((at * 37) % 660);
    const comesBack = at % 3 === 1 || at % 6 === 2;
    const again = comesBack ? [1, 2].slice(0, at % 3).map((time) => first - time * (9 + (at % 19))) : [];
    return [
      orderOf(`c${at}`, first, 1_000 + ((at * 71) % 3_000)),
      ...again.map((daysAgo) => orderOf(`c${at}`, daysAgo, 1_500 + ((at * 13) % 999))),
    ];
  });
  const items = contacts.flatMap((events) => {
    const profile = refold([events].flat());
    return profile === undefined ? [] : [contactItem({ ...profile, lastActivityAt: now.toISOString() }, 1)];
  });
  for (let start = 0; start < items.length; start += 25) {
    const puts = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
    await table.client.send(new BatchWriteCommand({ RequestItems: { [table.name]: puts } }));
  }
}

it("fits the models of the customers, keeps them, and tells by them what to expect of one", async () => {
  await manyBuy();
  const used = meterOf(table);
  const model = await refitCustomerModel(table, now);
  expect(model).toMatchObject({ version: 1, customers: 600, at: now.toISOString() });
  expect(model.activity).toBeDefined();
  expect(Object.keys(model.spend)).toEqual(["USD"]);
  // half a unit for each contact, and some for the list; one item is written
  expect(used.read).toBeLessThan(660 * 0.5 + 60);
  expect(used.write).toBe(1);
  expect(await readCustomerModel(table)).toEqual(model);
  const again = await refitCustomerModel(table, now);
  expect(model).toMatchObject({ moves: 1, moved: { at: now.toISOString() } });
  expect(again).toEqual({ ...model, version: 2 });
  const contact = (await getContact(table, "c1")) ?? expect.fail("no contact");
  const beside = meterOf(table);
  expect(await predict(table, contact, now)).toMatchObject({ source: "model", modelAt: now.toISOString() });
  expect(beside).toEqual({ write: 0, read: 0.5 });
  const [kept] = await itemsOf(table, "customerModel");
  expect(JSON.stringify(kept)).not.toContain("c1");
});

it("says that the customers are too few, and tells by their recency what to expect", async () => {
  await buys("c1", 10);
  await happen("c2", "Email Opened", 10, { messageKey: "welcome" });
  expect(await refitCustomerModel(table, now)).toMatchObject({ shortage: "fewCustomers", customers: 1, spend: {} });
  const [one, other] = [await getContact(table, "c1"), await getContact(table, "c2")];
  expect(one && (await predict(table, one, now))).toMatchObject({ source: "rfm", active: 0.9 });
  expect(other && (await predict(table, other, now))).toBeUndefined();
});

it("tells of mails that are read no more by those sent lately", async () => {
  await buys("c1", 10);
  await happen("c1", "Email Opened", 200, { messageKey: "welcome" });
  const reasons = async () => {
    const contact = await getContact(table, "c1");
    return contact && (await predict(table, contact, now))?.reasons;
  };
  for (const daysAgo of [120, 110, 100, 30, 20])
    await happen("c1", "Email Sent", daysAgo, { messageKey: `m${daysAgo}` });
  expect(await reasons()).toEqual([]);
  await happen("c1", "Email Sent", 5, { messageKey: "m5" });
  expect(await reasons()).toEqual(["decliningEngagement"]);
});

it.each<[string, object, number, boolean]>([
  ["a low score", answerOf(6), 20, true],
  ["a low score of long ago", answerOf(6), 100, false],
  ["a middling score", answerOf(7), 20, false],
  ["two stars", said({ rating: 2, text: "Great!" }), 20, true],
  ["bad words", said({ text: "Terrible, I hate it" }), 20, true],
  ["bad words of long ago", said({ text: "Terrible, I hate it" }), 100, false],
  ["good words", said({ text: "Great, I love it" }), 20, false],
])("takes %s for a reason: %#", async (_, of, daysAgo, expected) => {
  await buys("c1", 3);
  const at = new Date(now.getTime() - daysAgo * 86_400_000).toISOString();
  const item =
    "values" in of
      ? { ...of, ...ownedBy("c1", { pk: "ANSWERS#s1#2026-08", sk: "i1" }), standsAt: at }
      : receivedFeedback(feedbackPayloadSchema.parse(of), { id: "f1", occurredAt: at, contactId: "c1" });
  await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
  const contact = (await getContact(table, "c1")) ?? expect.fail("no contact");
  expect((await predict(table, contact, now))?.reasons).toEqual(expected ? ["negativeFeedback"] : []);
});

it("reads no more contacts than its bound, and the same ones every night", async () => {
  await Promise.all(Array.from({ length: 30 }, (_, at) => buys(`c${at}`, 10 + at)));
  expect(await refitCustomerModel(table, now, 12)).toMatchObject({ customers: 12 });
  const keys = Array.from({ length: 100 }, (_, at) => `CONTACT#c${at}`);
  const sample = sampleOf(keys, 10);
  expect(sample).toHaveLength(10);
  expect(sampleOf(keys.toReversed(), 10)).toEqual(sample);
  // who is added changes few of them
  const kept = sampleOf([...keys, "CONTACT#new"], 10).filter((key) => sample.includes(key));
  expect(kept.length).toBeGreaterThanOrEqual(9);
  expect(sampleOf(keys, 100)).toEqual(keys);
});

it("leaves another run's newer models as they are", async () => {
  await buys("c1", 10);
  await Promise.all([refitCustomerModel(table, now), refitCustomerModel(table, now)]);
  expect((await readCustomerModel(table))?.version).toBeLessThanOrEqual(2);
});
