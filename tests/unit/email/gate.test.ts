import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { deliver } from "../../../shared/email/delivery.ts";
import { broadcastGateOf, runGateOf } from "../../../shared/email/gate.ts";
import { readGateFrom } from "../../../shared/email/gate-store.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { message, minutes, plus, world } from "./world.ts";

const asked = { ...message, run: { sk: "RUN#cart#once#0", stepId: "one" } };
const startedAt = "2026-03-01T10:00:00.000Z";
const run = (more: object) => ({ journeyId: "cart", state: "active", startedAt, ...more });
const archivedAt = (at: string) => ({ state: "published", archivedAt: at });

describe("a run's gate", () => {
  test.each([
    ["an active run", run({}), undefined, "open"],
    ["a run that came to its end with this mail", run({ state: "ended" }), undefined, "open"],
    ["a run that was left", run({ state: "exited" }), undefined, "exited"],
    ["a run that reached its goal", run({ state: "ended", endedBy: "goal" }), undefined, "exited"],
    ["a run that met an exit condition", run({ state: "ended", endedBy: "exit" }), { state: "paused" }, "exited"],
    ["a run that went with its contact", undefined, undefined, "exited"],
    ["a run of a paused journey", run({}), { state: "paused" }, "paused"],
    ["a run of a published journey", run({}), { state: "published" }, "open"],
    ["a run of an archived journey", run({}), { state: "archived" }, "cancelled"],
    ["a run that its journey's end has ended", run({ state: "ended", endedBy: "archived" }), undefined, "cancelled"],
    ["a run of before its journey was archived", run({}), archivedAt("2026-03-02T10:00:00.000Z"), "cancelled"],
    ["a run of after it was published again", run({}), archivedAt("2026-02-28T10:00:00.000Z"), "open"],
  ])("is for %s: %4$s", (_, item, journey, gate) => {
    expect(runGateOf(item, journey)).toBe(gate);
  });

  test("is read from the run and its journey's head", async () => {
    const table = await createTestTable(engine.url);
    const put = (Item: Record<string, unknown>) =>
      table.client.send(new PutCommand({ TableName: table.name, Item: { kind: "run", ...Item } }));
    const read = readGateFrom(table);
    await put({ pk: "CONTACT#c1", sk: "RUN#cart#once#0", ...run({}) });
    expect(await read(asked)).toBe("open");
    await put({ pk: "JOURNEY#cart", sk: "JOURNEY", state: "paused" });
    expect(await read(asked)).toBe("paused");
    await put({ pk: "CONTACT#c1", sk: "RUN#cart#once#0", ...run({ state: "exited" }) });
    expect(await read(asked)).toBe("exited");
  });
});

describe("a broadcast's gate", () => {
  test.each([
    ["sending", "open"],
    ["sent", "open"],
    ["paused", "paused"],
    ["cancelled", "cancelled"],
    ["draft", "cancelled"],
  ])("is for one that is %s: %s", (state, gate) => {
    expect(broadcastGateOf({ state })).toBe(gate);
  });

  test("is shut for one that is gone", async () => {
    const table = await createTestTable(engine.url);
    const campaign = { type: "broadcast", id: "spring" } as const;
    expect(await readGateFrom(table)({ ...message, campaign })).toBe("cancelled");
    const Item = { pk: "BROADCAST#spring", sk: "BROADCAST", kind: "broadcast", state: "sending" };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    expect(await readGateFrom(table)({ ...message, campaign })).toBe("open");
  });
});

test("mail that neither a journey nor a broadcast asks for reads no gate", async () => {
  const table = await createTestTable(engine.url);
  table.client.destroy();
  const client = { send: () => Promise.reject(new Error("read")) } as never;
  expect(await readGateFrom({ ...table, client })(message)).toBe("open");
});

describe("a mail of a journey's run", () => {
  test("is skipped when the run was left meanwhile", async () => {
    const { deps, calls, ledger } = world();
    expect(await deliver({ ...deps, readGate: async () => "exited" }, asked)).toBe("not sent");
    expect(calls).toEqual([]);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "exited" });
  });

  test("waits as a due item while its journey is paused, and is sent afterwards", async () => {
    const { deps, calls, dues, ledger, clock } = world();
    expect(await deliver({ ...deps, readGate: async () => "paused" }, asked)).toBe("not sent");
    expect(ledger.entry()).toBeUndefined();
    expect(dues).toMatchObject([{ at: plus(clock.now, minutes(15)), queue: "mail", body: asked }]);
    expect(await deliver(deps, asked)).toBe("sent");
    expect(calls).toHaveLength(1);
  });
});
