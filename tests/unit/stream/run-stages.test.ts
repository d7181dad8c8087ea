import { beforeEach, describe, expect, test } from "vitest";
import type { RetryMessage } from "../../../shared/stream/retry-message.ts";
import { type RunnerOptions, runStages, type StageFailure } from "../../../shared/stream/run-stages.ts";
import type { Stage } from "../../../shared/stream/stage.ts";
import { recordOf } from "./records.ts";

let log: string[];
let retries: RetryMessage[];
let failures: StageFailure[];

beforeEach(() => {
  log = [];
  retries = [];
  failures = [];
});

const event = (n: number, more: object = {}) => ({ pk: `CONTACT#${n}`, sk: "EVENT#1", kind: "event", n, ...more });

const logging: Stage = {
  name: "logging",
  kind: "event",
  wants: () => true,
  run: async ({ item, previous }) => {
    await Promise.resolve();
    log.push(`${item.n}${previous === undefined ? "" : ` after ${previous.n}`}`);
  },
};
const failing: Stage = {
  name: "failing",
  kind: "event",
  wants: ({ item }) => item.bad === true,
  run: async () => {
    throw new Error("out of order");
  },
};

const run = (records: Parameters<typeof runStages>[0], stages: readonly Stage[], more: Partial<RunnerOptions> = {}) =>
  runStages(records, {
    stages,
    retryLater: async (message) => void retries.push(message),
    onFailure: (failure) => void failures.push(failure),
    ...more,
  });

describe("runStages", () => {
  test("gives each stage the images of its kind, and removals to none", async () => {
    const records = [
      recordOf(1, event(1)),
      recordOf(2, event(2), event(0)),
      recordOf(3, undefined, event(3)),
      recordOf(4, { ...event(4), kind: "run" }),
    ];
    expect(await run(records, [logging])).toEqual([]);
    expect(log.sort()).toEqual(["1", "2 after 0"]);
  });

  test("asks a stage whether it wants the change", async () => {
    await run([recordOf(1, event(1))], [{ ...logging, wants: ({ item }) => item.n !== 1 }]);
    expect(log).toEqual([]);
  });

  test("keeps the order of one item's records while others run beside", async () => {
    let finishFirst: () => void = () => undefined;
    const first = new Promise<void>((resolve) => {
      finishFirst = resolve;
    });
    const stage: Stage = {
      ...logging,
      run: async (change) => {
        if (change.item.version === 1) await first;
        log.push(`${change.item.n} v${change.item.version}`);
        if (change.item.n === 2) finishFirst();
      },
    };
    const records = [
      recordOf(1, event(1, { version: 1 })),
      recordOf(2, event(1, { version: 2 }), event(1, { version: 1 })),
      recordOf(3, event(2, { version: 9 })),
    ];
    await run(records, [stage]);
    expect(log).toEqual(["2 v9", "1 v1", "1 v2"]);
  });

  test("works on no more items at one time than it may", async () => {
    let now = 0;
    let most = 0;
    const stage: Stage = {
      ...logging,
      run: async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
      },
    };
    await run(
      Array.from({ length: 20 }, (_, n) => recordOf(n, event(n))),
      [stage],
      { concurrency: 3 },
    );
    expect(most).toBe(3);
  });

  test("sends a failed stage to the retry queue and goes on with all others", async () => {
    const records = [recordOf(1, event(1, { bad: true, intakeId: "i1" })), recordOf(2, event(2))];
    expect(await run(records, [failing, logging])).toEqual([]);
    expect(retries).toEqual([{ pk: "CONTACT#1", sk: "EVENT#1", stage: "failing", correlationId: "i1" }]);
    expect(log.sort()).toEqual(["1", "2"]);
    expect(failures).toMatchObject([{ message: "a stage failed", stage: "failing", correlationId: "i1" }]);
  });

  test("asks for a record again only when its failed stage could not be queued", async () => {
    const records = [recordOf(1, event(1)), recordOf(2, event(2, { bad: true })), recordOf(3, event(3))];
    const retryLater = async () => {
      throw new Error("no queue");
    };
    expect(await run(records, [failing, logging], { retryLater })).toEqual([{ itemIdentifier: "2" }]);
    expect(log.sort()).toEqual(["1", "2", "3"]);
  });

  test("treats a stage whose `wants` throws as failed", async () => {
    const stage: Stage = {
      ...logging,
      name: "choosy",
      wants: () => {
        throw new Error("unreadable");
      },
    };
    await run([recordOf(1, event(1))], [stage]);
    expect(retries).toMatchObject([{ stage: "choosy" }]);
  });

  test("logs and leaves behind a record that is no item of ours", async () => {
    const records = [recordOf(1, { pk: "X", sk: "Y", kind: "unheard-of" }), recordOf(2, event(2))];
    expect(await run(records, [logging])).toEqual([]);
    expect(failures).toMatchObject([{ message: "a record is not an item", correlationId: "record-1" }]);
    expect(log).toEqual(["2"]);
  });

  test("tells the later stages of an item, and their retries, what an earlier one found out", async () => {
    const finding: Stage = { ...logging, name: "finding", run: async () => ({ contactId: "c1" }) };
    const needing: Stage = { ...logging, name: "needing", wants: ({ item }) => item.contactId === "c1" };
    await run([recordOf(1, event(1, { bad: true }))], [needing, finding, needing, failing]);
    expect(log).toEqual(["1"]);
    expect(retries).toMatchObject([{ stage: "failing", found: { contactId: "c1" } }]);
  });

  test("keeps the order of one partition's records, so that writers of one contact do not meet", async () => {
    let working = false;
    const alone: Stage = {
      ...logging,
      run: async ({ item }) => {
        expect(working).toBe(false);
        working = true;
        await new Promise(setImmediate);
        working = false;
        log.push(String(item.sk));
      },
    };
    await run(
      [1, 2, 3].map((n) => recordOf(n, event(1, { sk: `EVENT#${n}` }))),
      [alone],
    );
    expect(log).toEqual(["EVENT#1", "EVENT#2", "EVENT#3"]);
    expect(failures).toEqual([]);
  });
});
