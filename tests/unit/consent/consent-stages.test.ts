import { beforeEach, describe, expect, it } from "vitest";
import { confirmationMailStage, consentStage, subscribedStage } from "../../../shared/consent/consent-stages.ts";
import { applyToConsent, readConsent } from "../../../shared/consent/consent-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { mailMessageSchema } from "../../../shared/email/mail-message.ts";
import { createEvent, type EventFacts } from "../../../shared/events/event.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { expectStageContract, recordingMailQueue } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const at = "2026-03-01T12:00:00.000Z";
const now = () => new Date(at);
const email = "Ada@example.com";
const hash = addressHash(email);

let table: Table;
let mail: ReturnType<typeof recordingMailQueue>;
let stages: { consent: Stage; mail: Stage; subscribed: Stage };
beforeEach(async () => {
  table = await createTestTable(engine.url);
  mail = recordingMailQueue();
  stages = {
    consent: consentStage({ table, now }),
    mail: confirmationMailStage(mail),
    subscribed: subscribedStage({ table }),
  };
});

function event(changes: Partial<EventFacts> = {}) {
  const properties = {
    formId: "contact",
    formVersion: 1,
    fields: { email },
    marketing: true,
    consent: { text: "Yes, send me news.", version: "1", doubleOptIn: true },
  };
  const facts = { contactId: "c1", origin: ["intake", "i1"], occurredAt: at, receivedAt: at, source: "form" };
  return createEvent({ ...facts, name: "Form Submitted", properties, ...changes });
}
const link = { addressHash: hash, contactId: "c1" };
const confirmed = () => event({ name: "Consent Confirmed", origin: ["intake", "i2"], properties: link });

async function happen(...events: ReturnType<typeof event>[]): Promise<void> {
  for (const item of events) {
    const change = { item, previous: undefined };
    if (stages.consent.wants(change)) {
      await expectStageContract(stages.consent, change, { table, mailKeys: mail.keys });
    }
  }
}

/** The stages of a consent item hear its last change. */
async function hear(stage: Stage, previousState?: string): Promise<boolean> {
  const [item] = await itemsOf(table, "consent");
  if (item === undefined) return false;
  const previous = previousState === undefined ? undefined : { ...item, state: previousState };
  if (!stage.wants({ item, previous })) return false;
  await expectStageContract(stage, { item, previous }, { table, mailKeys: mail.keys });
  return true;
}

describe("a ticked box", () => {
  it("is kept as pending, and asked for by one mail", async () => {
    await happen(event());
    expect(await readConsent(table, hash)).toMatchObject({ state: "pending", address: email, contactId: "c1" });
    expect([await hear(stages.mail), await hear(stages.mail, "pending")]).toEqual([true, false]);
    const { confirmationId } = (await readConsent(table, hash)) ?? {};
    expect(mail.messages[0]).toEqual({
      owner: { contactId: "c1" },
      messageKey: `confirm-${confirmationId}`,
      templateId: "confirm-subscription",
      to: email,
      requestedAt: at,
      correlationId: confirmationId,
    });
    expect(mail.keys()).toHaveLength(1);
    expect(await hear(stages.subscribed)).toBe(false);
  });

  it("that is confirmed stands on the timeline as a subscription, once", async () => {
    await happen(event(), confirmed());
    expect([await hear(stages.subscribed, "pending"), await hear(stages.mail, "pending")]).toEqual([true, false]);
    expect(await itemsOf(table, "event")).toMatchObject([
      {
        pk: "CONTACT#c1",
        name: "Subscribed",
        occurredAt: at,
        properties: { addressHash: hash, formId: "contact", basis: "confirmed", textVersion: "1" },
      },
    ]);
    expect(await hear(stages.subscribed, "granted")).toBe(false);
  });

  it("is about the topics of its form", async () => {
    const { properties } = event();
    await happen(
      event({ properties: { ...properties, consent: { ...Object(properties.consent), topics: ["offers"] } } }),
    );
    await happen(confirmed());
    expect((await readConsent(table, hash))?.standings).toMatchObject({
      offers: { state: "granted", basis: "confirmed" },
    });
    expect(await hear(stages.subscribed, "pending")).toBe(true);
    expect(await itemsOf(table, "event")).toMatchObject([{ name: "Subscribed", properties: { topics: ["offers"] } }]);
  });

  it("is asked for of the address that it is about, whatever that looks like", async () => {
    await happen(event());
    await hear(stages.mail);
    const [message] = mail.messages;
    const odd = { ...message, to: "o'hara!news#1@example.com", requestedAt: at };
    expect([message?.to, mailMessageSchema.parse(odd).to]).toEqual([email, odd.to]);
  });

  it("that is heard of three days late asks for nothing", async () => {
    await happen(event({ occurredAt: "2026-02-26T11:59:59.999Z" }));
    expect(await readConsent(table, hash)).toBeUndefined();
  });

  it("left empty changes nothing", async () => {
    await happen(event({ properties: { formId: "contact", formVersion: 1, fields: { email }, marketing: false } }));
    expect(await readConsent(table, hash)).toBeUndefined();
  });
});

