import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../shared/events/event.ts";
import { createCounter, sumLines, totalOf } from "../../../shared/results/counts.ts";
import { mailFactOf } from "../../../shared/results/mail-fact.ts";
import { at, campaign, clickAt, mailEvent } from "./mails.ts";

function count(events: readonly Event[]) {
  const counter = createCounter();
  for (const event of events) {
    const told = mailFactOf(event);
    if (told !== undefined) counter.addFact(told.fact);
  }
  return counter.counts();
}
const total = (events: readonly Event[]) => totalOf(count(events));

const machine = { machine: true };
const open = (time: string, about = {}) => mailEvent("Email Opened", at(time), about);

describe("a mail", () => {
  test.each([
    [
      "that was opened twice is one opened mail",
      [open("11:00:00"), open("12:00:00")],
      { opened: 1, opens: 2, openedByMachines: 0 },
    ],
    ["that a machine opened is told apart", [open("11:00:00", machine)], { opened: 0, opens: 0, openedByMachines: 1 }],
    [
      "that both opened is a person's",
      [open("10:00:01", machine), open("11:00:00")],
      { opened: 1, opens: 1, openedByMachines: 0 },
    ],
    [
      "that was clicked was opened, pictures or not",
      [clickAt(at("11:00:00"))],
      { opened: 1, opens: 0, clicked: 1, clicks: 1 },
    ],
    [
      "whose links a scanner followed was not clicked",
      [clickAt(at("11:00:00")), clickAt(at("11:00:00"), { link: "https://shop.example/b" })],
      { opened: 0, clicked: 0, clicks: 0, clickedByMachines: 1 },
    ],
    [
      "that was skipped says why",
      [mailEvent("Email Skipped", at("10:00:00"), { reason: "no consent" })],
      { sent: 0, skipped: { "no consent": 1 } },
    ],
    [
      "that was sent and then rejected was sent",
      [mailEvent("Email Sent", at("10:00:00")), mailEvent("Email Skipped", at("10:00:02"), { reason: "rejected" })],
      { sent: 1, skipped: {} },
    ],
    [
      "that may or may not have been sent is unconfirmed",
      [mailEvent("Email Unconfirmed", at("10:00:00"), { reason: "TimeoutError" })],
      { sent: 0, skipped: {}, unconfirmed: 1 },
    ],
    [
      "that was unconfirmed, twice, until SES told of it was sent",
      ["Email Unconfirmed", "Email Unconfirmed", "Email Sent"].map((name) => mailEvent(name, at("10:00:00"))),
      { sent: 1, unconfirmed: 0 },
    ],
    [
      "that was unconfirmed until SES surely refused it was skipped",
      [
        mailEvent("Email Skipped", at("10:00:02"), { reason: "rejected" }),
        mailEvent("Email Unconfirmed", at("10:00:00")),
      ],
      { sent: 0, skipped: { rejected: 1 }, unconfirmed: 0 },
    ],
    [
      "that was sent while its reader ordered was overtaken",
      [mailEvent("Email Overtaken", at("10:00:00")), mailEvent("Email Sent", at("10:00:01"))],
      { sent: 1, overtaken: 1 },
    ],
    [
      "that SES refused after all was overtaken by nothing",
      [mailEvent("Email Overtaken", at("10:00:00")), mailEvent("Email Skipped", at("10:00:01"), { reason: "exited" })],
      { skipped: { exited: 1 }, overtaken: 0 },
    ],
    ["that was held out was not sent", [mailEvent("Email Held Out", at("10:00:00"))], { sent: 0, heldOut: 1 }],
    [
      "that bounced, was complained of and unsubscribed from",
      ["Email Bounced", "Email Marked as Spam", "Unsubscribed"].map((name) => mailEvent(name, at("11:00:00"))),
      { bounced: 1, complained: 1, unsubscribed: 1 },
    ],
  ])("%s", (_, events, expected) => {
    expect(total(events)).toMatchObject(expected);
  });
});

test("lines are apart by version, step, variant and template, and sum up over days", () => {
  const sent = (messageKey: string, change: object, template = "cart-1@1") =>
    mailEvent("Email Sent", at("10:00:00"), { messageKey, template, campaign: { ...campaign, ...change } });
  const lines = count([
    sent("m1", {}),
    sent("m2", {}),
    sent("m3", { version: 2 }),
    sent("m4", { stepId: "second" }),
    sent("m5", { variant: "subject:b" }),
    sent("m6", {}, "cart-1@2"),
  ]);
  expect(
    lines.map(({ version, stepId, variant, template, sent: mails }) => [version, stepId, variant, template, mails]),
  ).toEqual([
    [1, "first", undefined, "cart-1@1", 2],
    [1, "first", undefined, "cart-1@2", 1],
    [1, "first", "subject:b", "cart-1@1", 1],
    [1, "second", undefined, "cart-1@1", 1],
    [2, "first", undefined, "cart-1@1", 1],
  ]);
  expect(totalOf(sumLines([lines, lines])).sent).toBe(12);
});

test("counts are the same in any order, however often each fact is told", () => {
  const names = ["Email Sent", "Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced"];
  const anyEvent = fc
    .record({
      name: fc.constantFrom(...names),
      messageKey: fc.constantFrom("m1", "m2", "m3"),
      second: fc.integer({ min: 10, max: 13 }),
      link: fc.constantFrom("a", "b"),
      machine: fc.constantFrom(undefined, true as const),
    })
    .map(({ name, second, ...about }) => mailEvent(name, at(`11:00:${second}`), about));
  fc.assert(
    fc.property(
      fc
        .array(anyEvent, { maxLength: 15 })
        .chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })),
        ),
      ([events, again]) => {
        expect(count(again)).toEqual(count(events));
      },
    ),
  );
});
