import { describe, expect, test } from "vitest";
import { ledgerKey } from "../../../shared/email/ledger.ts";
import { openLedger } from "../../../shared/email/ledger-store.ts";
import { advance } from "../../../shared/journeys/engine.ts";
import { isOvertaken, overtakenStage } from "../../../shared/journeys/overtaken-stage.ts";
import { createRun, replaceRun } from "../../../shared/journeys/run-store.ts";
import { mailFactStage } from "../../../shared/results/result-stages.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { at, eventOf, factsOf, hours, journeyOf, start } from "./journeys.ts";

const leftAt = at(hours(1));
test.each([
  ["that SES is just being asked to take", { state: "SENDING" }, true],
  ["of unknown fate", { state: "UNKNOWN" }, true],
  ["that SES took after the order", { state: "SENT", sentAt: at(hours(1) + 200) }, true],
  ["that SES took before the order", { state: "SENT", sentAt: at(hours(1) - 200) }, false],
  ["that waits", { state: "CLAIMED" }, false],
  ["that is skipped", { state: "SKIPPED" }, false],
] as const)("a mail %s when the order comes is overtaken: %s", (_, entry, expected) => {
  expect(isOvertaken(entry, { leftAt, endedAt: at(hours(1) + 500) })).toBe(expected);
});

describe("an order while a cart's mail is on its way to SES", () => {
  const journey = journeyOf({
    goal: { event: "Order Completed" },
    start: "mail",
    steps: [
      { type: "email", id: "mail", templateId: "cart-1", next: "wait" },
      { type: "wait", id: "wait", for: "P1D", next: "end" },
      { type: "end", id: "end" },
    ],
  });

  test("is told once on the timeline and to the results, whatever comes twice", async () => {
    const table = await createTestTable(engine.url);
    const stages: readonly Stage[] = [
      overtakenStage({ table, now: () => new Date(at(hours(2))) }),
      mailFactStage({ table }),
    ];
    const { run, effects } = advance(journey, undefined, factsOf(), start);
    await createRun(table, run);
    const [mail] = effects;
    if (mail?.type !== "email") throw new Error("no mail");
    const { messageKey, campaign } = mail;
    const place = ledgerKey({ contactId: "c1" }, messageKey);
    const about = { stream: "marketing", template: "cart-1@1", messageKey, campaign, correlationId: "r" } as const;
    const counts = { attempt: 1, refusals: 0, resends: 0, version: 1, requestedAt: start };
    await openLedger(table).write({ ...place, kind: "message", state: "SENDING", ...about, ...counts });
    await settle({ table, stages });
    expect(await itemsOf(table, "event")).toEqual([]);
    const order = eventOf("Order Completed", leftAt, { cartId: "cart-1" });
    const left = advance(journey, run, factsOf({ events: [order] }), at(hours(1) + 500)).run;
    expect(left).toMatchObject({ endedBy: "goal", leftAt });
    await replaceRun(table, run, left);
    await settle({ table, stages, deliver: (changes) => [...changes, ...changes] });
    expect(await itemsOf(table, "event")).toMatchObject([
      { name: "Email Overtaken", properties: { messageKey, campaign, endedBy: "goal", leftAt, requestedAt: start } },
    ]);
    expect(await itemsOf(table, "mailFacts")).toMatchObject([{ facts: [{ fact: "overtaken", stepId: "mail" }] }]);
  });
});
