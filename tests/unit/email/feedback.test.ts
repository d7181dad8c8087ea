import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { type DeliveryDeps, deliver } from "../../../shared/email/delivery.ts";
import { messageStage, suppressStage } from "../../../shared/email/email-stages.ts";
import { recordFeedback } from "../../../shared/email/feedback.ts";
import { ledgerKey } from "../../../shared/email/ledger.ts";
import { openLedger } from "../../../shared/email/ledger-store.ts";
import { parseSesEvent } from "../../../shared/email/ses-event.ts";
import { readSuppression } from "../../../shared/email/suppression-store.ts";
import { queryTimeline } from "../../../shared/events/event-store.ts";
import { itemSchema } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { itemAt, key, now, postRoom, timeline } from "./post-room.ts";
import { click, records, sesRecord } from "./ses-records.ts";
import { hours, message, plus } from "./world.ts";

const setup = () => postRoom(engine);

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

  test("that never comes leaves a mail that the timeline calls unconfirmed, once, until one does", async () => {
    const { table, deps, feedback, clock } = await setup();
    const tell = async () =>
      messageStage({ table, now: () => clock.now }).run({ item: await itemAt(table, key), previous: undefined });
    await deliver({ ...deps, send: async () => ({ kind: "unknown", reason: "TimeoutError" }) }, message);
    await tell();
    clock.now = plus(now, hours(24));
    await deliver(deps, message);
    await tell();
    const { items } = await queryTimeline(table, "c1", { limit: 5 });
    expect(items).toMatchObject([
      {
        name: "Email Unconfirmed",
        occurredAt: now.toISOString(),
        properties: { messageKey: message.messageKey, requestedAt: message.requestedAt, reason: "TimeoutError" },
      },
    ]);
    await feedback("Send", records.send);
    await tell();
    expect((await timeline(table)).toSorted()).toEqual(["Email Sent", "Email Unconfirmed"]);
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
      {
        ledger: openLedger(table),
        putEvent: () => Promise.reject(new Error("written")),
        isErased: async () => false,
        now: () => now,
      },
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
            ExpressionAttributeValues: { ":pk": `DUE#2026-03-02#${shard}` },
          }),
        ),
      ),
    );
    const dues = pages.flatMap(({ Items = [] }) => Items);
    expect(dues).toMatchObject([
      {
        kind: "due",
        queue: "mail",
        body: {
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
