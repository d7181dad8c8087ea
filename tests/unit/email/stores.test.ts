import { GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { putDue } from "../../../shared/due/due-store.ts";
import { createCompose } from "../../../shared/email/compose.ts";
import { type DeliveryDeps, deliver } from "../../../shared/email/delivery.ts";
import { messageStage, suppressStage } from "../../../shared/email/email-stages.ts";
import { recordFeedback } from "../../../shared/email/feedback.ts";
import { ledgerKey } from "../../../shared/email/ledger.ts";
import { openLedger } from "../../../shared/email/ledger-store.ts";
import { readRecipientFrom } from "../../../shared/email/recipient-store.ts";
import { parseSesEvent } from "../../../shared/email/ses-event.ts";
import type { ReadyMail } from "../../../shared/email/ses-sender.ts";
import { readSuppression } from "../../../shared/email/suppression-store.ts";
import { ensureTokenKeys, keepTokenKeys, loadTokenKeys } from "../../../shared/email/token-key-store.ts";
import { verifyToken } from "../../../shared/email/tokens.ts";
import { queryTimeline } from "../../../shared/events/event-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { itemSchema, type Key } from "../../../shared/table/item.ts";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamodb-local.ts";
import { createTestTable } from "../../support/table.ts";
import { click, records, sesRecord } from "./ses-records.ts";
import { hours, message, plus } from "./world.ts";

let engine: DynamoDbLocal;
beforeAll(async () => {
  engine = await startDynamoDbLocal();
});
afterAll(() => engine.close());

const house = {
  sender: "Rapport <hello@example.com>",
  publicUrl: "https://mail.example",
  publicName: "Rapport",
  postalAddress: "Main St 1",
};
const now = new Date("2026-03-01T10:00:00.000Z");
const key = ledgerKey(message.owner, message.messageKey);

async function setup() {
  const table = await createTestTable(engine.url);
  const mails: ReadyMail[] = [];
  const clock = { now };
  const deps: DeliveryDeps = {
    ledger: openLedger(table),
    readRecipient: readRecipientFrom(table),
    readConsent: async () => ({ state: "granted" }),
    readSuppression: (hash) => readSuppression(table, hash),
    compose: createCompose(house, keepTokenKeys(table)),
    send: async (mail) => {
      mails.push(mail);
      return { kind: "sent", sesMessageId: "0100-ses-1" };
    },
    putDue: (due) => putDue(table, due),
    now: () => clock.now,
  };
  const feedback = (eventType: string, more: object, at: Key | undefined = key) =>
    recordFeedback(
      {
        ledger: deps.ledger,
        putEvent: (event) => table.client.send(new PutCommand({ TableName: table.name, Item: event })),
        now: () => clock.now,
      },
      parseSesEvent(sesRecord(eventType, more, at)),
    );
  const dated = (value: string) => ({ value, at: now.toISOString() });
  const contact = {
    pk: "CONTACT#c1",
    sk: "CONTACT",
    kind: "contact",
    email: dated("Ann@example.com"),
    fields: { firstName: dated("Ann") },
  };
  await table.client.send(new PutCommand({ TableName: table.name, Item: contact }));
  return { table, deps, mails, clock, feedback };
}

async function itemAt(table: Table, at: Key) {
  return itemSchema.parse((await table.client.send(new GetCommand({ TableName: table.name, Key: at }))).Item);
}

async function timeline(table: Table) {
  const { items } = await queryTimeline(table, "c1", { limit: 50 });
  return items.map(({ name }) => name).reverse();
}

/** Sums what the table's calls consume. */
function meter(table: Table) {
  const units = { write: 0, read: 0 };
  table.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const metered = { ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" as const } };
        const result = await next(metered);
        const { output } = result;
        const consumed = "ConsumedCapacity" in output ? output.ConsumedCapacity : undefined;
        const total = consumed !== undefined && "CapacityUnits" in consumed ? (consumed.CapacityUnits ?? 0) : 0;
        units[/Put|Update|Delete/.test(commandName) ? "write" : "read"] += total;
        return result;
      },
    { step: "initialize", priority: "high" },
  );
  return units;
}

