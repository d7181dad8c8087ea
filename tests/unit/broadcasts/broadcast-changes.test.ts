import { describe, expect, test } from "vitest";
import { type Broadcast, shownState } from "../../../shared/broadcasts/broadcast.ts";
import { cancel, pause, requireDraft, resume, schedule, send } from "../../../shared/broadcasts/broadcast-changes.ts";
import { DomainError } from "../../../shared/errors.ts";
import { draft, hours, plus, start } from "./broadcasts.ts";

const later = plus(start, hours(2));
const states: Readonly<Record<string, Broadcast>> = {
  draft: draft(),
  scheduled: schedule(draft(), { at: later.toISOString() }, start),
  sending: send(draft(), start),
  paused: pause(send(draft(), start), start),
  sent: { ...send(draft(), start), state: "sent" },
  cancelled: cancel(send(draft(), start), start),
};
const changes: Readonly<Record<string, (broadcast: Broadcast) => Broadcast>> = {
  send: (it) => send(it, start),
  schedule: (it) => schedule(it, { at: plus(start, hours(5)).toISOString() }, start),
  pause: (it) => pause(it, start),
  resume: (it) => resume(it, start),
  cancel: (it) => cancel(it, start),
};

function outcome(change: (broadcast: Broadcast) => Broadcast, broadcast: Broadcast): string {
  try {
    return shownState(change(broadcast), start);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return `${error.code} ${error.errors[0]?.code}`;
  }
}

const refused = "invalid_input invalid_state";

test.each([
  ["draft", { send: "sending", schedule: "scheduled", pause: refused, resume: refused, cancel: "cancelled" }],
  ["scheduled", { send: "sending", schedule: "scheduled", pause: "paused", resume: "scheduled", cancel: "cancelled" }],
  ["sending", { send: refused, schedule: refused, pause: "paused", resume: "sending", cancel: "cancelled" }],
  ["paused", { send: refused, schedule: refused, pause: "paused", resume: "sending", cancel: "cancelled" }],
  ["sent", { send: refused, schedule: refused, pause: refused, resume: refused, cancel: refused }],
  ["cancelled", { send: refused, schedule: refused, pause: refused, resume: refused, cancel: "cancelled" }],
])("a broadcast that is %s goes where each change takes it", (state, expected) => {
  const broadcast = states[state] ?? draft();
  expect(shownState(broadcast, start)).toBe(state);
  const outcomes = Object.entries(changes).map(([name, change]) => [name, outcome(change, broadcast)]);
  expect(Object.fromEntries(outcomes)).toEqual(expected);
});

test("only a draft can be edited", () => {
  const editable = Object.keys(states).filter((state) => {
    try {
      requireDraft(states[state] ?? draft(), start);
      return true;
    } catch {
      return false;
    }
  });
  expect(editable).toEqual(["draft"]);
});

test("a pause that comes while it is scheduled holds beyond its start", () => {
  const paused = pause(states.scheduled ?? draft(), start);
  expect(shownState(paused, plus(later, 1))).toBe("paused");
  expect(shownState(resume(paused, start), start)).toBe("scheduled");
});

test("each start and each resumption makes the messages before it stale", () => {
  const epochs = [states.scheduled, schedule(states.scheduled ?? draft(), { at: later.toISOString() }, start)];
  expect(epochs.map((it) => it?.fanOut?.epoch)).toEqual([1, 2]);
  expect(resume(states.paused ?? draft(), start).fanOut?.epoch).toBe(2);
});

describe("a schedule", () => {
  test("of an instant that has passed is refused", () => {
    expect(() => schedule(draft(), { at: start.toISOString() }, start)).toThrow("has passed");
  });

  const local = { date: "2026-03-02", time: "09:00", late: "nextDay" } as const;
  test("at a local time begins where the day begins first", () => {
    const { startsAt, local: kept } = schedule(draft(), local, start);
    expect([startsAt, kept]).toEqual(["2026-03-01T19:00:00.000Z", local]);
  });

  test.each([
    ["that has passed here and there begins at once", "2026-03-02T08:00:00.000Z", "2026-03-02T08:00:00.000Z"],
    ["that has not come anywhere waits", "2026-03-01T18:59:59.000Z", "2026-03-01T19:00:00.000Z"],
  ])("at a local time %s", (_, now, startsAt) => {
    expect(schedule(draft(), local, new Date(now)).startsAt).toBe(startsAt);
  });

  test("at a local time that has passed everywhere is refused", () => {
    expect(() => schedule(draft(), local, new Date("2026-03-02T21:00:00.000Z"))).toThrow("has passed everywhere");
  });

  test("of an instant forgets a local time of before", () => {
    const first = schedule(draft(), local, start);
    expect(schedule(first, { at: later.toISOString() }, start).local).toBeUndefined();
  });
});
