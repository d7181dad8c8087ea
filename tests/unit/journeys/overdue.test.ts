import { beforeEach, expect, test } from "vitest";
import { advance, endedRun } from "../../../shared/journeys/engine.ts";
import type { JourneyHead } from "../../../shared/journeys/journey.ts";
import { findOverdue } from "../../../shared/journeys/overdue-store.ts";
import { type Run, runIdOf } from "../../../shared/journeys/run.ts";
import { createRun, replaceRun } from "../../../shared/journeys/run-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { at, factsOf, hours, journeyOf, start } from "./journeys.ts";

const journey = journeyOf({
  start: "pause",
  steps: [
    { type: "wait", id: "pause", for: "P1D", next: "again" },
    { type: "wait", id: "again", for: "P1D", next: "end" },
    { type: "end", id: "end" },
  ],
});
let table: Table;
let run: Run;

beforeEach(async () => {
  table = await createTestTable(engine.url);
  run = advance(journey, undefined, factsOf(), start).run;
  await createRun(table, run);
});

async function overdueAt(now: string, head: Partial<JourneyHead> = {}) {
  const published: JourneyHead = {
    id: "test",
    name: "Test",
    state: "published",
    publishedVersion: 1,
    revision: 1,
    hears: [],
    updatedAt: at(-hours(48)),
    updatedBy: "kim",
    ...head,
  };
  return findOverdue({ table, store: { heads: async () => [published] }, now: new Date(now) });
}

test("a run whose wake-up has vanished is found an hour after its time, by the id that replays it", async () => {
  expect(await overdueAt(at(hours(25)))).toEqual([]);
  const found = [{ journeyId: "test", runIds: [runIdOf(run)] }];
  expect(await overdueAt(at(hours(25) + 1))).toEqual(found);
  expect(await overdueAt(at(hours(24 * 300)))).toEqual(found);
});

test("a run that went on is not found, nor one that has ended", async () => {
  const later = advance(journey, run, factsOf(), at(hours(24))).run;
  await replaceRun(table, run, later);
  expect(await overdueAt(at(hours(40)))).toEqual([]);
  await replaceRun(table, later, endedRun(later, "exit", at(hours(40))));
  expect(await overdueAt(at(hours(100)))).toEqual([]);
});

test.each(["paused", "archived"] as const)("runs of a journey that is %s are not", async (state) => {
  expect(await overdueAt(at(hours(90)), { state })).toEqual([]);
});

test("after a pause, runs have two hours to go on", async () => {
  const updatedAt = at(hours(90));
  expect(await overdueAt(at(hours(92) - 1), { updatedAt })).toEqual([]);
  expect(await overdueAt(at(hours(92)), { updatedAt })).toHaveLength(1);
});
