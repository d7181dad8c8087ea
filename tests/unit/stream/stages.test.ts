import { beforeEach, describe, expect, test } from "vitest";
import { newAction } from "../../../shared/actions/action.ts";
import { putAction } from "../../../shared/actions/action-store.ts";
import type { Telling } from "../../../shared/actions/telling.ts";
import { putTelling } from "../../../shared/actions/telling-store.ts";
import { send } from "../../../shared/broadcasts/broadcast-changes.ts";
import { putBroadcast } from "../../../shared/broadcasts/broadcast-store.ts";
import { newImport } from "../../../shared/connectors/import.ts";
import { putImport } from "../../../shared/connectors/import-store.ts";
import { firstLook } from "../../../shared/connectors/reconciliation.ts";
import { putSource } from "../../../shared/connectors/source-store.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { changeDay } from "../../../shared/currency/rate-store.ts";
import { putSubscription } from "../../../shared/digests/subscription-store.ts";
import { createEvent, type EventName } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { newAlarm } from "../../../shared/insight/alarm.ts";
import { putAlarm } from "../../../shared/insight/alarm-store.ts";
import { intakeSchema } from "../../../shared/intake/intake.ts";
import { putCostItem } from "../../../shared/kpis/cost-store.ts";
import type { ErasuresMessage } from "../../../shared/privacy/erasure.ts";
import { beginErasure } from "../../../shared/privacy/erasure-store.ts";
import { openedReview } from "../../../shared/reviews/review.ts";
import { openReview } from "../../../shared/reviews/review-store.ts";
import { newRebuild } from "../../../shared/segments/rebuild.ts";
import { putSegment } from "../../../shared/segments/segment-store.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import type { Table } from "../../../shared/table/client.ts";
import { type Item, itemKinds, streamedKinds } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { expectStageContract, recordingMailQueue } from "../../support/stage-contract.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { testStages } from "../../support/test-stages.ts";
import { draft } from "../broadcasts/broadcasts.ts";
import { callIntake, formIntake, orderIntake, putIntake } from "../contacts/intakes.ts";
import { subscriptionOf } from "../digests/support.ts";

const at = "2026-01-05T10:00:00.000Z";
const now = () => new Date(at);

let table: Table;
let mail: ReturnType<typeof recordingMailQueue>;
let stages: readonly Stage[];
let erasures: ErasuresMessage[];

beforeEach(async () => {
  table = await createTestTable(engine.url);
  mail = recordingMailQueue();
  erasures = [];
  stages = testStages({
    table,
    now,
    sendMail: mail.sendMail,
    sendErasure: async (message) => void erasures.push(message),
  });
});

const leads = {
  id: "leads",
  name: "Leads",
  rule: { type: "attribute", attribute: "lead", op: "eq", value: true },
  version: 1,
  updatedAt: at,
  updatedBy: "test",
  rebuild: newRebuild(1),
} as const;

const gbp = { date: "2026-01-02", base: "EUR", rates: { GBP: "1.17" } };
const cost = {
  id: "cost-1",
  kind: "ads",
  amount: { amount: 1000, currency: "EUR" },
  from: "2026-01-05",
  to: "2026-01-07",
  version: 1,
  updatedAt: at,
  updatedBy: "test",
  requestHash: "x",
} as const;

const silence = {
  type: "silence",
  kpi: "orders",
  period: null,
  source: { by: "source", group: "shop" },
  start: "2026-01-03",
  points: [],
  test: null,
  expected: null,
  better: false,
  contributions: [],
  sentence: "Nothing has come from source “shop”.",
} as const;

