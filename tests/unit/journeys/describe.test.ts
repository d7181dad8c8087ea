import { describe, expect, it } from "vitest";
import { journeyDefinitionSchema } from "../../../shared/journeys/definition.ts";
import { durationWords, reentryWords, stepWords, triggerWords, waysWords } from "../../../shared/journeys/describe.ts";
import { shippedJourneys } from "../../../shared/journeys/shipped/shipped.ts";
import { stepSchema } from "../../../shared/journeys/step.ts";

const startingWith = (trigger: object, more: object = {}) =>
  journeyDefinitionSchema.parse({ name: "J", trigger, start: "end", steps: [{ type: "end", id: "end" }], ...more });
const step = (given: object) => stepSchema.parse({ id: "one", next: "two", ...given });

describe("in plain words", () => {
  it.each([
    [{ event: "Subscribed" }, "Somebody subscribes"],
    [{ type: "api" }, "A program asks for it"],
    [
      { type: "date", date: "contact.traits.birthday", offset: "-P7D", hour: 9, yearly: true },
      "7 days before the contact's birthday, at 09:00, each year",
    ],
    [{ event: "Trial Started" }, "“Trial Started” happens"],
    [
      { event: "Segment Entered", conditions: [{ property: "segmentId", equals: "lapsed" }] },
      "Somebody enters the segment “lapsed”",
    ],
    [
      { event: ["Product Added", "Checkout Started"], conditions: [{ property: "cartId", exists: true }] },
      "Somebody puts something into the cart, or somebody starts a checkout, where cartId is known",
    ],
    [
      {
        event: "Order Completed",
        conditions: [
          { property: "total", atLeast: 100 },
          { property: "coupon", exists: false },
        ],
      },
      "Somebody orders, where total is at least 100 and coupon is not known",
    ],
  ])("a journey starts with %j when: %s", (trigger, words) => {
    expect(triggerWords(startingWith(trigger))).toBe(words);
  });

  it.each([
    ["P2D", "2 days"],
    ["PT1H", "1 hour"],
    ["P1DT12H30M", "1 day 12 hours 30 minutes"],
  ])("%s is %s", (duration, words) => {
    expect(durationWords(duration)).toBe(words);
  });

  it.each([
    [{ type: "email", templateId: "cart-1" }, "E-mail", "Send the e-mail “cart-1”", []],
    [
      { type: "email", templateId: "cart-1", maximumAge: "PT6H" },
      "E-mail",
      "Send the e-mail “cart-1”",
      ["Left out when 6 hours late"],
    ],
    [{ type: "wait", for: "PT1H", since: "activity" }, "Wait", "Wait 1 hour", ["Counted from the last activity"]],
    [{ type: "waitUntil", hour: 9, weekdays: [1, 5] }, "Wait", "Wait until 09:00 on Monday, Friday", []],
    [{ type: "waitUntilDate", date: "event.departure" }, "Wait", "Wait until the event's departure", []],
    [
      { type: "waitForEvent", for: { event: "Email Link Clicked" }, timeout: "P2D", onTimeout: "three" },
      "Wait",
      "Wait until somebody clicks in an e-mail",
      ["For 2 days at most"],
    ],
    [
      { type: "update", set: { tier: "gold" }, addTags: ["vip"], removeTags: ["new"] },
      "Update",
      "Change the contact",
      ["Set tier to “gold”", "Add the tag “vip”", "Take away the tag “new”"],
    ],
    [
      { type: "webhook", endpointId: "desk", send: ["contact.email", "event.total"] },
      "Webhook",
      "Tell the webhook endpoint “desk”",
      ["With contact email, event total"],
    ],
    [
      { type: "notify", to: { name: "Sales", email: "s@shop.example" }, subject: "Warm", text: "Call." },
      "Notice",
      "Tell Sales: “Warm”",
      [],
    ],
  ])("the step %j is: %s, %s", (given, kind, title, details) => {
    expect(stepWords(step(given))).toEqual({ kind, title, details });
  });

  it("tells the ways out of a step by what leads to them", () => {
    const { id, ...branch } = {
      id: "b",
      type: "branch",
      branches: [{ when: [{ property: "contact.orders", atLeast: 2 }], next: "x" }],
      otherwise: "y",
    };
    expect(waysWords(stepSchema.parse({ id, ...branch }))).toEqual(["If orders is at least 2", "Otherwise"]);
    const variants = [
      { id: "mail", percent: 90, next: "x" },
      { id: "none", percent: 10, next: "x", holdout: true },
    ];
    expect(waysWords(stepSchema.parse({ id: "s", type: "split", variants }))).toEqual([
      "90 % take variant “mail”",
      "10 % take variant “none”, which gets no mail (holdout)",
    ]);
  });

  it.each([
    [{}, {}, "Once for each contact"],
    [{ entryKey: ["properties.cartId"] }, {}, "Once for each contact for the same cartId"],
    [{}, { reentry: { afterDays: 1 } }, "Again after 1 day"],
  ])("%j with %j: %s", (trigger, more, words) => {
    expect(reentryWords(startingWith({ event: "Subscribed", ...trigger }, more))).toBe(words);
  });

  it("every journey that comes along can be told, none in the words of a program", () => {
    for (const { definition } of shippedJourneys) {
      const words = [triggerWords(definition), ...definition.steps.map((each) => stepWords(each).title)];
      for (const each of words) expect(each).not.toMatch(/undefined|\[object|PT?\d/);
    }
  });
});
