import { beforeEach, describe, expect, it } from "vitest";
import type { ApiKey } from "../../../shared/access/api-key.ts";
import { feedbackDoorHandlers } from "../../../shared/feedback/feedback-door-handlers.ts";
import { feedbackHandlers } from "../../../shared/feedback/feedback-handlers.ts";
import { answerCommentStage, feedbackEntryStage, feedbackStage } from "../../../shared/feedback/feedback-stages.ts";
import { intakeSchema } from "../../../shared/intake/intake.ts";
import { beginErasure } from "../../../shared/privacy/erasure-store.ts";
import { surveyAnswerStage } from "../../../shared/surveys/answer-stages.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { formIntake, putIntake } from "../contacts/intakes.ts";

const now = () => new Date("2026-03-10T10:00:00.000Z");
let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const anyone = {
  query: undefined,
  params: undefined,
  body: undefined,
  sourceIp: "192.0.2.1",
  correlationId: "t",
  caller: undefined,
};
let keys = 0;
async function tell(
  body: object,
  key = `feedback-key-${String(++keys).padStart(6, "0")}`,
  scope: ApiKey["scopes"][number] = "track",
) {
  const apiKey = async () => ({ id: "k", name: "desk", scopes: [scope] }) as unknown as ApiKey;
  const door = feedbackDoorHandlers({ table, now, apiKey });
  const headers = { authorization: `Bearer rk_${"x".repeat(40)}`, "idempotency-key": key };
  return door.postFeedback({ ...anyone, headers, rawBody: Buffer.from(JSON.stringify(body)) });
}
const review = { kind: "review", source: "google", text: "Delivery was terrible", language: "en" } as const;
const rest = () =>
  settle({
    table,
    stages: [feedbackStage, surveyAnswerStage, answerCommentStage, feedbackEntryStage].map((stage) => stage({ table })),
    deliver: (changes) => [...changes, ...changes].reverse(),
  });
const staff = () => feedbackHandlers({ table, timeZone: "Europe/Berlin", now });
const list = async (query: object = {}) => {
  const { body } = await staff().listFeedback({
    ...anyone,
    headers: {},
    rawBody: Buffer.alloc(0),
    query: { limit: 25, ...query },
  });
  return Object(body);
};

