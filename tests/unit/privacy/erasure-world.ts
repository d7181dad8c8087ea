import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { isErased } from "../../../shared/contacts/contact-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { putDue } from "../../../shared/due/due-store.ts";
import { openLedger } from "../../../shared/email/ledger-store.ts";
import { createEvent, type EventName } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { formPayloadSchema, intakeSchema } from "../../../shared/intake/intake.ts";
import { journeyDefinitionSchema } from "../../../shared/journeys/definition.ts";
import { publish, withDraft } from "../../../shared/journeys/journey-change-store.ts";
import { openJourneys } from "../../../shared/journeys/journey-store.ts";
import { erase } from "../../../shared/privacy/erase-store.ts";
import { type ErasuresMessage, erasureMessageSchema } from "../../../shared/privacy/erasure.ts";
import { eraseShopPage } from "../../../shared/privacy/shop-erasure-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { type DeliveryDependencies, deliverWebhook } from "../../../shared/webhooks/delivery.ts";
import { webhookMessageSchema } from "../../../shared/webhooks/webhook.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { testStages } from "../../support/test-stages.ts";
import { callIntake, formIntake, orderIntake, putIntake } from "../contacts/intakes.ts";

export const at = "2026-01-05T10:00:00.000Z";
const left = "2026-01-05T10:00:01.000Z";
export const email = "ada.lovelace@example.com";
export const phone = "+441234567890";
/** What nobody may find anywhere once Ada is erased. Her account at the shop, her browser's id and her cart's are hers too. */
export const words = [email, "Lovelace", phone, "customer-4711", "browser-of-ada-0123456789", "cart-of-ada-0123456789"];

interface WorkOptions {
  readonly passSize?: number;
  readonly erase?: typeof erase;
}

export type ErasureWorld = Awaited<ReturnType<typeof erasureWorld>>;

/** A table with the stages on it, a clock, and the queue of erasures. */
export async function erasureWorld(items: readonly Item[] = []) {
  const table = await createTestTable(engine.url);
  for (const Item of items) await table.client.send(new PutCommand({ TableName: table.name, Item }));
  const clock = { now: new Date(at) };
  const queue: ErasuresMessage[] = [];
  let ids = items.length === 0 ? 0 : 1;
  /** An endpoint that is busy all day: every call to it waits for its next try. */
  const desk: DeliveryDependencies = {
    readEndpoint: async (id) => ({
      id,
      url: "https://desk.example/",
      description: "",
      state: "enabled",
      updatedAt: at,
    }),
    readSecrets: async () => ({ secrets: [{ value: `whsec_${Buffer.alloc(32).toString("base64")}` }] }),
    isErased: (contactId) => isErased(table, contactId),
    call: async () => 503,
    endpointGone: async () => undefined,
    putDue: (due) => putDue(table, due),
    failed: async () => undefined,
    delivered: async () => undefined,
    now: () => clock.now,
  };
  let known: ReadonlyMap<string, Item> = await contentsOf(table);
  const stages = testStages({
    table,
    now: () => clock.now,
    sendWebhook: async (message) => void (await deliverWebhook(desk, webhookMessageSchema.parse(message))),
    sendErasure: async (message) => void queue.push(message),
    attributionDays: 7,
    newId: () => `c${++ids}`,
  });
  async function rest(): Promise<void> {
    await settle({ table, stages, known });
    known = await contentsOf(table);
  }

  /** Works off the queue of erasures and what follows from it, until nothing is left to do at this time. */
  async function work({ passSize, erase: by = erase }: WorkOptions = {}): Promise<void> {
    await rest();
    for (let message = queue.shift(); message !== undefined; message = queue.shift()) {
      const deps = { table, now: () => clock.now };
      if ("contactId" in message) await by({ ...deps, ...(passSize !== undefined && { passSize }) }, message);
      else await eraseShopPage({ ...deps, pageSize: 2 }, message);
      await rest();
    }
  }

  /** Moves the clock and hands over the due items of erasures, as the sweep does. */
  async function later(hours: number): Promise<void> {
    clock.now = new Date(clock.now.getTime() + hours * 3_600_000);
    for (const { pk, sk, queue: name, body } of await itemsOf(table, "due")) {
      if (name !== "erasures" || sk > `${clock.now.toISOString()}#\uffff`) continue;
      queue.push(erasureMessageSchema.parse(body));
      await table.client.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
    }
    await work();
  }
  return { table, clock, queue, stages, desk, rest, work, later };
}

const link = { addressHash: addressHash(email), contactId: "c1" };

/** An intake item of a link in a mail to Ada. */
export function linkIntake(intakeId: string, when = at) {
  const { payload: _, ...base } = formIntake({ intakeId, email, at: when });
  return intakeSchema.parse({ ...base, type: "unsubscribe", payload: link });
}

