import { beforeEach, describe, expect, test } from "vitest";
import { consentStage } from "../../../shared/consent/consent-stages.ts";
import { foldStage } from "../../../shared/contacts/contact-stages.ts";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { putSuppression } from "../../../shared/email/suppression-store.ts";
import type { Template } from "../../../shared/email/templates/template.ts";
import { templateOf } from "../../../shared/email/templates/templates.ts";
import { createEvent } from "../../../shared/events/event.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import type { Handlers } from "../../../shared/http/router.ts";
import type { journeyRoutes } from "../../../shared/http/routes/journeys.ts";
import type { JourneyInput } from "../../../shared/journeys/definition.ts";
import { foresee, type Reach } from "../../../shared/journeys/foreseen.ts";
import { journeyHandlers } from "../../../shared/journeys/journey-handlers.ts";
import { simulate } from "../../../shared/journeys/simulate.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { at, eventOf, hours, journeyOf, start } from "./journeys.ts";

const rules = {
  timeZone: "UTC",
  quietHours: { from: 21, until: 8 },
  consentPolicy: "subscribed",
  cap: { mails: 3, days: 7, gapHours: 20 },
} as const;
const bea: Reach = {
  recipient: { address: "bea@shop.example", name: "Bea", firstName: "Bea" },
  suppression: undefined,
  consent: { state: "granted" },
  cap: undefined,
};
const lately = (...daysAgo: readonly number[]): Reach["cap"] => ({
  version: 1,
  claims: daysAgo.map((days) => ({ key: `m${days}`, at: at(-hours(24 * days)) })),
  waiting: [],
});
const marketing = templateOf("welcome-2");
const receipt: Template = { ...marketing, stream: "transactional" };
const active = { endedAt: null, endedBy: null };
const mailAt = (after: number, template = marketing) => ({
  at: at(hours(after)),
  stepId: "s",
  templateId: "t",
  template,
});

describe("a mail of a simulation", () => {
  test.each<[string, Reach | undefined, ReturnType<typeof mailAt>, object, Parameters<typeof foresee>[1]["ending"]?]>([
    ["goes at once to who agreed", bea, mailAt(0), { skipped: null, notBefore: null }],
    ["goes to an example", undefined, mailAt(0), { skipped: null, notBefore: null }],
    ["does not go without consent", { ...bea, consent: undefined }, mailAt(0), { skipped: "no consent" }],
    [
      "goes without consent when it is no marketing",
      { ...bea, consent: undefined },
      mailAt(0, receipt),
      { skipped: null },
    ],
    [
      "does not go to a suppressed address, whatever it is",
      { ...bea, suppression: { reason: "bounce", eventId: "e", at: start } },
      mailAt(0, receipt),
      { skipped: "suppressed" },
    ],
    [
      "does not go while the reader pauses",
      { ...bea, consent: { state: "granted", pausedUntil: at(hours(48)) } },
      mailAt(24),
      { skipped: "paused by the reader" },
    ],
    [
      "goes once the reader's pause is over",
      { ...bea, consent: { state: "granted", pausedUntil: at(hours(48)) } },
      mailAt(72),
      { skipped: null },
    ],
    ["waits for the account's quiet hours to end", bea, mailAt(12), { skipped: null, notBefore: at(hours(22)) }],
    ["does not wait for them when it is no marketing", bea, mailAt(12, receipt), { notBefore: null }],
    [
      "keeps them by the contact's own clock",
      { ...bea, recipient: { ...bea.recipient, timeZone: "Asia/Tokyo" } },
      mailAt(3),
      { notBefore: at(hours(13)) },
    ],
    [
      "waits for the gap after the mail of yesterday",
      { ...bea, cap: lately(0.5) },
      mailAt(0),
      { notBefore: at(hours(8)) },
    ],
    [
      "does not go when the cap stays full too long",
      { ...bea, cap: lately(1, 2, 3) },
      mailAt(0),
      { skipped: "frequency cap" },
    ],
    [
      "does not go when the reader's own wish is stricter",
      { ...bea, cap: lately(10), consent: { state: "granted", frequency: { value: "monthly", at: start } } },
      mailAt(0),
      { skipped: "frequency cap" },
    ],
    [
      "does not go when the run is left before its time comes",
      bea,
      mailAt(12),
      { skipped: "exited" },
      { endedAt: at(hours(13)), endedBy: "exit" },
    ],
    [
      "goes when the run ended by itself",
      bea,
      mailAt(12),
      { skipped: null },
      { endedAt: at(hours(12)), endedBy: "completed" },
    ],
  ])("%s", (_, reach, mail, expected, ending = active) => {
    expect(foresee([mail], { reach, rules, ending })).toMatchObject([expected]);
  });
});

