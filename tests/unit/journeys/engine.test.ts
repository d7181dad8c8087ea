import { describe, expect, test } from "vitest";
import type { Journey, JourneyInput } from "../../../shared/journeys/definition.ts";
import { advance } from "../../../shared/journeys/engine.ts";
import type { Facts } from "../../../shared/journeys/facts.ts";
import type { Run } from "../../../shared/journeys/run.ts";
import { triggers } from "../../../shared/journeys/trigger.ts";
import { at, eventOf, factsOf, hours, journeyOf, start } from "./journeys.ts";

const email = (id: string, next: string) => ({ type: "email", id, templateId: `t-${id}`, next }) as const;
const end = { type: "end", id: "end" } as const;
const mailsOf = (run: Run) => run.effects.flatMap((effect) => (effect.type === "email" ? [effect.templateId] : []));
const begin = (journey: Journey, facts: Partial<Facts> = {}, now = start) =>
  advance(journey, undefined, factsOf(facts), now).run;
const wait = (id: string, next: string, more: object = {}) =>
  ({ type: "wait", id, for: "PT2H", next, ...more }) as const;

describe("a trigger", () => {
  const event = {
    name: "Form Submitted",
    properties: { formId: "contact", marketing: true, consent: { version: "2" } },
  };

  test.each([
    [{ property: "formId", equals: "contact" }, true],
    [{ property: "formId", equals: "other" }, false],
    [{ property: "marketing", equals: "true" }, false],
    [{ property: "consent.version", oneOf: ["1", "2"] }, true],
    [{ property: "consent.version", atLeast: "3" }, false],
    [{ property: "consent.version.deep", exists: false }, true],
    [{ property: "constructor.name", equals: "Object" }, false],
    [{ property: "formId", notEquals: "other" }, true],
  ])("on %j holds: %s", (condition, holds) => {
    const journey = journeyOf({ trigger: { event: "Form Submitted", conditions: [condition] } });
    expect(triggers(journey, event)).toBe(holds);
    expect(triggers(journey, { ...event, name: "Other" })).toBe(false);
  });

  test("may be any of several events", () => {
    const journey = journeyOf({ trigger: { event: ["Cart Viewed", "Checkout Started"] } });
    const starts = (name: string) => triggers(journey, { name, properties: {} });
    expect(["Cart Viewed", "Checkout Started", "Product Viewed"].map(starts)).toEqual([true, true, false]);
  });

  test("is no order by which a shop tries itself out; nor does one end a run", () => {
    const journey = journeyOf({
      trigger: { event: "Order Completed" },
      exits: [{ event: "Order Completed" }],
      steps: [wait("pause", "end"), end],
      start: "pause",
    });
    const order = (test: boolean) => eventOf("Order Completed", at(hours(1)), { test });
    expect([true, false].map((test) => triggers(journey, order(test)))).toEqual([false, true]);
    const { run } = advance(journey, undefined, factsOf(), start);
    const later = (test: boolean) => advance(journey, run, factsOf({ events: [order(test)] }), at(hours(1))).run.state;
    expect([true, false].map(later)).toEqual(["active", "ended"]);
  });
});