const mia = { name: "Mia", email: "mia@example.com" };
const promise = newAction(
  { what: "Call", owner: mia, dueOn: "2026-01-05", notes: "", origin: { kind: "review", review: "year-2025-01-01" } },
  { suffix: "0".repeat(20), requestHash: "x" },
  { at, by: "test", today: "2026-01-05" },
);
const telling: Telling = {
  ...{ action: promise.id, mail: { subject: "Sorry", text: "Sorry." }, from: "2026-01-01T00:00:00.000Z", to: at },
  theme: { id: "praise", title: "Praise", keywords: { en: ["good"] } },
  ...{ state: "telling", cursor: null, lookedAt: 0, truncated: false, comments: 0, positive: 0, anonymous: 0 },
  ...{ people: [], startedAt: at, startedBy: "test", version: 1 },
};
const period = { kind: "year", start: "2025-01-01", end: "2026-01-01" } as const;
const about = { at, today: "2026-01-05", daysToClose: 14, recipients: [mia] };
const gathered = {
  asOf: at,
  kpis: [],
  themes: { comments: 0, previousComments: 0, truncated: false, items: [] },
  openActions: { items: [], truncated: false },
  promises: { review: null, items: [] },
};

/** A link that was followed: what the pages write. */
async function follow(type: "confirm" | "unsubscribe", reference?: string): Promise<void> {
  const [contact] = await itemsOf(table, "contact");
  const { payload: _form, ...base } = formIntake({ intakeId: `${type}-1`, email: "ada@example.com", at });
  const payload = { addressHash: addressHash("ada@example.com"), contactId: contact?.contactId, reference };
  await putIntake(table, intakeSchema.parse({ ...base, type, payload }));
}

/** What a shop passes on of a customer's rights, or asks for itself. */
async function ask(request: "access" | "erasure" | "shop", email?: string): Promise<void> {
  const { payload: _form, ...base } = formIntake({ intakeId: `privacy-${request}`, email: "", at });
  await putIntake(
    table,
    intakeSchema.parse({ ...base, type: "privacy", payload: { request, source: "shop", email, orderIds: [] } }),
  );
}

/** What the page of a survey writes. */
async function answerSurvey(score: number): Promise<void> {
  const [contact] = await itemsOf(table, "contact");
  const { payload: _form, ...base } = formIntake({ intakeId: `survey-${score}`, email: "", at });
  const about = {
    surveyId: "nps",
    surveyKind: "nps",
    surveyVersion: 0,
    invitationId: "0".repeat(24),
    channel: "email",
  };
  const payload = { ...about, contactId: contact?.contactId, invitedAt: at, answers: { score, comment: "Good" } };
  await putIntake(table, intakeSchema.parse({ ...base, type: "survey", payload }));
}

/** What a server tells that somebody said. */
async function say(text: string): Promise<void> {
  const { payload: _form, ...base } = formIntake({ intakeId: "feedback-0123456789abcdef", email: "", at });
  const payload = { feedbackKind: "review", source: "google", text, email: "ada@example.com" };
  await putIntake(table, intakeSchema.parse({ ...base, type: "feedback", payload }));
}

async function heard(name: EventName, properties: Record<string, unknown>): Promise<void> {
  const [contact] = await itemsOf(table, "contact");
  const contactId = String(contact?.contactId);
  const facts = { contactId, origin: [name], name, occurredAt: at, receivedAt: at, source: "mail", properties };
  await putEvent(table, createEvent(facts));
}