/** An answer to a survey with a comment, and a review that a server tells of; she is not content. */
export function saidBy(answerId: string, reviewId: string, occurredAt = at) {
  const { payload: _, ...base } = formIntake({ intakeId: answerId, email, at, occurredAt });
  const invitation = { surveyId: "nps", surveyKind: "nps", surveyVersion: 1, invitationId: `of-${answerId}` };
  const answers = { score: 3, comment: "Lovelace waited in vain" };
  const mailed = { contactId: "c1", channel: "email", language: "en", invitedAt: at };
  const review = { feedbackKind: "review", source: "google", text: "Terrible, says Lovelace", language: "en" };
  return [
    intakeSchema.parse({ ...base, type: "survey", payload: { ...invitation, ...mailed, answers } }),
    intakeSchema.parse({
      ...base,
      pk: `INTAKE#${reviewId}`,
      intakeId: reviewId,
      type: "feedback",
      payload: { ...review, author: "Ada Lovelace", email },
    }),
  ];
}

export function heard(table: Table, name: EventName, properties: Record<string, unknown>) {
  const facts = { contactId: "c1", occurredAt: at, receivedAt: at, source: "mail", properties };
  return putEvent(table, createEvent({ ...facts, name, origin: [name] }));
}

/** A journey that has a colleague call whoever bought, and tells another system of it. */
async function publishCalls(table: Table): Promise<void> {
  const store = openJourneys(table);
  const draft = journeyDefinitionSchema.parse({
    name: "Call",
    trigger: { event: "Order Completed" },
    start: "call",
    steps: [
      {
        type: "task",
        id: "call",
        title: "Call {{ contact.fields.lastName }}",
        owner: "kim@shop.example",
        next: "tell",
      },
      { type: "webhook", id: "tell", endpointId: "desk", send: ["contact.email"], next: "end" },
      { type: "end", id: "end" },
    ],
  });
  const head = await store.putHead(withDraft(undefined, "call", draft, { updatedAt: at, updatedBy: "test" }));
  await store.putHead(await publish(store, head));
}

/** Ada's story: all kinds of items that are ever held on a person. She is contact c1. @returns all of the table. */
export async function adasStory(): Promise<readonly Item[]> {
  const { table, rest } = await erasureWorld();
  await publishCalls(table);
  const form = formIntake({ intakeId: "i1", email, at, marketing: true });
  const payload = formPayloadSchema.parse(form.payload);
  const fields = { ...payload.fields, phone };
  await putIntake(table, intakeSchema.parse({ ...form, payload: { ...payload, fields } }));
  await rest();
  const ids = { userId: "customer-4711", anonymousId: "browser-of-ada-0123456789" };
  const properties = { cartId: "cart-of-ada-0123456789", products: [] };
  await putIntake(table, callIntake({ intakeId: "i2", event: "Checkout Started", email, ...ids, properties, at }));
  const order = orderIntake({ intakeId: "i3", email, at });
  await putIntake(table, order);
  await rest();
  await putIntake(table, intakeSchema.parse({ ...order, pk: "INTAKE#i4", intakeId: "i4" }));
  await rest();
  // Another cart, left behind: its run waits for an hour.
  const full = { cartId: "second-cart-of-ada-0123456789", products: [{ name: "Mug", quantity: 1, productId: "mug" }] };
  await putIntake(table, callIntake({ intakeId: "i5", event: "Checkout Started", email, properties: full, at: left }));
  for (const intake of saidBy("i6", "i7")) await putIntake(table, intake);
  await rest();
  await heard(table, "Email Bounced", { addressHash: addressHash(email), bounceType: "Transient" });
  await heard(table, "Email Marked as Spam", { addressHash: addressHash(email) });
  const ledger = { version: 1, attempt: 1, refusals: 0, resends: 0, correlationId: "i1", requestedAt: at } as const;
  const key = { pk: "CONTACT#c1", sk: "MESSAGE#m1", kind: "message", messageKey: "m1" } as const;
  const again = { templateId: "note", data: { name: "Ada Lovelace" } };
  const mail = { ...key, ...ledger, stream: "transactional", template: "note@1", state: "SENT", sentAt: at } as const;
  await openLedger(table).write({ ...mail, again, addressHash: addressHash(email) });
  const body = { owner: { contactId: "c1" }, to: email, data: { name: "Ada Lovelace" } };
  await putDue(table, { at: new Date("2026-01-06T10:00:00.000Z"), id: "d1", queue: "mail", body, contactId: "c1" });
  await rest();
  return [...(await contentsOf(table)).values()];
}

/** The journeys' runs of the story end by themselves only after days. */
export async function activeRuns(table: Table): Promise<readonly Item[]> {
  return (await itemsOf(table, "run")).filter(({ state }) => state === "active");
}