describe("a run", () => {
  const series = journeyOf({
    start: "one",
    steps: [email("one", "pause"), wait("pause", "two"), email("two", "end"), end],
    exits: [{ event: "Order Completed" }],
  });

  test("goes as far as it can, and asks to be woken when its wait is over", () => {
    const { run, effects } = advance(series, undefined, factsOf(), start);
    expect(run).toMatchObject({
      state: "active",
      stepId: "pause",
      dueAt: at(hours(2)),
      version: 1,
      entryKey: "cart-1",
    });
    expect(effects).toMatchObject([
      { type: "email", messageKey: "test.cart-1.0.one", at: start },
      { type: "wakeUp", at: at(hours(2)), stepId: "pause", version: 1 },
    ]);
  });

  test("ends after its last step, with every visit in its log", () => {
    const { run } = advance(series, begin(series), factsOf(), at(hours(2)));
    expect(run).toMatchObject({ state: "ended", endedBy: "completed", endedAt: at(hours(2)), version: 2 });
    expect(mailsOf(run)).toEqual(["t-one", "t-two"]);
    expect(run.log.map(({ stepId, outcome }) => [stepId, outcome])).toEqual([
      ["one", "passed"],
      ["pause", "passed"],
      ["two", "passed"],
      ["end", "passed"],
    ]);
  });

  test("stays as it is when nothing has changed, when it has ended, or when its journey is paused", () => {
    const run = begin(series);
    expect(advance(series, run, factsOf(), at(hours(1)))).toEqual({ run, effects: [] });
    expect(advance(series, run, factsOf({ paused: true }), at(hours(3)))).toEqual({ run, effects: [] });
    const ended = advance(series, run, factsOf(), at(hours(2))).run;
    expect(advance(series, ended, factsOf(), at(hours(9)))).toEqual({ run: ended, effects: [] });
  });

  test("is left by an event since its trigger, paused or not, and sends nothing then", () => {
    const order = eventOf("Order Completed", at(hours(1)));
    for (const paused of [true, false]) {
      const { run, effects } = advance(series, begin(series), factsOf({ events: [order], paused }), at(hours(3)));
      expect([run.state, run.endedBy, run.endedByEvent, effects]).toEqual(["ended", "exit", order.eventId, []]);
    }
    const before = eventOf("Order Completed", at(-1));
    expect(advance(series, begin(series), factsOf({ events: [before] }), at(hours(1))).run.state).toBe("active");
  });

  test("is left at once by an earlier event that carries its entry key", () => {
    const { id: _id, version: _version, ...input } = series;
    const journey = journeyOf({ ...input, exits: [{ event: "Order Completed", entryKey: ["properties.cartId"] }] });
    const order = (cartId: string) => eventOf("Order Completed", at(-hours(1)), { cartId });
    expect(begin(journey, { events: [order("cart-1")] })).toMatchObject({ endedBy: "exit", effects: [] });
    expect(begin(journey, { events: [order("cart-2")] }).state).toBe("active");
  });

  test("refuses another version", () => {
    expect(() => advance({ ...series, version: 2 }, begin(series), factsOf(), start)).toThrow("v1 got test v2");
  });

  test("counts what follows a late wake-up from then, and what follows a punctual one as planned", () => {
    const journey = journeyOf({ start: "a", steps: [wait("a", "b"), wait("b", "end"), end] });
    const punctual = advance(journey, begin(journey), factsOf(), at(hours(2) + 60_000)).run;
    expect(punctual.dueAt).toBe(at(hours(4)));
    expect(advance(journey, begin(journey), factsOf(), at(hours(9))).run.dueAt).toBe(at(hours(11)));
  });
});