test("the mails of a simulation fill the cap as they go", () => {
  const daily = [0, 24, 48, 72].map((after) => mailAt(after));
  const fates = foresee(daily, { reach: undefined, rules, ending: active });
  expect(fates.map(({ skipped, notBefore }) => skipped ?? notBefore)).toEqual([null, null, null, "frequency cap"]);
});

const wait = { type: "wait" as const, id: "wait", for: "P1D", next: "look" };
const updating: Partial<JourneyInput> = {
  trigger: { event: "Trial Started" },
  start: "update",
  steps: [
    {
      type: "update",
      id: "update",
      set: { city: "Rome", plan: "pro" },
      addTags: ["warm"],
      removeTags: ["cold"],
      next: "hasty",
    },
    {
      type: "branch",
      id: "hasty",
      branches: [{ when: [{ property: "contact.fields.city", equals: "Rome" }], next: "end" }],
      otherwise: "wait",
    },
    wait,
    {
      type: "branch",
      id: "look",
      branches: [
        {
          when: [
            { property: "contact.fields.city", equals: "Rome" },
            { property: "contact.traits.plan", equals: "pro" },
            { property: "contact.fields.firstName", equals: "Bea" },
          ],
          next: "mail",
        },
      ],
      otherwise: "end",
    },
    { type: "email", id: "mail", templateId: "welcome-2", next: "end" },
    { type: "end", id: "end" },
  ],
};

test("what an update changes, a branch sees after the next wait, as in earnest", () => {
  const { path } = simulate(journeyOf(updating), {
    contact: { fields: { firstName: "Bea", city: "Bonn" }, tags: ["cold"] },
    contactId: "c1",
    event: eventOf("Trial Started", start),
    events: [],
    timeZone: "UTC",
  });
  expect(path.map(({ stepId }) => stepId)).toEqual(["update", "hasty", "wait", "look", "mail", "end"]);
});

describe("the dry run of a journey for a contact", () => {
  let table: Table;
  let handlers: Handlers<typeof journeyRoutes>;
  const tell = async (name: string, properties: Record<string, unknown>) => {
    const about = { contactId: "c1", origin: [name], occurredAt: start, receivedAt: start, source: "page" };
    await putEvent(table, createEvent({ ...about, name, properties }));
    await settle({
      table,
      stages: [foldStage({ table, rules: stageRules }), consentStage({ table, now: () => new Date(start) } as never)],
    });
  };
  beforeEach(async () => {
    table = await createTestTable(engine.url);
    const house = { publicName: "Cup & Co", postalAddress: "1 Harbour Street" };
    handlers = journeyHandlers({ table, timeZone: "UTC", house, rules, now: () => new Date(start) });
    await tell("Identified", { fields: { firstName: "Bea" }, traits: {}, email: "bea@shop.example" });
  });
  const dryRun = async () => {
    const body = { contactId: "c1", trigger: {}, events: [] };
    const reply = await handlers.simulateJourney({ params: { id: "welcome" }, body } as never);
    const { mails } = reply.body as { readonly mails: readonly { readonly skipped: string | null }[] };
    return mails.map(({ skipped }) => skipped);
  };

  test("says that who has not agreed gets none, and that a suppressed address gets none", async () => {
    expect(new Set(await dryRun())).toEqual(new Set(["no consent"]));
    await putSuppression(table, addressHash("bea@shop.example"), { reason: "bounce", eventId: "e", at: start });
    expect(new Set(await dryRun())).toEqual(new Set(["suppressed"]));
  });
});
