import { beforeEach, describe, expect, it } from "vitest";
import { ensureTokenKeys, loadTokenKeys } from "../../../shared/email/token-key-store.ts";
import { signToken } from "../../../shared/email/tokens.ts";
import { beginErasure } from "../../../shared/privacy/erasure-store.ts";
import { answerSchema } from "../../../shared/surveys/answer.ts";
import { answerEntryStage, surveyAnswerStage } from "../../../shared/surveys/answer-stages.ts";
import { invitationPath, newInvitation } from "../../../shared/surveys/invitation.ts";
import { resultsOf } from "../../../shared/surveys/results.ts";
import { shippedSurveys } from "../../../shared/surveys/shipped.ts";
import { surveyPageHandlers } from "../../../shared/surveys/survey-page-handlers.ts";
import { putSurvey, requireSurvey } from "../../../shared/surveys/survey-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";

const start = new Date("2026-03-01T10:00:00.000Z");
let table: Table;
let clock: Date;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  clock = start;
  await ensureTokenKeys(table);
});

let nonces = 0;
const handlers = () =>
  surveyPageHandlers({
    table,
    house: { publicName: "Shop", postalAddress: "Street 1" },
    now: () => clock,
    newNonce: () => `nonce-of-the-page-${++nonces}`,
    tokenKeys: () => loadTokenKeys(table),
  });

async function invite(surveyId = "nps", contactId: string | null = "c1", invitationId = "0".repeat(24)) {
  const survey = await requireSurvey(table, surveyId);
  const facts = { invitationId, contactId: contactId ?? undefined, channel: "email", language: "de-AT" };
  return invitationPath(await loadTokenKeys(table), newInvitation(survey, facts, start)).slice("/s/".length);
}

const request = (token: string, body = "") => ({
  params: { token },
  query: undefined,
  body: undefined,
  headers: {},
  rawBody: Buffer.from(body),
  sourceIp: "192.0.2.1",
  correlationId: "test",
  caller: undefined,
});
const show = (token: string, score?: string) =>
  handlers().showSurvey({ ...request(token), query: score === undefined ? {} : { score } });
const post = (token: string, body: string) => handlers().answerSurvey(request(token, body));
const later = (minutes: number) => {
  clock = new Date(start.getTime() + minutes * 60_000);
};
/** The stages, with each change delivered twice, the last one first. */
const rest = (stages = [surveyAnswerStage({ table }), answerEntryStage({ table })]) =>
  settle({ table, stages, deliver: (changes) => [...changes, ...changes].reverse() });
const answers = async () => (await itemsOf(table, "surveyAnswer")).map((item) => answerSchema.parse(item));
const counted = async () => (await itemsOf(table, "kpiEntry")).filter(({ fact }) => fact === "Survey Answered");
const standing = async () => (await counted()).filter(({ withdrawn }) => withdrawn !== true);