it("ends by an unsubscription as links told it before, however late that is heard of", async () => {
  const properties = { ...link, reference: "welcome-1" };
  await happen(
    event(),
    confirmed(),
    event({ name: "Unsubscribed", origin: ["intake", "i3"], source: "page", properties }),
  );
  expect(await readConsent(table, hash)).toMatchObject({ state: "withdrawn", withdrawnAt: at, version: 3 });
});

it("follows what is chosen in the preference centre: topics, how often, a pause and its end", async () => {
  const chosen = (seconds: number, choice: object) =>
    event({
      name: "Preferences Changed",
      origin: ["intake", `p${seconds}`],
      occurredAt: `2026-03-01T12:00:0${seconds}.000Z`,
      source: "page",
      properties: { ...link, ...choice },
    });
  const words = { shown: "Newsletter: Send it to me" };
  await happen(
    chosen(1, { choice: "save", topics: { newsletter: "on", offers: "off" }, frequency: "weekly", ...words }),
    chosen(2, { choice: "pause" }),
  );
  const consent = await readConsent(table, hash);
  expect(consent).toMatchObject({
    state: "granted",
    standings: { newsletter: { state: "granted", basis: "confirmed" }, offers: { state: "withdrawn" } },
    frequency: { value: "weekly" },
    pausedUntil: "2026-03-31T12:00:02.000Z",
  });
  expect(consent?.acts?.map(({ text }) => text)).toContain(words.shown);
  await happen(chosen(3, { choice: "all", shown: "Send me news and offers" }));
  const all = await readConsent(table, hash);
  expect([all?.pausedUntil, all?.standings?.offers?.state]).toEqual([undefined, "granted"]);
});

it.each([
  ["grants without a withdrawal", {}, [], "granted"],
  ["confirmed there, later than a withdrawal", { confirmed: true }, ["2026-03-01T11:00:00.000Z"], "granted"],
  ["not confirmed", {}, ["2026-03-01T11:00:00.000Z"], "withdrawn"],
  ["confirmed, but without a date", { confirmed: true, dated: false }, ["2026-03-01T11:00:00.000Z"], "withdrawn"],
  ["confirmed before the withdrawal", { confirmed: true }, ["2026-03-01T13:00:00.000Z"], "withdrawn"],
])("a shop's word: %s", async (_, said, withdrawals, state) => {
  const report = { email, channel: "email", state: "subscribed", dated: true, confirmed: false, ...said };
  await happen(
    event({ name: "Consent Changed", origin: ["shop"], source: "shop", properties: report }),
    ...withdrawals.map((occurredAt) =>
      event({ name: "Unsubscribed", origin: ["off"], source: "page", occurredAt, properties: link }),
    ),
  );
  expect((await readConsent(table, hash))?.state).toBe(state);
});

it("takes no notice of other events", () => {
  const item = event({ name: "Email Sent", properties: {} });
  expect(stages.consent.wants({ item, previous: undefined })).toBe(false);
  expect(stages.consent.wants({ item: event(), previous: event() })).toBe(false);
});

it("survives many at once: each applies to what the one before it wrote", async () => {
  const withdrawals = [1, 2, 3, 4].map((second) => ({
    ...link,
    acts: [{ type: "withdraw" as const, by: "person" as const, at: `2026-03-01T12:00:0${second}.000Z` }],
  }));
  await Promise.all(withdrawals.map((change) => applyToConsent(table, change, now())));
  expect(await readConsent(table, hash)).toMatchObject({
    state: "withdrawn",
    withdrawnAt: withdrawals[3]?.acts[0]?.at,
  });
});