describe("a step", () => {
  test("of waiting since activity starts anew with the cart's later events only", () => {
    const journey = journeyOf({
      activity: [{ event: "Product Added", entryKey: ["properties.cartId"] }],
      start: "quiet",
      steps: [wait("quiet", "mail", { since: "activity" }), email("mail", "end"), end],
    });
    const added = (cartId: string) => eventOf("Product Added", at(hours(1)), { cartId });
    const other = advance(journey, begin(journey), factsOf({ events: [added("cart-2")] }), at(hours(2))).run;
    expect(other.state).toBe("ended");
    const again = advance(journey, begin(journey), factsOf({ events: [added("cart-1")] }), at(hours(2)));
    expect(again.run).toMatchObject({ stepId: "quiet", dueAt: at(hours(3)), version: 2 });
    expect(again.effects).toMatchObject([{ type: "wakeUp", at: at(hours(3)) }]);
  });

  test("of waiting for an event takes the event's way, or the time-out's", () => {
    const journey = journeyOf({
      start: "click",
      steps: [
        { type: "waitForEvent", id: "click", for: { event: "Clicked" }, timeout: "PT4H", next: "yes", onTimeout: "no" },
        email("yes", "end"),
        email("no", "end"),
        end,
      ],
    });
    const clicked = (hour: number) => factsOf({ events: [eventOf("Clicked", at(hours(hour)))] });
    expect(mailsOf(advance(journey, begin(journey), clicked(1), at(hours(1))).run)).toEqual(["t-yes"]);
    expect(mailsOf(advance(journey, begin(journey), clicked(-1), at(hours(4))).run)).toEqual(["t-no"]);
    // told of late, but it happened in time
    expect(mailsOf(advance(journey, begin(journey), clicked(3), at(hours(6))).run)).toEqual(["t-yes"]);
    expect(mailsOf(advance(journey, begin(journey), clicked(5), at(hours(6))).run)).toEqual(["t-no"]);
  });

  test.each([
    ["contact.orders", { atLeast: 2 }, { contact: { orders: 2 } }, "t-yes"],
    ["contact.orders", { atLeast: 2 }, { contact: { orders: 1 } }, "t-no"],
    ["contact.fields.country", { equals: "DE" }, { contact: { fields: { country: "DE" } } }, "t-yes"],
    ["event.cartId", { equals: "cart-1" }, {}, "t-yes"],
  ])("of branching on %s %j with %j takes %s", (property, test_, facts, mail) => {
    const journey = journeyOf({
      start: "which",
      steps: [
        { type: "branch", id: "which", branches: [{ when: [{ property, ...test_ }], next: "yes" }], otherwise: "no" },
        email("yes", "end"),
        email("no", "end"),
        end,
      ],
    });
    expect(mailsOf(begin(journey, facts))).toEqual([mail]);
  });

  test("of waiting for an event finds what happened since the trigger, though the run began later; then waits from there", () => {
    const waitFor = (id: string, event: string, next: string) =>
      ({ type: "waitForEvent", id, for: { event }, timeout: "PT4H", next, onTimeout: "end" }) as const;
    const steps = [waitFor("one", "A", "two"), waitFor("two", "B", "pause"), wait("pause", "end"), end];
    const journey = journeyOf({ start: "one", steps });
    const events = [eventOf("B", at(40_000)), eventOf("A", at(20_000)), eventOf("A", at(-20_000))];
    const run = begin(journey, { events }, at(60_000));
    expect(run.log.map(({ stepId, reason }) => [stepId, reason])).toEqual([
      ["one", "event"],
      ["two", "event"],
      ["pause", undefined],
    ]);
    const tooEarly = begin(journey, { events: [eventOf("A", at(-20_000))] }, at(60_000));
    expect(tooEarly.stepId).toBe("one");
  });

  test("of splitting gives each contact one variant for good, in the shares it names; holdouts get no mail", () => {
    const variants = [
      { id: "a", percent: 30, next: "mail" },
      { id: "none", percent: 70, next: "mail", holdout: true as const },
    ];
    const journey = journeyOf({
      start: "ab",
      steps: [{ type: "split", id: "ab", variants }, email("mail", "end"), end],
    });
    const runs = Array.from({ length: 1000 }, (_, n) => begin(journey, { contactId: `c${n}` }));
    const mailed = runs.filter((run) => mailsOf(run).length === 1);
    expect(mailed.length).toBeGreaterThan(250);
    expect(mailed.length).toBeLessThan(350);
    expect(new Set(mailed.map((run) => run.variants.ab))).toEqual(new Set(["a"]));
    const held = runs.find(({ holdout }) => holdout);
    expect(held?.log.find(({ stepId }) => stepId === "mail")).toMatchObject({ outcome: "skipped", reason: "holdout" });
    expect(held?.effects).toMatchObject([
      {
        type: "event",
        name: "Email Held Out",
        properties: {
          template: "t-mail",
          campaign: { type: "journey", id: "test", version: 1, stepId: "mail", variant: "ab:none", first: true },
        },
      },
    ]);
    expect(mailed.flatMap(({ effects }) => effects).filter(({ type }) => type === "event")).toEqual([]);
    expect(begin(journey, { contactId: "c7" }).variants).toEqual(runs[7]?.variants);
  });

  test("of updating and notifying are effects of their own", () => {
    const journey = journeyOf({
      start: "tag",
      steps: [
        { type: "update", id: "tag", addTags: ["warm"], set: { jobTitle: "Buyer", size: 42 }, next: "tell" },
        {
          type: "notify",
          id: "tell",
          to: { name: "Kim", email: "kim@shop.example" },
          subject: "S",
          text: "T",
          next: "end",
        },
        end,
      ],
    });
    expect(begin(journey).effects).toMatchObject([
      { type: "event", name: "Contact Updated", properties: { fields: { jobTitle: "Buyer" }, traits: { size: 42 } } },
      { type: "event", name: "Tag Added", properties: { tag: "warm" } },
      { type: "notify", to: { email: "kim@shop.example" }, messageKey: "test.cart-1.0.tell" },
    ]);
  });

  test("of telling a webhook endpoint is an effect with what its step names", () => {
    const tell = { type: "webhook" as const, id: "tell", endpointId: "desk", send: ["contact.email"], next: "end" };
    expect(begin(journeyOf({ start: "tell", steps: [tell, end] })).effects).toMatchObject([
      { type: "webhook", endpointId: "desk", send: ["contact.email"], messageKey: "test.cart-1.0.tell" },
    ]);
  });

  test("of mailing in a loop is another mail each time", () => {
    const loop = [email("again", "pause"), wait("pause", "again")] as const;
    const journey = journeyOf({ start: "again", steps: [...loop] });
    const second = advance(journey, begin(journey), factsOf(), at(hours(2))).run;
    const keys = second.effects.flatMap((effect) => (effect.type === "email" ? [effect.messageKey] : []));
    expect(keys).toEqual(["test.cart-1.0.again", "test.cart-1.0.again.2"]);
  });

  test("of mailing is named by ids and keys that cannot run into one another", () => {
    const again = wait("pause", "mail");
    const steps = [email("mail", "mail-2"), email("mail-2", "pause"), again];
    const journey = journeyOf({ start: "mail", steps });
    const twice = advance(journey, begin(journey), factsOf(), at(hours(2))).run;
    const keys = twice.effects.flatMap((effect) => (effect.type === "email" ? [effect.messageKey] : []));
    expect([keys.length, new Set(keys).size]).toEqual([4, 4]);
  });

  test("of mailing says when the mail is too old, by its own maximum age or the journey's", () => {
    const own = { ...email("own", "other"), maximumAge: "P1D" };
    const run = begin(journeyOf({ start: "own", maximumAge: "P7D", steps: [own, email("other", "end"), end] }));
    const ends = run.effects.flatMap((effect) => (effect.type === "email" ? [effect.notAfter] : []));
    expect(ends).toEqual([at(hours(24)), at(hours(7 * 24))]);
  });

  test("of mailing later than the maximum age is skipped, and the series goes on", () => {
    const steps: JourneyInput["steps"] = [
      wait("a", "one"),
      email("one", "b"),
      wait("b", "two"),
      email("two", "end"),
      end,
    ];
    const journey = journeyOf({ start: "a", maximumAge: "P1D", steps });
    const late = advance(journey, begin(journey), factsOf(), at(hours(27))).run;
    expect(late.log.find(({ stepId }) => stepId === "one")).toMatchObject({ outcome: "skipped", reason: "too late" });
    expect([late.dueAt, mailsOf(late)]).toEqual([at(hours(29)), []]);
    expect(mailsOf(advance(journey, late, factsOf(), at(hours(29))).run)).toEqual(["t-two"]);
  });
});