describe("the list of stages", () => {
  test("has stable, distinct names: messages in the retry queue carry them", () => {
    const names = stages.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toMatchInlineSnapshot(`
      [
        "resolve",
        "append",
        "privacy-request",
        "message-request",
        "join",
        "unknown-cart",
        "survey-answer",
        "feedback",
        "stop-digest",
        "waiting",
        "release-joined",
        "release-order",
        "fold",
        "ordered-cart",
        "consent",
        "acknowledge",
        "trigger",
        "wake",
        "suppress",
        "guard",
        "mail-fact",
        "credit",
        "segments-of-event",
        "basket",
        "kpi-event-entry",
        "webhook-outcome",
        "lifecycle",
        "lifecycle-before",
        "pipeline",
        "kpi-other-event-entry",
        "confirmation-mail",
        "subscribed",
        "unsubscribed",
        "withdrawal",
        "segments-of-consent",
        "segments-of-suppression",
        "run-progress",
        "run",
        "overtaken",
        "message",
        "mail-unknown",
        "broadcast-progress",
        "mail-outcome",
        "kpi-entry",
        "funnel-entry",
        "segments-of-contact",
        "dates",
        "new-address",
        "erasure",
        "shop-erasure",
        "alarm-mail",
        "kpi-cost-entries",
        "kpi-currency-rates",
        "kpi-survey-answer",
        "survey-comment",
        "kpi-survey-invitation",
        "kpi-feedback",
        "kpi-promise",
        "action-tell",
        "review-opened",
        "dirty-day",
        "kpi-catalogue",
        "kpi-walk",
        "kpi-counting",
        "order-result",
        "kpi-attribution-entry",
        "dirty-mails",
        "dirty-orders",
        "segment-rebuild",
        "census",
        "cut-points",
        "customer-model",
        "membership-event",
        "membership-follow",
        "broadcast-pages",
        "first-import",
        "import-page",
        "reconciliation",
        "write-back",
        "write-back-complaint",
      ]
    `);
  });

  test("hears exactly the kinds that the event source lets through", () => {
    const heardKinds = new Set(stages.map(({ kind }) => kind));
    expect(itemKinds.filter((kind) => heardKinds.has(kind)).sort()).toEqual([...streamedKinds].sort());
  });
});

function putMessage(to: Table) {
  const { payload: _form, type: _type, ...base } = formIntake({ intakeId: "i9", email: "ada@example.com", at });
  const payload = { source: "shop", email: "ada@example.com", templateId: "order-note", data: {} };
  return putIntake(to, intakeSchema.parse({ ...base, type: "message", payload }));
}

/** What the page behind a digest's link writes. */
async function stopDigest(): Promise<void> {
  const { payload: _form, ...base } = formIntake({ intakeId: "stop", email: "", at });
  await putSubscription(table, subscriptionOf({ since: at }));
  const payload = { digestId: "weekly", addressHash: addressHash("tom@example.com") };
  await putIntake(table, intakeSchema.parse({ ...base, type: "digestStop", payload }));
}

