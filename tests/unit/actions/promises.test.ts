import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type Action, changedAction } from "../../../shared/actions/action.ts";
import { promiseEntryStage } from "../../../shared/actions/action-stages.ts";
import { promiseEntries } from "../../../shared/actions/promise.ts";
import { addDays } from "../../../shared/kpis/calendar.ts";
import type { KpiEntry } from "../../../shared/kpis/entry.ts";
import { dirtyDayStage } from "../../../shared/kpis/kpi-stages.ts";
import { readGroups, readSnapshots } from "../../../shared/kpis/snapshot-store.ts";
import { kpiValue } from "../../../shared/kpis/tally.ts";
import { openedReview } from "../../../shared/reviews/review.ts";
import { openReview } from "../../../shared/reviews/review-store.ts";
import type { Table } from "../../../shared/table/client.ts";
import type { Item } from "../../../shared/table/item.ts";
import { engine } from "../../support/engine.ts";
import { settle } from "../../support/settle.ts";
import { createTestTable } from "../../support/table.ts";
import { contentsOf } from "../../support/table-contents.ts";
import { kpiNamed } from "../kpis/support.ts";
import { company, manager, mia, timeZone } from "../reviews/support.ts";

const origin = { kind: "review", review: "quarter-2026-07-01" } as const;
const open: Action = {
  ...{
    id: "review.quarter-2026-07-01.0",
    what: "x",
    owner: mia,
    dueOn: "2026-11-20",
    notes: "",
    state: "open",
    origin,
  },
  ...{ missedOn: [], closedAt: null, createdAt: "", createdBy: "", updatedAt: "", updatedBy: "", version: 3 },
  requestHash: "",
};
const done = (closedAt: string): Action => ({ ...open, state: "done", closedAt });

describe("what counts of a promise", () => {
  it.each([
    ["nothing on its day", open, "2026-11-20T22:59:59.999Z", []],
    ["an open one, once its day is over in Berlin", open, "2026-11-20T23:00:00.000Z", [["2026-11-19T23:00", "open"]]],
    ["nothing before its day, though it is done", done("2026-11-10T10:00:00Z"), "2026-11-15T10:00:00.000Z", []],
    [
      "one that was done early",
      done("2026-11-10T10:00:00Z"),
      "2026-11-25T10:00:00.000Z",
      [["2026-11-19T23:00", "kept"]],
    ],
    ["the last moment", done("2026-11-20T22:59:59.999Z"), "2026-11-25T10:00:00Z", [["2026-11-19T23:00", "kept"]]],
    ["the first one after", done("2026-11-20T23:00:00.000Z"), "2026-11-25T10:00:00Z", [["2026-11-19T23:00", "late"]]],
    ["a dropped one", { ...open, state: "dropped" }, "2026-11-25T10:00:00Z", [["2026-11-19T23:00", "dropped"]]],
    [
      "a day that had passed before it was moved",
      { ...open, dueOn: "2026-12-01", missedOn: ["2026-11-20"] },
      "2026-11-25T10:00:00Z",
      [["2026-11-19T23:00", "open"]],
    ],
    [
      "nothing of what comes from a theme",
      { ...open, origin: { kind: "theme", theme: "price", period: "month", start: "2026-10-01" } },
      "2026-11-25T10:00:00Z",
      [],
    ],
  ] as const)("is %s", (_, action, now, expected) => {
    const entries = promiseEntries(action as Action, timeZone, new Date(now));
    expect(entries.map(({ at, properties }) => [at.slice(0, 16), properties.outcome])).toEqual(expected);
    for (const { version, properties } of entries)
      expect([version, properties.owner, properties.review]).toEqual([3, mia.email, origin.review]);
  });

  it.each([
    ["Pacific/Kiritimati", "2026-11-20T10:00:00.000Z"],
    ["Pacific/Pago_Pago", "2026-11-21T11:00:00.000Z"],
  ])("is over at midnight of %s", (zone, end) => {
    const just = new Date(new Date(end).getTime() - 1);
    expect([just, new Date(end)].map((now) => promiseEntries(open, zone, now).length)).toEqual([0, 1]);
  });
});

const step = fc.record({
  day: fc.integer({ min: 0, max: 3 }),
  state: fc.constantFrom("open", "done", "dropped" as const),
  move: fc.option(fc.integer({ min: 0, max: 6 })),
});