describe("a mail through the table", () => {
  test("costs two write units for its ledger, and two more for its sent and delivered events", async () => {
    const { table, deps, feedback } = await setup();
    await ensureTokenKeys(table);
    const units = meter(table);

    await deliver(deps, message);
    expect(units).toEqual({ write: 2, read: 4 });

    await messageStage({ table, now: () => now }).run({ item: await itemAt(table, key), previous: undefined });
    await feedback("Send", records.send);
    await feedback("Delivery", records.delivery);
    expect(units.write).toBe(4);
    expect(await timeline(table)).toEqual(["Email Sent", "Email Delivered"]);
  });

  test("carries a link whose token names the contact and the address", async () => {
    const { table, deps, mails } = await setup();
    await deliver(deps, message);
    const raw = Buffer.from(mails[0]?.raw ?? []).toString("latin1");
    const token = /List-Unsubscribe: <https:\/\/mail\.example\/u\/([^>]+)>/.exec(raw)?.[1] ?? "";
    expect(verifyToken(await loadTokenKeys(table), token)).toEqual({
      purpose: "unsubscribe",
      addressHash: addressHash("ann@example.com"),
      contactId: "c1",
      reference: message.messageKey,
    });
    expect(mails[0]?.to).toBe("Ann@example.com");
    for (const value of Object.values(mails[0]?.tags ?? {})) expect(value).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
  });

  test("is sent once by ten workers at once", async () => {
    const { deps, mails } = await setup();
    await Promise.allSettled(Array.from({ length: 10 }, () => deliver(deps, message)));
    expect(mails).toHaveLength(1);
  });

  test("to a confirmation asks with the consent's current confirmation", async () => {
    const { table, deps, mails } = await setup();
    const pending = async () => ({ state: "pending", confirmationId: "conf-2" }) as const;
    const request = { ...message, messageKey: "confirm:conf-2", templateId: "confirm-subscription" };
    await deliver({ ...deps, readConsent: pending }, request);
    const raw = Buffer.from(mails[0]?.raw ?? [])
      .toString("latin1")
      .replaceAll("=\r\n", "");
    const token = /https:\/\/mail\.example\/c\/([\w.-]+)/.exec(raw)?.[1] ?? "";
    expect(verifyToken(await loadTokenKeys(table), token)).toMatchObject({ purpose: "confirm", reference: "conf-2" });
    expect(raw).not.toContain("List-Unsubscribe");
  });

  test("knows its own write when the SDK repeats it after a lost answer", async () => {
    const { table, deps, mails } = await setup();
    let lost = 0;
    table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "PutItemCommand" && lost === 0) {
            lost++;
            await next(args);
          }
          return next(args);
        },
      { step: "finalizeRequest", priority: "low" },
    );
    expect(await deliver(deps, message)).toBe("sent");
    expect(lost).toBe(1);
    expect(mails).toHaveLength(1);
  });
});