describe("local hours", () => {
  const quiet = journeyOf({
    quietHours: { from: 21, to: 8 },
    start: "mail",
    steps: [email("mail", "end"), end],
  });

  test.each([
    ["in the evening", "2026-03-28T21:30:00.000Z", "2026-03-29T06:00:00.000Z"],
    ["in the early morning", "2026-03-29T03:30:00.000Z", "2026-03-29T06:00:00.000Z"],
    ["in winter", "2026-01-05T21:00:00.000Z", "2026-01-06T07:00:00.000Z"],
    ["the night clocks go back", "2026-10-24T20:00:00.000Z", "2026-10-25T07:00:00.000Z"],
  ])("a mail %s waits until the quiet hours are over", (_, now, until) => {
    const held = begin(quiet, {}, now);
    expect([held.dueAt, mailsOf(held)]).toEqual([until, []]);
    expect(mailsOf(advance(quiet, held, factsOf(), until).run)).toEqual(["t-mail"]);
  });

  test("what follows a mail that waited for the morning is as far from it as ever", () => {
    const journey = journeyOf({
      quietHours: { from: 21, to: 8 },
      start: "one",
      steps: [email("one", "pause"), wait("pause", "two", { for: "PT4H" }), email("two", "end"), end],
    });
    const [evening, morning] = ["2026-01-05T21:00:00.000Z", "2026-01-06T07:00:00.000Z"];
    const held = begin(journey, {}, evening);
    const one = advance(journey, held, factsOf(), morning).run;
    expect([mailsOf(one), one.dueAt]).toEqual([["t-one"], "2026-01-06T11:00:00.000Z"]);
    // A wake-up that is late by hours moves what follows by as much.
    const late = advance(journey, held, factsOf(), "2026-01-06T10:00:00.000Z").run;
    expect(late.dueAt).toBe("2026-01-06T14:00:00.000Z");
  });

  test("a mail outside them goes at once", () => {
    expect(mailsOf(begin(quiet, {}, "2026-03-29T06:00:00.000Z"))).toEqual(["t-mail"]);
    expect(mailsOf(begin(quiet, {}, "2026-03-29T18:59:00.000Z"))).toEqual(["t-mail"]);
  });

  test.each([
    ["the same day", { hour: 9 }, "2026-03-27T05:00:00.000Z", "2026-03-27T08:00:00.000Z"],
    ["the next day when the hour has struck", { hour: 9 }, "2026-03-27T08:00:00.000Z", "2026-03-28T08:00:00.000Z"],
    ["over a change of clocks", { hour: 9, weekdays: [7] }, "2026-03-27T08:00:00.000Z", "2026-03-29T07:00:00.000Z"],
    ["in a skipped hour after it", { hour: 2, weekdays: [7] }, "2026-03-27T08:00:00.000Z", "2026-03-29T01:00:00.000Z"],
    ["a week later", { hour: 9, weekdays: [5] }, "2026-03-27T08:00:00.000Z", "2026-04-03T07:00:00.000Z"],
  ])("a wait until an hour ends %s", (_, until, now, over) => {
    const journey = journeyOf({ start: "w", steps: [{ type: "waitUntil", id: "w", next: "end", ...until }, end] });
    expect(begin(journey, {}, now).dueAt).toBe(over);
  });
});
