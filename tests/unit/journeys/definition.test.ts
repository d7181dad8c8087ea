import { describe, expect, test } from "vitest";
import { journeyDefinitionSchema } from "../../../shared/journeys/definition.ts";
import { shippedJourneys } from "../../../shared/journeys/shipped/shipped.ts";

const email = { type: "email", id: "one", templateId: "t1", next: "end" };
const end = { type: "end", id: "end" };
const wait = { type: "wait", id: "pause", for: "PT1H", next: "end" };
const definition = (change: object): unknown => ({
  name: "Series",
  trigger: { event: "Subscribed" },
  start: "one",
  steps: [email, end],
  ...change,
});
const split = (...percent: number[]) => ({
  type: "split",
  id: "one",
  variants: percent.map((share, at) => ({ id: `v${at}`, percent: share, next: "end" })),
});

test("a sound definition passes, with its defaults", () => {
  expect(journeyDefinitionSchema.parse(definition({}))).toMatchObject({
    reentry: "never",
    exits: [],
    maximumAge: "P3D",
  });
});

describe("a definition", () => {
  test.each([
    ["a start that is no step", { start: "nowhere" }, "start", "there is no step nowhere"],
    ["a dangling step", { steps: [{ ...email, next: "gone" }] }, "steps.0.next", "there is no step gone"],
    [
      "a dangling branch",
      {
        steps: [
          {
            type: "branch",
            id: "one",
            branches: [{ when: [{ property: "contact.orders", equals: 1 }], next: "x" }],
            otherwise: "end",
          },
          end,
        ],
      },
      "steps.0.branches.0.next",
      "there is no step x",
    ],
    [
      "two steps of one id",
      { steps: [email, { ...wait, id: "one" }, end] },
      "steps.1.id",
      "is the id of an earlier step",
    ],
    ["an unreachable step", { steps: [email, wait, end] }, "steps.1", "no way leads to the step pause"],
    ["a loop without a wait", { steps: [{ ...email, next: "one" }] }, "steps.0", "in a loop without a wait"],
    ["percentages that miss 100", { steps: [split(50, 40), end] }, "steps.0.variants", "add up to 90, not to 100"],
    [
      "a wait of nothing",
      { start: "pause", steps: [{ ...wait, for: "PT0M" }, end] },
      "steps.0.for",
      "longer than nothing",
    ],
    [
      "a wait into the past",
      { start: "pause", steps: [{ ...wait, for: "-PT1H" }, end] },
      "steps.0.for",
      "a duration of",
    ],
    ["a wait for months", { start: "pause", steps: [{ ...wait, for: "P1M" }, end] }, "steps.0.for", "a duration of"],
    [
      "a wait since an activity that it does not name",
      { start: "pause", steps: [{ ...wait, since: "activity" }, end] },
      "steps.0.since",
      "names no events",
    ],
    [
      "a step id that no tag may hold",
      { start: "a b", steps: [{ type: "end", id: "a b" }] },
      "start",
      "letters, digits",
    ],
    ["a step of no known type", { steps: [{ type: "teleport", id: "one" }] }, "steps.0.type", ""],
    [
      "a dangling way from a date",
      {
        start: "w",
        steps: [{ type: "waitUntilDate", id: "w", date: "event.departure", next: "end", otherwise: "gone" }, end],
      },
      "steps.0.otherwise",
      "there is no step gone",
    ],
    [
      "a date that a contact has not",
      { trigger: { type: "date", date: "contact.birthday" } },
      "trigger.date",
      "a path",
    ],
    ["a trigger of no known type", { trigger: { type: "moon" } }, "trigger.type", ""],
    ["limits of nothing", { entryLimits: {} }, "entryLimits", "names perDay"],
    ["quiet hours of no length", { quietHours: { from: 8, to: 8 } }, "quietHours", "different hours"],
    ["a time zone that is none", { timeZone: "Moon/Base" }, "timeZone", "IANA"],
    [
      "a condition without a test",
      { exits: [{ event: "X", conditions: [{ property: "a" }] }] },
      "exits.0.conditions.0",
      "exactly one",
    ],
    ["a member that nobody knows", { quietHour: 8 }, "", ""],
  ])("with %s is refused where it is wrong", (_, change, path, message) => {
    const { error } = journeyDefinitionSchema.safeParse(definition(change));
    const found = error?.issues.map((issue) => [issue.path.join("."), issue.message]) ?? [];
    expect(found).toContainEqual([path, expect.stringContaining(message)]);
  });

  test("may loop through a wait", () => {
    const steps = [
      { ...email, next: "pause" },
      { ...wait, next: "one" },
    ];
    expect(journeyDefinitionSchema.safeParse(definition({ steps })).error).toBeUndefined();
  });
});

test.each(shippedJourneys)(
  "the shipped journey $id is one that staff could have written",
  ({ definition: shipped }) => {
    expect(journeyDefinitionSchema.parse(shipped)).toEqual(shipped);
  },
);

test.each(shippedJourneys)(
  "the shipped journey $id ends with an order that is not paid yet where one that is paid ends it",
  ({ definition }) => {
    const ends = [definition.goal, ...definition.exits].flatMap((match) => match ?? []);
    const keysOf = (event: string) => ends.filter((match) => match.event === event).map(({ entryKey }) => entryKey);
    expect(keysOf("Order Placed")).toEqual(keysOf("Order Completed"));
  },
);