describe("an event of SES", () => {
  test("that comes before the ledger says so settles the mail as sent", async () => {
    const { deps, feedback } = await setup();
    const send: DeliveryDeps["send"] = async () => {
      await feedback("Send", records.send);
      return { kind: "unknown", reason: "TimeoutError" };
    };
    await deliver({ ...deps, send }, message);
    expect(await deps.ledger.read(key)).toMatchObject({
      state: "SENT",
      sesMessageId: "0100-ses-1",
      sentAt: "2026-03-01T10:00:01.012Z",
    });
  });

  test("proves a closed mail sent after all", async () => {
    const { deps, feedback, clock } = await setup();
    await deliver({ ...deps, send: async () => ({ kind: "unknown", reason: "TimeoutError" }) }, message);
    clock.now = plus(now, hours(24));
    await deliver(deps, message);
    expect(await deps.ledger.read(key)).toMatchObject({ state: "UNCONFIRMED" });
    await feedback("Open", records.open);
    expect(await deps.ledger.read(key)).toMatchObject({ state: "SENT" });
  });

  test("stands on the timeline once, however often it comes; two links clicked at once are two", async () => {
    const { table, deps, feedback } = await setup();
    await deliver(deps, message);
    for (const _ of ["first", "again"]) {
      await feedback("Delivery", records.delivery);
      await feedback("Open", records.open);
      await feedback("Click", click("https://shop.example/a"));
      await feedback("Click", click("https://shop.example/b"));
    }
    expect(await timeline(table)).toEqual([
      "Email Delivered",
      "Email Opened",
      "Email Link Clicked",
      "Email Link Clicked",
    ]);
  });

  test("never puts a link's token on the timeline", async () => {
    const { table, deps, feedback } = await setup();
    await deliver(deps, message);
    await feedback("Click", click(`https://mail.example/u/v1.abc.${"A".repeat(43)}?x=1`));
    const { items } = await queryTimeline(table, "c1", { limit: 5 });
    expect(items[0]?.properties).toMatchObject({ link: "https://mail.example/u/…?x=1" });
  });

  test.each([
    ["Reject", records.reject, "rejected: Bad content"],
    ["Rendering Failure", records.renderingFailure, "rendering failure"],
    ["RenderingFailure", records.renderingFailure, "rendering failure"],
  ])("%s makes the mail failed, and the timeline says both", async (eventType, more, reason) => {
    const { table, deps, feedback } = await setup();
    await deliver(deps, message);
    await feedback(eventType, more);
    await feedback("Send", records.send);
    expect(await deps.ledger.read(key)).toMatchObject({ state: "FAILED", reason });
    const change = { item: await itemAt(table, key), previous: undefined };
    await messageStage({ table, now: () => now }).run(change);
    expect((await timeline(table)).toSorted()).toEqual(["Email Sent", "Email Skipped"]);
  });

  test("of a mail that is not ours, or no longer known, changes nothing", async () => {
    const { table, feedback } = await setup();
    expect(await feedback("Delivery", records.delivery)).toBe("foreign");
    const body = sesRecord("Bounce", records.bounce);
    const foreign = await recordFeedback(
      { ledger: openLedger(table), putEvent: () => Promise.reject(new Error("written")), now: () => now },
      parseSesEvent(body),
    );
    expect(foreign).toBe("foreign");
    expect(await timeline(table)).toEqual([]);
  });

  test("without headers (DeliveryDelay) or of an unknown type only settles the ledger", async () => {
    const { table, deps, feedback } = await setup();
    await deliver({ ...deps, send: async () => ({ kind: "unknown", reason: "TimeoutError" }) }, message);
    expect(await feedback("DeliveryDelay", records.deliveryDelay)).toBe("recorded");
    expect(await feedback("Subscription", {})).toBe("recorded");
    expect(await deps.ledger.read(key)).toMatchObject({ state: "SENT" });
    expect(await timeline(table)).toEqual([]);
  });

  test("to staff settles the ledger and writes no timeline; a hard bounce marks it failed", async () => {
    const { table, deps, feedback } = await setup();
    const owner = { staff: { name: "Mia", email: "mia@example.com" } };
    const { templateId, ...rest } = message;
    await deliver(deps, { ...rest, owner, content: { subject: "D", html: "<p>", text: "t", images: [] } });
    const staffKey = ledgerKey(owner, message.messageKey);
    await feedback("Delivery", records.delivery, staffKey);
    expect(await deps.ledger.read(staffKey)).toMatchObject({ state: "SENT" });
    await feedback("Bounce", records.bounce, staffKey);
    expect(await deps.ledger.read(staffKey)).toMatchObject({ state: "FAILED", reason: "bounced" });
    const { Items } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": staffKey.pk },
      }),
    );
    expect(Items).toHaveLength(1);
  });

  test.each([
    [{}],
    [{ source: "aws.s3", detail: {} }],
    [{ source: "aws.ses", detail: { eventType: "Open" } }],
    ["text"],
  ])("that cannot be read is refused: %j", (body) => {
    expect(() => parseSesEvent(body)).toThrow();
  });
});

