import { expect, it } from "vitest";
import { createSweep, type SendDue } from "../../../shared/due/sweep.ts";
import { messageStage } from "../../../shared/email/email-stages.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

it("a mail of unknown fate is closed even when its stage runs days later", async () => {
  const table = await createTestTable(engine.url);
  let now = new Date("2026-03-05T10:00:00.000Z");
  const sent: object[] = [];
  const send: SendDue = async (queue, body) => {
    sent.push({ queue, ...body });
  };
  const sweep = createSweep({ table, send, now: () => now });
  await sweep();
  now = new Date(now.getTime() + 60_000);
  await messageStage({ table, now: () => now }).run({
    item: {
      pk: "CONTACT#c1",
      sk: "MESSAGE#welcome",
      kind: "message",
      stream: "marketing",
      template: "welcome@1",
      messageKey: "welcome",
      correlationId: "corr-1",
      requestedAt: "2026-03-01T10:00:00.000Z",
      state: "UNKNOWN",
      unknownAt: "2026-03-01T10:00:00.000Z",
      version: 2,
      attempt: 1,
      refusals: 0,
      resends: 0,
    },
    previous: undefined,
  });
  for (let minute = 0; minute < 2; minute++) {
    now = new Date(now.getTime() + 60_000);
    await sweep();
  }
  expect(sent).toMatchObject([{ queue: "mail", messageKey: "welcome", close: true }]);
});
