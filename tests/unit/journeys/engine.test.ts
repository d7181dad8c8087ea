import { describe, expect, test } from "vitest";
import { type Journey, journeySchema } from "../../../shared/journeys/definition.ts";
import { advance, triggers } from "../../../shared/journeys/engine.ts";
import { welcome } from "../../../shared/journeys/shipped/welcome.ts";

const now = "2026-01-05T10:00:00.000Z";
const facts = { contactId: "c1", event: { eventId: "e1" } };
const steps = [
  { type: "email", id: "one", templateId: "t1", next: "two" },
  { type: "email", id: "two", templateId: "t2", next: "done" },
  { type: "end", id: "done" },
] as const;
const definition = (change: object): unknown => ({
  id: "series",
  version: 1,
  name: "Series",
  trigger: { event: "Subscribed", conditions: [] },
  entry: "once",
  start: "one",
  steps,
  ...change,
});
const series: Journey = journeySchema.parse(definition({}));

describe("a journey's definition", () => {
  test.each([
    ["a start that is no step", { start: "nowhere" }],
    ["a circle", { steps: [{ type: "email", id: "one", templateId: "t", next: "one" }] }],
    ["a step id that no e-mail tag may hold", { start: "a b", steps: [{ type: "end", id: "a b" }] }],
    ["a step type that the engine does not know", { steps: [{ type: "teleport", id: "one" }] }],
    ["an event that never happens", { trigger: { event: "Moon Landed", conditions: [] } }],
  ])("with %s is refused", (_, change) => {
    expect(journeySchema.safeParse(definition(change)).success).toBe(false);
  });
});

describe("a trigger", () => {
  const conditioned = (property: string, equals: string | boolean): Journey =>
    journeySchema.parse(definition({ trigger: { event: "Form Submitted", conditions: [{ property, equals }] } }));
  const event = {
    name: "Form Submitted" as const,
    properties: { formId: "contact", marketing: true, consent: { version: "2" } },
  };

  test.each([
    ["formId", "contact", true],
    ["formId", "other", false],
    ["marketing", true, true],
    ["marketing", "true", false],
    ["consent.version", "2", true],
    ["consent.version.deep", "2", false],
    ["constructor.name", "Object", false],
  ])("on %s = %s holds: %s", (property, equals, holds) => {
    expect(triggers(conditioned(property, equals), event)).toBe(holds);
  });

  test("hears only its own event", () => {
    expect(triggers(series, event)).toBe(false);
    expect(triggers(series, { name: "Subscribed", properties: {} })).toBe(true);
  });
});

describe("advance", () => {
  test("takes a new run as far as it can go, with an effect for each e-mail", () => {
    const { run, effects } = advance(series, undefined, facts, now);
    expect(run).toMatchObject({
      state: "ended",
      stepId: "done",
      version: 1,
      startedAt: now,
      endedAt: now,
      eventId: "e1",
    });
    expect(effects.map(({ messageKey, templateId }) => [messageKey, templateId])).toEqual([
      ["series-once-0-one", "t1"],
      ["series-once-0-two", "t2"],
    ]);
    expect(run.effects).toEqual(effects);
  });

  test("leaves an ended run as it is", () => {
    const { run } = advance(series, undefined, facts, now);
    expect(advance(series, run, facts, "2027-01-01T00:00:00.000Z")).toEqual({ run, effects: [] });
  });

  test("goes on where a run stands, and keeps what it did before", () => {
    const { run } = advance(series, undefined, facts, now);
    const [first] = run.effects;
    const waiting = { ...run, state: "active" as const, stepId: "two", effects: first ? [first] : [] };
    const next = advance(series, waiting, facts, now);
    expect(next.effects.map(({ stepId, version }) => [stepId, version])).toEqual([["two", 2]]);
    expect(next.run.effects.map(({ stepId }) => stepId)).toEqual(["one", "two"]);
  });

  test("refuses a run that pins another version", () => {
    const { run } = advance(series, undefined, facts, now);
    expect(() => advance({ ...series, version: 2 }, run, facts, now)).toThrow("v1 got series v2");
  });

  test("changes none of its arguments", () => {
    const { run } = advance(series, undefined, facts, now);
    const frozen = Object.freeze({ ...run, state: "active" as const, effects: Object.freeze([...run.effects]) });
    expect(() => advance(series, { ...frozen, effects: [...frozen.effects] }, facts, now)).not.toThrow();
  });
});

test("the welcome is one e-mail, once and for ever", () => {
  const { run, effects } = advance(welcome, undefined, facts, now);
  expect(effects.map(({ templateId }) => templateId)).toEqual(["welcome"]);
  expect(run).toMatchObject({ entryKey: "once", rotation: 0, state: "ended" });
});
