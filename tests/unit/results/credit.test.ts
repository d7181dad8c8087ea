import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { creditOf } from "../../../shared/results/credit.ts";
import { at, campaign, clickAt, mailEvent, orderEvent } from "./mails.ts";

const window = 5 * 86_400_000;
const order = orderEvent("Order Completed", at("12:00:00"));
const credited = (events: Parameters<typeof creditOf>[1], of = order) =>
  creditOf(of, [of, ...events], window)
    ?.shares.filter((share) => share.credited)
    .map(({ campaign: { id } }) => id);
const other = { messageKey: "m2", campaign: { ...campaign, id: "welcome" } };

describe("an order is credited to", () => {
  test.each([
    ["nobody without a click", [], []],
    ["the click before it", [clickAt(at("11:00:00"))], ["cart"]],
    ["the later of two", [clickAt(at("11:00:00")), clickAt(at("10:30:00"), other)], ["cart"]],
    ["nobody when the click came after it", [clickAt(at("12:00:01"))], []],
    ["a click of the same instant", [clickAt(at("12:00:00"))], ["cart"]],
    ["a click at the edge of the window", [clickAt("2026-10-28T12:00:00.000Z")], ["cart"]],
    ["nobody when the click is older", [clickAt("2026-10-28T11:59:59.999Z")], []],
    ["no machine's click", [clickAt(at("10:30:00"), other), clickAt(at("11:00:00"), { machine: true })], ["welcome"]],
    ["no scanner's clicks", [clickAt(at("11:00:00")), clickAt(at("11:00:00"), { link: "https://shop.example/b" })], []],
    ["no mail that was sent for no campaign", [clickAt(at("11:00:00"), { campaign: undefined })], []],
    ["no mail that was only opened", [mailEvent("Email Opened", at("11:00:00"))], []],
  ])("%s", (_, events, expected) => {
    expect(credited(events)).toEqual(expected);
  });

  test.each([
    ["a test", { test: true }],
    ["free", { amount: 0 }],
  ])("nobody at all when it is %s", (_, change) => {
    const free = orderEvent("Order Completed", at("12:00:00"), change);
    expect(creditOf(free, [free, clickAt(at("11:00:00"))], window)).toBeUndefined();
  });
});

describe("what was taken back of an order", () => {
  const refund = (amount: number, more: Record<string, unknown> = {}) =>
    orderEvent("Order Refunded", at("15:00:00"), { amount, ...more });
  const cancelled = orderEvent("Order Cancelled", at("14:00:00"));
  test.each([
    ["nothing", [], 0],
    ["a part", [refund(1000)], 1000],
    ["parts", [refund(1000), refund(1500)], 2500],
    ["the larger of a cancellation and its refund", [cancelled, refund(4000)], 5000],
    ["never more than the order", [refund(4000), refund(4500)], 5000],
    ["nothing by another order's refund", [refund(1000, { orderId: "o2" })], 0],
    ["nothing by another currency's", [refund(1000, { currency: "EUR" })], 0],
    ["nothing by a test's", [refund(1000, { test: true })], 0],
  ])("is %s", (_, events, takenBack) => {
    expect(creditOf(order, [order, ...events], window)).toMatchObject({ amount: 5000, takenBack });
  });
});

describe("a trial", () => {
  const trial = { ...campaign, variant: "audience:mailed", first: true as const };
  const asked = (name: string, more: object = {}) =>
    mailEvent(name, at("10:01:00"), { campaign: { ...trial, ...more } });
  test.each([
    ["a mail of one", asked("Email Sent"), 1],
    ["a mail that was skipped", asked("Email Skipped"), 1],
    ["a mail of which nobody knows", asked("Email Unconfirmed"), 1],
    ["a mail held out", asked("Email Held Out"), 1],
    ["no mail without a split", asked("Email Sent", { variant: undefined }), 0],
    ["no later mail of the run", asked("Email Sent", { first: undefined }), 0],
    ["every mail of a broadcast with variants", asked("Email Sent", { type: "broadcast", first: undefined }), 1],
  ])("counts the orders that follow %s: %3$d", (_, event, count) => {
    expect(creditOf(order, [order, event], window)?.shares).toHaveLength(count);
  });

  test("and a click of the same mail are one share", () => {
    const shares = creditOf(
      order,
      [order, asked("Email Sent"), clickAt(at("11:00:00"), { campaign: trial })],
      window,
    )?.shares;
    expect(shares).toEqual([expect.objectContaining({ credited: true, trial: true })]);
  });
});

test("a credit is the same in whatever order its events are read, and goes to one mail at the most", () => {
  const minute = fc.integer({ min: 0, max: 59 }).map((value) => at(`11:${String(value).padStart(2, "0")}:00`));
  const anyEvent = fc.oneof(
    fc
      .record({ when: minute, mail: fc.constantFrom("m1", "m2"), link: fc.constantFrom("a", "b") })
      .map(({ when, mail, link }) => clickAt(when, { messageKey: mail, link })),
    fc.integer({ min: 1, max: 3000 }).map((amount) => orderEvent("Order Refunded", at("13:00:00"), { amount })),
  );
  const shuffled = fc
    .uniqueArray(anyEvent, { maxLength: 10, selector: ({ eventId }) => eventId })
    .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })));
  fc.assert(
    fc.property(shuffled, ([events, others]) => {
      const credit = creditOf(order, events, window);
      expect(creditOf(order, others, window)).toEqual(credit);
      expect(credit?.shares.filter((share) => share.credited).length).toBeLessThanOrEqual(1);
    }),
  );
});