describe("every stage, on every change of a lead's whole story", () => {
  test("leaves the same table and the same mails when it runs again, with or without the image before", {
    timeout: 60_000,
  }, async () => {
    const ran = new Set<string>();
    const rest = (known?: ReadonlyMap<string, Item>) =>
      settle({
        table,
        stages,
        ...(known && { known }),
        run: (stage, change) => {
          ran.add(stage.name);
          return expectStageContract(stage, change, { table, mailKeys: mail.keys });
        },
      });

    await putSegment(table, leads, undefined);
    const shop = { source: "shop", connector: "shopify", connected: true, connectedAt: at } as const;
    await putSource(table, { ...shop, address: "https://harbour.myshopify.com" });
    await putIntake(table, formIntake({ intakeId: "i1", email: "ada@example.com", at }));
    const ticked = { email: "ada@example.com", at, marketing: true, doubleOptIn: true };
    await putIntake(table, formIntake({ intakeId: "i2", ...ticked }));
    await rest();
    const [pending] = await itemsOf(table, "consent");
    expect(pending).toMatchObject({ state: "pending" });
    await follow("confirm", String(pending?.confirmationId));
    await putIntake(table, orderIntake({ intakeId: "i3", email: "ada@example.com", at }));
    await rest();
    const visitor = { anonymousId: "4b0b3b5e-anonymous-visitor", at };
    await putIntake(table, callIntake({ intakeId: "i4", event: "Page Viewed", ...visitor }));
    await rest();
    const account = { event: "Identified", userId: "u1", ...visitor };
    await putIntake(table, callIntake({ intakeId: "i5", email: "ada@example.com", ...account }));
    await rest();
    const welcome = {
      messageKey: "welcome.once.0.greet",
      requestedAt: at,
      campaign: { type: "journey", id: "welcome" },
    };
    await heard("Email Opened", welcome);
    await heard("Email Link Clicked", { ...welcome, link: "https://shop.example/" });
    await heard("Email Marked as Spam", { addressHash: addressHash("ada@example.com") });
    const night = { source: "shop", importId: "nightly-2026-01-05", startedAt: at, comparison: firstLook };
    await putImport(table, { ...newImport(night), state: "done" });
    await heard("Email Bounced", { addressHash: addressHash("ada@example.com"), bounceType: "Permanent" });
    await heard("Deal Won", { dealId: "d1" });
    await follow("unsubscribe");
    await putIntake(table, callIntake({ intakeId: "i6", email: "ada@new.example", ...account }));
    await putMessage(table);
    await putBroadcast(table, send(draft(), now()));
    await putCostItem(table, cost);
    await changeDay(table, "2026-01-02", () => ({ ...gbp, updatedAt: at, updatedBy: "mia", version: 0 }));
    await putAction(table, { ...promise, dueOn: "2026-01-04" });
    await putTelling(table, telling);
    await heard("Email Delivered", { ...welcome, survey: { id: "nps", invitedAt: at } });
    await openReview(table, openedReview(period, about), gathered);
    await putAlarm(table, newAlarm(silence, [{ name: "Mia", email: "mia@example.com" }], at));
    await answerSurvey(9);
    await say("Good");
    await stopDigest();
    await ask("access", "ada@example.com");
    await ask("erasure", "nobody@example.com");
    await ask("shop");
    await rest();

    expect(await itemsOf(table, "consent")).toMatchObject([{ state: "withdrawn" }, { state: "withdrawn" }]);
    const email = { value: "ada@new.example" };
    expect(await itemsOf(table, "contact")).toMatchObject([{ email, orders: 1, engagement: { opens: 1, clicks: 1 } }]);
    expect(await itemsOf(table, "orderResult")).toMatchObject([{ credited: true, takenBack: 0 }]);
    expect(await itemsOf(table, "suppression")).toHaveLength(1);
    expect(await itemsOf(table, "surveyAnswer")).toMatchObject([{ values: { score: { value: 9 } } }]);
    expect(await itemsOf(table, "digest")).toMatchObject([{ stoppedAt: at, version: 2 }]);
    expect(await itemsOf(table, "membership")).toMatchObject([{ segmentId: "leads", state: "in" }]);
    expect(mail.messages.map(({ templateId }) => templateId)).toEqual(
      expect.arrayContaining(["order-note", "form-acknowledgement", "confirm-subscription", "welcome"]),
    );
    const contactId = String((await itemsOf(table, "contact"))[0]?.contactId);
    const known = await contentsOf(table);
    await beginErasure(table, { contactId, reason: "request", requestedBy: "test", at: now() });
    await rest(known);
    expect(erasures).toContainEqual(expect.objectContaining({ contactId }));
    // The ledger's and the webhooks' stages need their functions, the census' its night, history a KPI; all are tested beside them.
    const ofMails = ["webhook-outcome", "message", "mail-unknown", "broadcast-progress", "mail-outcome"];
    const ofHistory = ["kpi-catalogue", "kpi-walk", "kpi-counting"];
    const ofOthers = [...ofMails, ...ofHistory, "census", "cut-points", "customer-model"];
    expect(stages.map(({ name }) => name).filter((name) => !ran.has(name))).toEqual(ofOthers);
  });
});

describe("a lead with the box ticked on a form of single opt-in", () => {
  test.each([
    ["in order", <T>(changes: readonly T[]) => changes],
    ["backwards and twice", <T>(changes: readonly T[]) => [...changes, ...changes].reverse()],
  ])("is greeted once when its changes come %s", async (_, deliver) => {
    for (const intakeId of ["i1", "i2", "i3"]) {
      await putIntake(table, formIntake({ intakeId, email: "ada@example.com", at, marketing: true }));
    }
    await settle({ table, stages, deliver });
    expect(mail.keys()).toEqual([expect.stringContaining("welcome.once.0.greet")]);
    expect(await itemsOf(table, "contact")).toHaveLength(1);
    expect(await itemsOf(table, "kpiEntry")).toMatchObject([{ fact: "lead" }]);
  });
});