describe("a link of a survey", () => {
  it("shows the page in its person's language with the tapped score chosen, and records nothing", async () => {
    const { status, html = "" } = await show(await invite(), "9");
    expect(status).toBe(200);
    expect(html).toContain('lang="de"');
    expect([...html.matchAll(/value="([^"]*)" checked/g)].map(([, value]) => value)).toEqual(["9"]);
    expect(html.match(/type="radio"/g)).toHaveLength(12);
    for (const score of ["11", "-1", "x"]) expect((await show(await invite(), score)).html).not.toContain(" checked");
    expect(await itemsOf(table, "intake")).toEqual([]);
  });

  it("that is forged, or signed for something else, is none", async () => {
    const token = await invite();
    const keys = await loadTokenKeys(table);
    const other = signToken(keys, { purpose: "preferences", addressHash: "a", contactId: "c1" });
    for (const wrong of [`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`, other, "x"]) {
      expect((await show(wrong)).status).toBe(404);
      expect((await post(wrong, "score=9")).status).toBe(404);
    }
    expect(await itemsOf(table, "intake")).toEqual([]);
  });

  it("takes nothing after its days, and after the survey's own end", async () => {
    const token = await invite();
    later(30 * 1440 - 1);
    expect((await post(token, "score=9")).status).toBe(200);
    later(30 * 1440);
    for (const page of [await show(token), await post(token, "score=8")]) expect(page.status).toBe(410);
    later(10);
    const closesAt = clock.toISOString();
    const survey = await requireSurvey(table, "nps");
    await putSurvey(table, { ...survey, version: 1, closesAt, savedAt: closesAt, savedBy: "kim" });
    expect((await post(token, "score=8")).status).toBe(410);
    expect(await itemsOf(table, "intake")).toHaveLength(1);
  });

  it.each(["", "score=11", "score=", "comment="])("refuses %j and says so, and nothing is saved", async (body) => {
    const page = await post(await invite(), body);
    expect(page.status).toBe(422);
    expect(page.html).toContain("Wählen Sie eine Zahl von 0 bis 10.");
    expect(await itemsOf(table, "intake")).toEqual([]);
  });
});

describe("an answer", () => {
  it("is one for each invitation: a change replaces it, a comment adds to it, in whatever order they come", async () => {
    const token = await invite();
    expect((await post(token, "score=9")).html).toContain('name="comment"');
    later(1);
    await post(token, "step=more&comment=Slow");
    later(2 * 1440);
    await post(token, "score=3");
    await rest();
    expect(await answers()).toMatchObject([
      { contactId: "c1", values: { score: { value: 3 }, comment: { value: "Slow" } } },
    ]);
    const [entry, ...others] = await standing();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ at: clock.toISOString(), properties: { kind: "nps", score: 3, answer: "score" } });
  });

  it("moves to the day of the change; what KPIs counted on the day before is withdrawn", async () => {
    const token = await invite();
    await post(token, "score=9");
    await rest();
    later(1440);
    await post(token, "score=0");
    await rest();
    expect((await counted()).map(({ at, withdrawn }) => [String(at).slice(0, 10), withdrawn])).toEqual([
      ["2026-03-01", true],
      ["2026-03-02", undefined],
    ]);
  });

  it("without a score, or where none applies, is a fact without one", async () => {
    await post(await invite("csat", "c1", "1".repeat(24)), "comment=No%20opinion");
    await post(await invite("csat", "c2", "2".repeat(24)), "score=n/a");
    await rest();
    expect((await standing()).map(({ properties }) => properties)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ answer: "blank" }),
        expect.objectContaining({ answer: "n/a" }),
      ]),
    );
    expect((await standing()).every(({ properties }) => !("score" in Object(properties)))).toBe(true);
    const csat = shippedSurveys.get("csat");
    if (csat === undefined) throw new Error("no csat");
    const results = resultsOf(csat, await answers());
    expect(results).toMatchObject({ respondents: 2, answered: 0, blank: 1, notApplicable: 1, value: null, mean: null });
  });

  it("of an open link is one of each page that was opened", async () => {
    const token = await invite("nps", null);
    const nonceOf = async () => /name="respondent" value="([^"]+)"/.exec((await show(token)).html ?? "")?.[1];
    const [first, second] = [await nonceOf(), await nonceOf()];
    for (const [nonce, score] of [
      [first, 10],
      [second, 2],
      [first, 8],
    ] as const) {
      later(score);
      await post(token, `score=${score}&respondent=${nonce}`);
    }
    expect((await post(token, "score=9")).status).toBe(422);
    await rest();
    expect((await answers()).map(({ contactId, values }) => [contactId, values.score?.value]).sort()).toEqual([
      [undefined, 10],
      [undefined, 2],
    ]);
    expect(await itemsOf(table, "intake")).toHaveLength(3);
  });

  it("of somebody who has been erased is none", async () => {
    await beginErasure(table, { contactId: "c1", reason: "request", requestedBy: "kim", at: start });
    await post(await invite(), "score=9");
    await rest();
    expect(await answers()).toEqual([]);
  });
});