it("of a promise each day that passed open or closed counts once, whenever it was looked at", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const kept = new Map<string, KpiEntry>();
      let [action, today] = [{ ...open, version: 1 }, "2026-11-18"];
      const look = () => {
        const now = new Date(`${today}T12:00:00.000Z`);
        for (const entry of promiseEntries(action, timeZone, now)) {
          const known = kept.get(entry.sk);
          if (known === undefined || (known.version ?? 0) < (entry.version ?? 0)) kept.set(entry.sk, entry);
        }
        return promiseEntries(action, timeZone, now);
      };
      for (const { day, state, move } of steps) {
        today = addDays(today, day);
        look();
        const mayMove = action.state === "open" && state === "open" && move !== null;
        const dueOn = mayMove ? addDays(today, move) : action.dueOn;
        const { what, owner, notes } = action;
        const stamp = { at: `${today}T12:00:00.000Z`, by: "x", today };
        action = changedAction(action, { what, owner, notes, dueOn, state }, stamp);
        look();
      }
      const last = look();
      expect([...kept.keys()].sort()).toEqual(last.map(({ sk }) => sk).sort());
      for (const { sk, properties } of last) expect(kept.get(sk)?.properties).toEqual(properties);
    }),
    { numRuns: 300 },
  );
});

describe("the follow-through rate", () => {
  let table: Table;
  let ours: ReturnType<typeof company>;
  let known: ReadonlyMap<string, Item>;
  beforeEach(async () => {
    table = await createTestTable(engine.url);
    ours = company(table, [kpiNamed("follow-through")]);
    known = new Map();
    ours.clock.at = "2026-10-01T10:00:00.000Z";
    const about = { at: ours.clock.at, today: "2026-10-01", daysToClose: 14, recipients: [manager] };
    const themes = { comments: 0, previousComments: 0, truncated: false, items: [] };
    const rest = { openActions: { items: [], truncated: false }, promises: { review: null, items: [] } };
    const review = openedReview({ kind: "quarter", start: "2026-07-01", end: "2026-10-01" }, about);
    await openReview(table, review, { asOf: ours.clock.at, kpis: [], themes, ...rest });
  });

  /** The stages, as the stream runs them, each change twice; then the roll-up. */
  async function counted() {
    const stages = [promiseEntryStage({ table, timeZone, now: ours.now }), dirtyDayStage({ table, now: ours.now })];
    await settle({ table, stages, known, deliver: (changes) => [...changes, ...changes] });
    known = await contentsOf(table);
    await ours.roll();
    const kpi = kpiNamed("follow-through");
    const range = { kpi: kpi.id, version: kpi.version, period: "month", from: "2026-01-01", to: "2027-12-31" } as const;
    return (await readSnapshots(table, range)).map((of) => [of.start, of.numerator, of.denominator, kpiValue(kpi, of)]);
  }

  it("is promises done by their day ÷ promises due, also when they are closed, opened or moved late", async () => {
    const promise = (what: string, dueOn: string, owner = mia) => ours.promise({ what, dueOn, owner, origin });
    const early = await promise("done early", "2026-10-20");
    const [late, never, dropped] = [
      await promise("done late", "2026-10-20"),
      await promise("never done", "2026-10-31", { name: "Tom", email: "tom@example.com" }),
      await promise("dropped", "2026-10-31"),
    ];
    const moved = await promise("moved in time", "2026-10-20");
    await ours.promise({ what: "of a theme", dueOn: "2026-10-20", origin: { ...themeOrigin } });
    const kept = await ours.change(early, { state: "done" });
    await ours.change(moved, { dueOn: "2026-11-05" });
    expect(await counted()).toEqual([]);
    ours.clock.at = "2026-10-22T10:00:00.000Z";
    await ours.follow();
    expect(await counted()).toEqual([["2026-10-01", 1, 2, 0.5]]);
    await ours.change(late, { state: "done" });
    await ours.change(dropped, { state: "dropped" });
    ours.clock.at = "2026-11-06T10:00:00.000Z";
    await ours.follow();
    expect(await counted()).toEqual([
      ["2026-10-01", 1, 4, 0.25],
      ["2026-11-01", 0, 1, 0],
    ]);
    // What was called done was not; what had not been done is moved, and is then done by its new day.
    await ours.change(kept, { state: "open" });
    const again = await ours.change(never, { dueOn: "2026-11-10" });
    await ours.change(again, { state: "done" });
    ours.clock.at = "2026-11-11T10:00:00.000Z";
    await ours.follow();
    expect(await counted()).toEqual([
      ["2026-10-01", 0, 4, 0],
      ["2026-11-01", 1, 2, 0.5],
    ]);
    const place = { kpi: "follow-through", version: 1, slice: "owner", period: "month" } as const;
    const [groups] = await readGroups(table, { ...place, from: "2026-10-01", to: "2026-10-01" });
    expect(Object.entries(groups?.groups ?? {}).map(([group, { denominator }]) => [group, denominator])).toEqual([
      [mia.email, 3],
      ["tom@example.com", 1],
    ]);
  });
});

const themeOrigin = { kind: "theme", theme: "delivery", period: "month", start: "2026-09-01" } as const;