describe("stages of mail", () => {
  test.each([
    ["a hard bounce", "Bounce", records.bounce, { reason: "bounce", at: "2026-03-01T10:00:05.669Z" }],
    ["a complaint", "Complaint", records.complaint, { reason: "complaint" }],
    ["a passing bounce", "Bounce", records.transient, undefined],
  ])("suppress the address after %s: %4$j", async (_, eventType, more, expected) => {
    const { table, deps, feedback, mails } = await setup();
    await deliver(deps, message);
    await feedback(eventType, more);
    const { items } = await queryTimeline(table, "c1", { limit: 5 });
    const stage = suppressStage({ table });
    for (const item of [...items, ...items]) {
      const change = { item: itemSchema.parse(item), previous: undefined };
      if (stage.wants(change)) await stage.run(change);
    }
    const suppression = await readSuppression(table, addressHash("ann@example.com"));
    if (expected === undefined) expect(suppression).toBeUndefined();
    else expect(suppression).toMatchObject(expected);

    await deliver(deps, { ...message, messageKey: "next", templateId: "form-acknowledgement" });
    expect(mails).toHaveLength(expected === undefined ? 2 : 1);
  });

  test("tell the timeline why a mail was skipped, once", async () => {
    const { table, deps } = await setup();
    await deliver({ ...deps, readConsent: async () => undefined }, message);
    const stage = messageStage({ table, now: () => now });
    const item = await itemAt(table, key);
    expect(stage.wants({ item, previous: item })).toBe(false);
    await stage.run({ item, previous: undefined });
    await stage.run({ item, previous: undefined });
    const { items } = await queryTimeline(table, "c1", { limit: 5 });
    expect(items).toMatchObject([
      { name: "Email Skipped", properties: { reason: "no consent", template: "welcome@1" } },
    ]);
  });

  test("bring a mail of unknown fate back after 24 hours, with what it takes to send it again", async () => {
    const { table, deps } = await setup();
    const request = {
      ...message,
      messageKey: "ack:1",
      templateId: "form-acknowledgement",
      data: { formTitle: "Contact" },
    };
    await deliver({ ...deps, send: async () => ({ kind: "unknown", reason: "TimeoutError" }) }, request);
    const item = await itemAt(table, ledgerKey(message.owner, "ack:1"));
    await messageStage({ table, now: () => now }).run({ item, previous: undefined });
    const pages = await Promise.all(
      [0, 1, 2, 3].map((shard) =>
        table.client.send(
          new QueryCommand({
            TableName: table.name,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": `DUE#2026-03-02T10#${shard}` },
          }),
        ),
      ),
    );
    const dues = pages.flatMap(({ Items = [] }) => Items);
    expect(dues).toMatchObject([
      {
        kind: "due",
        message: {
          owner: { contactId: "c1" },
          messageKey: "ack:1",
          templateId: "form-acknowledgement",
          data: { formTitle: "Contact" },
          close: true,
        },
      },
    ]);
  });
});

describe("the keys of links", () => {
  test("are none before the first use, and one for all first users", async () => {
    const { table } = await setup();
    expect(await loadTokenKeys(table)).toEqual([]);
    const made = await Promise.all([ensureTokenKeys(table), ensureTokenKeys(table), ensureTokenKeys(table)]);
    expect(new Set(made.map(([first]) => first?.secret)).size).toBe(1);
    expect(await loadTokenKeys(table)).toEqual(made[0]);
  });

  test("are read once per process, and again after a failure", async () => {
    const { table } = await setup();
    const units = meter(table);
    const broken = keepTokenKeys({ ...table, name: "no-such-table" });
    await expect(broken()).rejects.toThrow();
    await expect(broken()).rejects.toThrow();
    const keys = keepTokenKeys(table);
    const [first] = await Promise.all([keys(), keys()]);
    expect(await keys()).toBe(first);
    expect(units).toEqual({ write: 1, read: 1 });
  });
});
