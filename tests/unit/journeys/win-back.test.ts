import { expect, test } from "vitest";
import { foldStage } from "../../../shared/contacts/contact-stages.ts";
import { dueItemSchema } from "../../../shared/due/due.ts";
import { deleteDue } from "../../../shared/due/due-store.ts";
import { eventKey } from "../../../shared/events/event-keys.ts";
import { putEvent } from "../../../shared/events/event-store.ts";
import { liveJourneys } from "../../../shared/journeys/journey-cache-store.ts";
import { journeyMessageSchema } from "../../../shared/journeys/journey-message.ts";
import { handleJourneyMessage } from "../../../shared/journeys/journey-message-store.ts";
import { triggerStage, wakeStage } from "../../../shared/journeys/journey-stages.ts";
import { openJourneys } from "../../../shared/journeys/journey-store.ts";
import { runStage } from "../../../shared/journeys/run-stages.ts";
import { runsOf } from "../../../shared/journeys/run-store.ts";
import { wakeUpLater } from "../../../shared/journeys/wake-up-queue.ts";
import { keepDefinitions } from "../../../shared/segments/definition-store.ts";
import { newRebuild, segmentMessageSchema } from "../../../shared/segments/rebuild.ts";
import { handleSegmentMessage } from "../../../shared/segments/rebuild-store.ts";
import {
  contactSegmentsStage,
  eventSegmentsStage,
  membershipEventStage,
  membershipFollowStage,
} from "../../../shared/segments/segment-stages.ts";
import { putSegment } from "../../../shared/segments/segment-store.ts";
import { shippedSegments } from "../../../shared/segments/shipped.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { recordingMailQueue } from "../../support/stage-contract.ts";
import { stageRules } from "../../support/stage-rules.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf, itemsOf } from "../../support/table-contents.ts";
import { order } from "../contacts/events.ts";

const day = 86_400_000;
const instantOf = ({ sk }: { readonly sk: string }) => sk.split("#")[0] ?? "";
const byInstant = (a: { readonly sk: string }, b: { readonly sk: string }) => (a.sk < b.sk ? -1 : 1);

/** Segments and journeys as they come along, on a table with a clock: what is due is worked off as the sweep would. */
async function shop() {
  const table = await createTestTable(engine.url);
  const clock = { now: new Date("2026-03-01T10:00:00.000Z") };
  const now = () => clock.now;
  const mail = recordingMailQueue();
  const segments = { table, now, definitions: keepDefinitions({ table, now }) };
  const store = openJourneys(table);
  const journeys = { table, store, live: liveJourneys(store, now), timeZone: "UTC", now };
  const stages = [
    foldStage({ table, rules: stageRules }),
    triggerStage(journeys),
    wakeStage(journeys),
    contactSegmentsStage(segments),
    eventSegmentsStage(segments),
    membershipEventStage({ table }),
    membershipFollowStage(segments),
    runStage({ table, sendMail: mail.sendMail, sendWebhook: async () => undefined, wakeUp: wakeUpLater(table) }),
  ];
  const pastCycle = shippedSegments("USD", { midFrom: 100, highFrom: 1000 }).find(({ id }) => id === "past-cycle");
  if (pastCycle === undefined) throw new Error("there is no segment past-cycle");
  const about = { version: 1, updatedAt: clock.now.toISOString(), updatedBy: "test", rebuild: newRebuild(1) };
  await putSegment(table, { ...pastCycle, ...about }, undefined);

  async function change(work: () => Promise<unknown>): Promise<void> {
    const known = await contentsOf(table);
    await work();
    await settle({ table, stages, known });
  }

  return {
    async buys(origin: string) {
      const at = now().toISOString();
      const event = order({ origin, at, heardAt: at, amount: 5000 });
      await change(() => putEvent(table, { ...event, ...eventKey("c1", at, event.eventId) }));
    },
    /** Lets days pass: whatever comes due meanwhile is worked off at its instant. */
    async pass(days: number) {
      const end = new Date(clock.now.getTime() + days * day);
      for (;;) {
        const waiting = (await itemsOf(table, "due")).map((item) => dueItemSchema.parse(item));
        const [next] = waiting.filter((due) => instantOf(due) <= end.toISOString()).sort(byInstant);
        if (next === undefined) break;
        clock.now = new Date(Math.max(clock.now.getTime(), Date.parse(instantOf(next))));
        await deleteDue(table, next);
        await change(async () =>
          next.queue === "segments"
            ? handleSegmentMessage(segments, segmentMessageSchema.parse(next.body))
            : handleJourneyMessage(
                { ...journeys, sendLater: wakeUpLater(table) },
                journeyMessageSchema.parse(next.body),
              ),
        );
      }
      clock.now = end;
    },
    runs: () => runsOf(table, "c1", { journeyId: "win-back" }),
    mails: () => mail.messages.map(({ templateId }) => templateId).filter((id) => id?.startsWith("win-back")),
  };
}

test("a lapsed customer gets the win-back, and leaves it by ordering", async () => {
  const { buys, pass, runs, mails } = await shop();
  await buys("first");
  await pass(24);
  await buys("second");
  // Their own rhythm is 24 days: they are late after one and a half times that.
  await pass(35);
  expect([await runs(), mails()]).toEqual([[], []]);
  await pass(2);
  expect(await runs()).toMatchObject([{ state: "active", stepId: "thirty-days" }]);
  await pass(31);
  expect(mails()).toEqual(["win-back-1", "win-back-2"]);
  await buys("third");
  expect(await runs()).toMatchObject([{ state: "ended", endedBy: "goal", stepId: "sixty-days" }]);
  await pass(35);
  expect(mails()).toEqual(["win-back-1", "win-back-2"]);
});

test("a lapsed customer who does not order gets all three, the last with an offer, and then is left in peace", async () => {
  const { buys, pass, runs, mails } = await shop();
  await buys("first");
  await pass(100);
  expect(mails()).toEqual(["win-back-1", "win-back-2", "win-back-3"]);
  expect(await runs()).toMatchObject([{ endedBy: "completed" }]);
});
