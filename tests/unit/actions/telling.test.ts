import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import type { Action } from "../../../shared/actions/action.ts";
import { tellStage } from "../../../shared/actions/action-stages.ts";
import { tellHandlers } from "../../../shared/actions/tell-handlers.ts";
import { afterPage, mostComments, tellInputSchema } from "../../../shared/actions/telling.ts";
import { readTelling } from "../../../shared/actions/telling-store.ts";
import { contactKey } from "../../../shared/contacts/contact.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { putSuppression } from "../../../shared/email/suppression-store.ts";
import { createTemplateSource } from "../../../shared/email/templates/template-store.ts";
import { receivedFeedback } from "../../../shared/feedback/feedback.ts";
import { putFeedback } from "../../../shared/feedback/feedback-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { crashing } from "../../support/crashing.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { company, request, timeZone } from "../reviews/support.ts";

let table: Table;
let ours: ReturnType<typeof company>;
let action: Action;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  ours = company(table);
  ours.clock.at = "2026-11-16T12:00:00.000Z";
  action = await ours.promise({});
});

let ids = 0;
/** Something said; in October, by the account's clock, unless it says otherwise. */
async function said(text: string, contactId?: string, at = "2026-10-10T10:00:00.000Z"): Promise<void> {
  const about = { id: String(++ids).padStart(24, "0"), occurredAt: at, contactId };
  const payload = { feedbackKind: "review", source: "google", text, language: "en" } as const;
  await putFeedback(table, receivedFeedback(payload as never, about));
}

const complaint = "The delivery was terrible";

/** Two who complained, one of them twice; who did not, not of this, not in October, or by no name. */
async function october(): Promise<void> {
  await said(complaint, "ann", "2026-09-30T22:00:00.000Z");
  await said("Delivery: broken again", "ann");
  await said("The parcel came on Tuesday", "bob", "2026-10-31T22:59:59.999Z");
  await said("Great delivery, thanks", "cleo");
  await said("Your price is terrible", "dan");
  await said(complaint, "eve", "2026-10-31T23:00:00.000Z");
  await said(complaint);
}

const handlers = () =>
  tellHandlers({ table, timeZone, templateOf: createTemplateSource(table, ours.now), now: ours.now });
const plain = { subject: "We have heard you", text: "A second courier drives from <Monday> on." };
const tell = (more: object = plain, id = action.id) =>
  handlers().tellOfAction(request({ id, body: tellInputSchema.parse(more) }));
const stages = (of: Table = table) => [tellStage({ table: of, sendMail: ours.sendMail })];
const told = () =>
  [...new Set(ours.mails.map(({ owner, messageKey }) => `${JSON.stringify(owner)} ${messageKey}`))].sort();

describe("telling those who complained", () => {
  it("asks for one mail to each of them, and counts who is left out", async () => {
    await october();
    expect(await tell()).toMatchObject({ status: 202, body: { state: "telling", theme: "delivery" } });
    await settle({ table, stages: stages(), deliver: (changes) => [...changes, ...changes] });
    expect(told()).toEqual(["ann", "bob"].map((contactId) => `${JSON.stringify({ contactId })} told-${action.id}`));
    expect(ours.mails[0]).toMatchObject({ content: { subject: plain.subject, text: plain.text } });
    expect(ours.mails[0]?.content?.html).toContain("&lt;Monday&gt;");
    const { body } = await handlers().getTelling(request({ id: action.id }));
    expect(body).toMatchObject({ state: "told", comments: 5, positive: 1, anonymous: 1, people: 2, truncated: false });
  });

  it("counts first, and tells nobody, in a dry run", async () => {
    await october();
    const email = (value: string) => ({ email: { value, at: "2026-01-01T00:00:00.000Z" } });
    const contact = { kind: "contact", ...contactKey("ann"), contactId: "ann", ...email("ann@example.com") };
    await table.client.send(new PutCommand({ TableName: table.name, Item: contact }));
    await putSuppression(table, addressHash("ann@example.com"), { reason: "bounce", at: ours.clock.at, eventId: "" });
    const { status, body } = await tell({ ...plain, dryRun: true });
    expect([status, body]).toEqual([
      200,
      {
        ...{ action: action.id, comments: 5, positive: 1, anonymous: 1, people: 2 },
        ...{ suppressed: 1, unreachable: 1, checked: 2, truncated: false },
      },
    ]);
    expect([await itemsOf(table, "telling"), ours.mails]).toEqual([[], []]);
  });

  it("goes on after a crash at any call, to the same people once each", async () => {
    const minutes = Array.from({ length: 520 }, (_, at) => new Date(Date.UTC(2026, 9, 2, 0, at)).toISOString());
    await Promise.all(minutes.map((at, index) => said(complaint, `c${index % 300}`, at)));
    await tell();
    for (let nth = 1; nth <= 8; nth++) {
      const dying = crashing(table, { nth: Math.ceil(nth / 2), after: nth % 2 === 0 });
      const [item] = await itemsOf(table, "telling");
      const [stage] = stages(dying);
      if (item !== undefined) await stage?.run({ item: item as never, previous: undefined }).catch(() => undefined);
    }
    await settle({ table, stages: stages() });
    expect(told()).toHaveLength(300);
    expect(await readTelling(table, action.id)).toMatchObject({ state: "told", comments: 520, lookedAt: 520 });
    expect((await readTelling(table, action.id))?.people).toHaveLength(300);
  });

  it("is done once for an action: the same again says how far it is, another text is refused", async () => {
    await tell();
    await settle({ table, stages: stages() });
    expect(await tell()).toMatchObject({ status: 202, body: { state: "told", version: 2 } });
    await expect(tell({ ...plain, text: "Buy now" })).rejects.toMatchObject({ code: "already_exists" });
  });

  it("ends at so many comments, and says so", async () => {
    await tell();
    const telling = await readTelling(table, action.id);
    if (telling === undefined) throw new Error("not begun");
    const sorted = { comments: 0, positive: 0, anonymous: 0, contactIds: [] };
    const page = { lookedAt: 250, sorted, nextCursor: "more" };
    expect(afterPage({ ...telling, lookedAt: mostComments - 500 }, page)).toMatchObject({ state: "telling" });
    const last = afterPage({ ...telling, lookedAt: mostComments - 250 }, page);
    expect(last).toMatchObject({ state: "told", truncated: true });
  });

  it("sends a template by its own stream", async () => {
    await said(complaint, "ann");
    await tell({ templateId: "win-back-1" });
    await settle({ table, stages: stages() });
    expect(ours.mails).toMatchObject([{ templateId: "win-back-1", data: { theme: "Delivery" } }]);
    expect(ours.mails[0]).not.toHaveProperty("content");
  });

  it.each([
    ["nothing to say", {}, "/subject"],
    ["no text", { subject: "x" }, "/text"],
    ["a template and a text", { templateId: "win-back-1", text: "x" }, "/templateId"],
    ["a template that is not there", { templateId: "nothing" }, "/templateId"],
    ["a template that asks for consent", { templateId: "confirm-subscription" }, "/templateId"],
  ])("with %s is refused, and nobody is told", async (_, body, pointer) => {
    await expect(tell(body)).rejects.toMatchObject({ code: "invalid_input", errors: [{ pointer }] });
    expect(await itemsOf(table, "telling")).toEqual([]);
  });

  it("is of actions on a theme that are there", async () => {
    await expect(tell(plain, `theme.delivery.${"0".repeat(20)}`)).rejects.toMatchObject({ code: "not_found" });
    await expect(handlers().getTelling(request({ id: action.id }))).rejects.toMatchObject({ code: "not_found" });
  });
});
