import { beforeEach, describe, expect, test } from "vitest";
import { type Broadcast, broadcastStates } from "../../../shared/broadcasts/broadcast.ts";
import { putBroadcast } from "../../../shared/broadcasts/broadcast-store.ts";
import { DomainError } from "../../../shared/errors.ts";
import { newRebuild } from "../../../shared/segments/rebuild.ts";
import { segmentHandlers } from "../../../shared/segments/segment-handlers.ts";
import { getSegment, putSegment } from "../../../shared/segments/segment-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { draft, hours, plus, start } from "../broadcasts/broadcasts.ts";
import { rule } from "./facts.ts";

let table: Table;

beforeEach(async () => {
  table = await createTestTable(engine.url);
  const orders = rule({ type: "attribute", attribute: "orders", op: "gte", value: 0 });
  const by = { updatedAt: start.toISOString(), updatedBy: "t" };
  await putSegment(
    table,
    { id: "all", name: "All", rule: orders, version: 1, ...by, rebuild: newRebuild(1) },
    undefined,
  );
});

/** What archiving the segment `all` answers: a status, or the refusal. */
async function archive(): Promise<number | DomainError> {
  const { deleteSegment } = segmentHandlers({ table, now: () => start });
  const request = { query: undefined, headers: {}, rawBody: Buffer.from(""), sourceIp: "10.0.0.1", correlationId: "r" };
  const caller = { subject: "s1", username: "mia", roles: ["marketer"], scopes: [] };
  try {
    return (await deleteSegment({ ...request, caller, params: { id: "all" }, body: undefined })).status;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

describe("a segment that a broadcast goes to", () => {
  const states: Readonly<Record<Broadcast["state"], "stays" | "goes">> = {
    draft: "stays",
    sending: "stays",
    paused: "stays",
    sent: "goes",
    cancelled: "goes",
  };
  const cases = broadcastStates.map((state) => [state, states[state], draft({ state })] as const);
  const scheduled = draft({ state: "sending", startsAt: plus(start, hours(48)).toISOString() });

  test.each([["scheduled", "stays", scheduled] as const, ...cases])(
    "when the broadcast is %s, %s",
    async (_, what, broadcast) => {
      await putBroadcast(table, broadcast);
      const answer = await archive();
      if (what === "goes") return expect(answer).toBe(202);
      expect(answer).toMatchObject({
        code: "in_use",
        errors: [{ message: "the broadcast Spring (spring) asks for the segment" }],
      });
      expect((await getSegment(table, "all"))?.archivedAt).toBeUndefined();
    },
  );

  test("is named with each of them, and a broadcast to another segment does not hold it", async () => {
    for (let index = 0; index < 3; index++) await putBroadcast(table, draft({ id: `b${index}` }));
    await putBroadcast(table, draft({ id: "other", segmentId: "idle" }));
    expect(await archive()).toMatchObject({ message: expect.stringMatching(/b2\).*b1\).*b0\)/) });
    for (let index = 0; index < 3; index++) {
      await putBroadcast(table, draft({ id: `b${index}`, version: 2, state: "cancelled" }));
    }
    expect(await archive()).toBe(202);
  });
});
