import { beforeEach, describe, expect, test } from "vitest";
import type { Journey } from "../../../shared/journeys/definition.ts";
import { advance } from "../../../shared/journeys/engine.ts";
import { enterWithinLimits } from "../../../shared/journeys/entry-limit-store.ts";
import { countEntry } from "../../../shared/journeys/entry-limits.ts";
import { progressStage, readReport } from "../../../shared/journeys/progress-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { at, eventOf, factsOf, hours, journeyOf, start } from "./journeys.ts";

const count = (inAll: number, onDay: number, day = "2026-01-05") => ({ inAll, onDay, day, version: inAll });

describe("an entry", () => {
  test.each([
    ["first of all", { perDay: 1 }, undefined, { inAll: 1, onDay: 1, day: "2026-01-05", version: 1 }],
    ["within the day's", { perDay: 3 }, count(9, 2), count(10, 3)],
    ["beyond the day's", { perDay: 3 }, count(9, 3), undefined],
    ["of a new day", { perDay: 3 }, count(9, 3, "2026-01-04"), count(10, 1)],
    ["by a clock that lags", { perDay: 3 }, count(9, 3, "2026-01-06"), undefined],
    ["the last of all", { inAll: 10 }, count(9, 9), count(10, 10)],
    ["beyond all", { inAll: 10, perDay: 99 }, count(10, 0), undefined],
    ["beyond all on a new day", { inAll: 10 }, count(10, 1, "2026-01-04"), undefined],
  ])("%s comes to %j of %j: %j", (_, limits, before, after) => {
    expect(countEntry(limits, before, "2026-01-05")).toEqual(after);
  });
});

describe("a journey with entry limits", () => {
  let table: Table;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
  });
  const limited = (entryLimits: Journey["entryLimits"]) => journeyOf({ entryLimits, trigger: { event: "Started" } });
  const enter = (journey: Journey, n: number, when = start) => {
    const event = eventOf("Started", at(n));
    const { run } = advance(journey, undefined, factsOf({ contactId: `c${n}`, event }), when);
    return enterWithinLimits(table, journey, run, { timeZone: "UTC", now: new Date(when) });
  };
  const reportOf = async (now = at(hours(24))) => {
    await settle({ table, stages: [progressStage({ table })] });
    return (await readReport(table, "test", new Date(now))).runs;
  };

  test("takes exactly as many as it says, however many come at once and twice, and counts the refused", async () => {
    const journey = limited({ inAll: 3 });
    const events = [1, 2, 3, 4, 5];
    const tries = await Promise.allSettled([...events, ...events].map((n) => enter(journey, n)));
    // what met too many others comes again from the retry queue
    if (tries.some(({ status }) => status === "rejected")) for (const n of events) await enter(journey, n);
    expect(await reportOf()).toEqual({ begun: 3, begunLately: 3, refused: 2, active: 0, ended: { completed: 3 } });
    expect(await reportOf(at(hours(31 * 24)))).toMatchObject({ begun: 3, begunLately: 0 });
    expect(await itemsOf(table, "run")).toHaveLength(5);
  });

  test("takes more on the next day; who was refused may then enter by a new event, and not by the old one again", async () => {
    const journey = limited({ perDay: 1 });
    await enter(journey, 1);
    await enter(journey, 2);
    await enter(journey, 2, at(hours(24)));
    expect(await reportOf()).toMatchObject({ begun: 1, refused: 1 });
    await enter(journey, 3, at(hours(24)));
    expect(await reportOf()).toMatchObject({ begun: 2, refused: 1 });
  });
});
