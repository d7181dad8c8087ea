import { describe, expect, it } from "vitest";
import { deliver } from "../../../shared/email/delivery.ts";
import { ledgerKey } from "../../../shared/email/ledger.ts";
import { loadTokenKeys } from "../../../shared/email/token-key-store.ts";
import { intakeSchema } from "../../../shared/intake/intake.ts";
import { dirtyDayStage } from "../../../shared/kpis/kpi-stages.ts";
import { rollUp } from "../../../shared/kpis/roll-up.ts";
import { readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import { kpiValue, tallyOf } from "../../../shared/kpis/tally.ts";
import { type Answer, invitedEntry, responseEntries, withPost } from "../../../shared/surveys/answer.ts";
import { answerEntryStage, invitationEntryStage } from "../../../shared/surveys/answer-stages.ts";
import { type Invitation, invitationOf } from "../../../shared/surveys/invitation.ts";
import { putNewer } from "../../../shared/table/put-newer.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { postRoom } from "../email/post-room.ts";
import { records } from "../email/ses-records.ts";
import { message } from "../email/world.ts";
import { kpiNamed } from "../kpis/support.ts";

const kpi = kpiNamed("survey-response-rate");

/** The post of an answer to an invitation. */
function post({ invitationId, contactId, channel, invitedAt }: Omit<Invitation, "language" | "expiresAt">, at: string) {
  const about = { surveyId: "nps", surveyKind: "nps", surveyVersion: 0, invitationId, contactId, channel };
  const payload = { ...about, invitedAt: invitedAt.toISOString(), answers: { score: 9 } };
  const stamp = { intakeId: `intake-${at}`, receivedAt: at, occurredAt: at, bodyHash: "x", expiresAt: 1 };
  const intake = intakeSchema.parse({ pk: "x", sk: "INTAKE", kind: "intake", type: "survey", ...stamp, payload });
  if (intake.type !== "survey") throw new Error("not a survey's");
  return intake;
}

const mailed = (invitationId: string, invitedAt: string) => ({
  ...{ surveyId: "nps", invitationId, contactId: `c${invitationId}`, channel: "email" },
  invitedAt: new Date(invitedAt),
});
const answered = (invitation: ReturnType<typeof mailed>, at: string, before?: Answer) =>
  withPost(before, post(invitation, at));

describe("the survey response rate", () => {
  const [one, two, three] = [
    mailed("1", "2026-03-01T10:00:00Z"),
    mailed("2", "2026-03-01T11:00:00Z"),
    mailed("3", "2026-03-02T10:00:00Z"),
  ];
  const invited = [one, two, three].map((each) => invitedEntry({ ...each, invitedAt: each.invitedAt.toISOString() }));
  const inTime = answered(one, "2026-03-15T10:00:00.000Z");

  it.each([
    ["nothing mailed is no rate", [], null],
    ["no answer is none", invited, 0],
    ["an answer on the last moment of fourteen days counts", [...invited, ...responseEntries(inTime)], 1 / 3],
    ["one a moment later does not", [...invited, ...responseEntries(answered(one, "2026-03-15T10:00:00.001Z"))], 0],
    [
      "a change after weeks is no later answer",
      [...invited, ...responseEntries(answered(one, "2026-04-20T10:00:00.000Z", inTime))],
      1 / 3,
    ],
    ["an answer tells of its invitation, should nobody else have", responseEntries(inTime), 1],
    ["an answer by a link is of no mail", responseEntries({ ...inTime, channel: "link" }), null],
  ])("%s", (_, entries, expected) => {
    const { sums } = tallyOf(kpi, entries);
    expect(kpiValue(kpi, sums)).toBe(expected);
  });

  it("counts a mail once it is delivered, and its answer on the day of the mail", async () => {
    const { table, deps, mails, clock, feedback } = await postRoom(engine);
    clock.now = new Date("2026-03-01T10:00:00.789Z");
    const key = ledgerKey(message.owner, "nps-1");
    await deliver(deps, { ...message, messageKey: "nps-1", templateId: "nps-survey" });
    const stages = [
      invitationEntryStage({ table }),
      answerEntryStage({ table }),
      dirtyDayStage({ table, now: () => clock.now }),
    ];
    const values = async () => {
      await settle({ table, stages, deliver: (changes) => [...changes, ...changes] });
      await rollUp({ table, kpis: [kpi], timeZone: "UTC", now: () => clock.now });
      const place = { kpi: kpi.id, version: kpi.version, period: "day", from: "2026-01-01", to: "2026-12-31" } as const;
      return (await readSnapshots(table, place)).map((of) => [of.start, of.numerator, of.denominator]);
    };
    expect(await values()).toEqual([]);
    for (const _ of ["once", "again"]) await feedback("Delivery", records.delivery, key);
    expect(await values()).toEqual([["2026-03-01", 0, 1]]);
    const raw = Buffer.from(mails[0]?.raw ?? "")
      .toString()
      .replaceAll("=\r\n", "")
      .replaceAll("=3D", "=");
    const token = /\/s\/([\w.-]+)/.exec(raw)?.[1] ?? "";
    const invitation = invitationOf(await loadTokenKeys(table), token);
    await putNewer(table, withPost(undefined, post(invitation, "2026-03-04T10:00:00.000Z")));
    expect(await values()).toEqual([["2026-03-01", 1, 1]]);
    expect((await itemsOf(table, "kpiEntry")).filter(({ fact }) => fact === "Survey Invited")).toHaveLength(1);
  });
});