describe("feedback", () => {
  it("is kept once, whatever is repeated, and is a fact of KPIs", async () => {
    const first = await tell(
      { ...review, rating: 1, occurredAt: "2026-03-01T12:00:00+02:00" },
      "the-same-key-0123456789",
    );
    const again = await tell(
      { ...review, rating: 1, occurredAt: "2026-03-01T12:00:00+02:00" },
      "the-same-key-0123456789",
    );
    expect(again).toEqual(first);
    await rest();
    const { items } = await list();
    expect(items).toMatchObject([
      {
        kind: "review",
        source: "google",
        rating: 1,
        sentiment: -0.6,
        themes: ["delivery"],
        occurredAt: "2026-03-01T10:00:00.000Z",
      },
    ]);
    expect(items[0].id).toBe(Object(first.body).id);
    expect(await itemsOf(table, "kpiEntry")).toMatchObject([
      {
        fact: "Feedback Received",
        at: "2026-03-01T10:00:00.000Z",
        properties: { sentiment: -0.6, rating: 1, kind: "review" },
      },
    ]);
    await expect(tell(review, "the-same-key-0123456789")).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  it.each<[object, string]>([
    [{ text: "" }, "/text"],
    [{ rating: 6 }, "/rating"],
    [{ kind: "rumour" }, "/kind"],
    [{ url: "javascript:alert(1)" }, "/url"],
    [{ occurredAt: "2026-02-30T10:00:00Z" }, "/occurredAt"],
    [{ occurredAt: "2026-03-11T10:00:00Z" }, "/occurredAt"],
    [{ stars: 1 }, ""],
  ])("with %j is refused, and nothing is kept", async (wrong, pointer) => {
    await expect(tell({ ...review, ...wrong })).rejects.toMatchObject({
      code: "invalid_input",
      errors: [expect.objectContaining({ pointer })],
    });
    expect(await itemsOf(table, "intake")).toEqual([]);
  });

  it("needs a key of the scope", async () => {
    await expect(tell(review, undefined, "write")).rejects.toMatchObject({ code: "forbidden" });
  });

  it("is listed newest first, by kind, source, mood, theme and days, page by page over months", async () => {
    for (const [at, more] of [
      ["2026-01-31T23:30:00Z", { kind: "mention", source: "x", text: "Great price" }],
      ["2026-02-01T10:00:00Z", {}],
      ["2026-03-01T10:00:00Z", { text: "Fine", language: "fr" }],
    ] as const)
      await tell({ ...review, occurredAt: at, ...more });
    await rest();
    const at = async (query: object) =>
      (await list(query)).items.map(({ occurredAt }: { occurredAt: string }) => occurredAt.slice(0, 10));
    expect(await at({})).toEqual(["2026-03-01", "2026-02-01", "2026-01-31"]);
    expect(await at({ kind: "mention" })).toEqual(["2026-01-31"]);
    expect(await at({ source: "google" })).toEqual(["2026-03-01", "2026-02-01"]);
    expect(await at({ theme: "price" })).toEqual(["2026-01-31"]);
    expect(await at({ sentiment: "negative" })).toEqual(["2026-02-01"]);
    // In Berlin it was February already.
    expect(await at({ from: "2026-02-01", to: "2026-02-28" })).toEqual(["2026-02-01", "2026-01-31"]);
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 1, ...(cursor !== undefined && { cursor }) });
      pages.push(...page.items.map(({ occurredAt }: { occurredAt: string }) => occurredAt.slice(0, 10)));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual(["2026-03-01", "2026-02-01", "2026-01-31"]);
    for (const wrong of [
      { theme: "rain" },
      { cursor: "odd" },
      { from: "2026-03-02", to: "2026-03-01" },
      { from: "2024-01-01" },
    ])
      await expect(list(wrong)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("of somebody who has been erased is not kept", async () => {
    await beginErasure(table, { contactId: "c1", reason: "request", requestedBy: "kim", at: now() });
    await tell({ ...review, contactId: "c1" });
    await tell({ ...review, contactId: "nobody", text: "Kept of nobody" });
    await rest();
    expect((await list()).items).toMatchObject([{ text: "Kept of nobody", contactId: null }]);
  });

  it("is also a survey's comment, written anew in its place", async () => {
    const { payload: _form, ...base } = formIntake({ intakeId: "s1", email: "", at: "2026-03-02T10:00:00.000Z" });
    const about = {
      surveyId: "nps",
      surveyKind: "nps",
      surveyVersion: 0,
      invitationId: "0".repeat(24),
      channel: "email",
    };
    const told = { ...about, contactId: "c1", language: "en", invitedAt: "2026-03-01T10:00:00.000Z" };
    const posted = (intakeId: string, at: string, comment: string) =>
      putIntake(
        table,
        intakeSchema.parse({
          ...{ ...base, pk: `INTAKE#${intakeId}`, intakeId, receivedAt: at, occurredAt: at, type: "survey" },
          payload: { ...told, answers: { comment } },
        }),
      );
    await posted("s1", "2026-03-02T10:00:00.000Z", "Bad delivery");
    await rest();
    await posted("s2", "2026-03-03T10:00:00.000Z", "Good price");
    await rest();
    const { items } = await list();
    expect(items).toMatchObject([
      { text: "Good price", kind: "comment", source: "survey nps", contactId: "c1", themes: ["price"] },
    ]);
    expect(await itemsOf(table, "feedback")).toMatchObject([{ gsi1pk: "CONTACT#c1" }]);
  });
});

it("themes are replaced by version, and old comments are read by the new ones", async () => {
  await tell({ ...review, occurredAt: "2026-02-10T10:00:00Z", text: "The zipper again" });
  await rest();
  const common = {
    ...anyone,
    rawBody: Buffer.alloc(0),
    caller: { subject: "s", username: "kim", roles: [], scopes: [] },
  };
  const body = { themes: [{ id: "zipper", title: "Zipper", keywords: { en: ["zipper*"] } }] };
  const put = (headers: Record<string, string>) => staff().putThemes({ ...common, headers, body });
  expect((await put({})).body).toMatchObject({ version: 1, updatedBy: "kim" });
  await expect(put({})).rejects.toMatchObject({ code: "already_exists" });
  await expect(put({ "if-match": '"4"' })).rejects.toMatchObject({ code: "version_conflict" });
  const report = await staff().getThemeReport({ ...common, headers: {}, query: { period: "month" } });
  expect(report.body).toMatchObject({
    start: "2026-02-01",
    complete: true,
    truncated: false,
    comments: 1,
    items: [{ theme: "zipper", count: 1, share: 1, link: "/v1/feedback?theme=zipper&from=2026-02-01&to=2026-02-28" }],
  });
});
