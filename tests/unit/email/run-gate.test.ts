import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { deliver } from "../../../shared/email/delivery.ts";
import { runGateOf } from "../../../shared/email/run-gate.ts";
import { readRunGateFrom } from "../../../shared/email/run-gate-store.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { message, minutes, plus, world } from "./world.ts";

const run = (more: object) => ({ journeyId: "cart", state: "active", ...more });

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
  ])("is for %s: %4$s", (_, item, journey, gate) => {
    expect(runGateOf(item, journey)).toBe(gate);
  });

  test("is read from the run and its journey's head", async () => {
    const table = await createTestTable(engine.url);
    const put = (Item: Record<string, unknown>) =>
      table.client.send(new PutCommand({ TableName: table.name, Item: { kind: "run", ...Item } }));
    const read = readRunGateFrom(table);
    await put({ pk: "CONTACT#c1", sk: "RUN#cart#once#0", ...run({}) });
    expect(await read("c1", "RUN#cart#once#0")).toBe("open");
    await put({ pk: "JOURNEY#cart", sk: "JOURNEY", state: "paused" });
    expect(await read("c1", "RUN#cart#once#0")).toBe("paused");
    await put({ pk: "CONTACT#c1", sk: "RUN#cart#once#0", ...run({ state: "exited" }) });
    expect(await read("c1", "RUN#cart#once#0")).toBe("exited");
  });
});

describe("a mail of a journey's run", () => {
  const asked = { ...message, run: { sk: "RUN#cart#once#0", stepId: "one" } };

  test("is skipped when the run was left meanwhile", async () => {
    const { deps, calls, ledger } = world();
    expect(await deliver({ ...deps, readRunGate: async () => "exited" }, asked)).toBe("not sent");
    expect(calls).toEqual([]);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "exited" });
  });

  test("waits as a due item while its journey is paused, and is sent afterwards", async () => {
    const { deps, calls, dues, ledger, clock } = world();
    expect(await deliver({ ...deps, readRunGate: async () => "paused" }, asked)).toBe("not sent");
    expect(ledger.entry()).toBeUndefined();
    expect(dues).toMatchObject([{ at: plus(clock.now, minutes(15)), queue: "mail", body: asked }]);
    expect(await deliver(deps, asked)).toBe("sent");
    expect(calls).toHaveLength(1);
  });

  test("reads no run when no journey asks for the mail", async () => {
    const { deps } = world();
    expect(await deliver({ ...deps, readRunGate: () => Promise.reject(new Error("read")) }, message)).toBe("sent");
  });
});
