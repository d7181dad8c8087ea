import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broadcastInputSchema, variantFor } from "../../../shared/broadcasts/broadcast.ts";
import { afterPage, askAgainAt, newFanOut, nextPages, paceOf } from "../../../shared/broadcasts/fan-out.ts";
import { draft, hours, minutes, plus, start } from "./broadcasts.ts";

const rates = fc.record({
  mailsPerHour: fc.option(fc.integer({ min: 60, max: 2_000_000 }), { nil: undefined }),
  perSecond: fc.integer({ min: 1, max: 500 }),
  openShards: fc.integer({ min: 1, max: 4 }),
});

describe("the pace", () => {
  test("keeps the rate that was asked for, and four fifths of the account's, over all open shards", () => {
    fc.assert(
      fc.property(rates, ({ mailsPerHour, perSecond, openShards }) => {
        const { size, seconds } = paceOf({ mailsPerHour }, perSecond, openShards);
        const perHour = (openShards * size * 3_600) / seconds;
        const limit = Math.min(mailsPerHour ?? Number.POSITIVE_INFINITY, perSecond * 3_600 * 0.8);
        expect(perHour).toBeCloseTo(limit, 3);
      }),
    );
  });

  test("releases at most a minute's mails at a time, and the next page within the longest delay of a queue", () => {
    fc.assert(
      fc.property(rates, ({ mailsPerHour, perSecond, openShards }) => {
        const { size, seconds } = paceOf({ mailsPerHour }, perSecond, openShards);
        expect(Number.isInteger(size) && size >= 1 && size <= 100).toBe(true);
        expect(seconds).toBeLessThanOrEqual(size === 1 ? 240 : 60.001);
      }),
    );
  });
});

describe("the pages to do next", () => {
  const begun = newFanOut(1, start);
  const members = ["c1", "c2"];
  const pace = { size: 2, seconds: 60 };
  const moved = (page: Parameters<typeof afterPage>[1]) => {
    const first = begun.shards["0"];
    if (first === undefined) throw new Error("no shard");
    return { ...begun, shards: { ...begun.shards, "0": afterPage(first, page) } };
  };

  test("are the first of every shard when it begins, at its start", () => {
    const pages = nextPages("spring", begun);
    expect(pages.map(({ message }) => [message.shard, message.pages])).toEqual(
      ["0", "1", "2", "3"].map((it) => [it, 0]),
    );
    expect(new Set(pages.map(({ at }) => at.toISOString()))).toEqual(new Set([start.toISOString()]));
  });

  test("are after a page that of its shard only, a pace later", () => {
    const now = plus(start, minutes(5));
    const pages = nextPages("spring", moved({ members, heldOut: 1, pace, now }), begun);
    expect(pages).toEqual([{ message: expect.objectContaining({ shard: "0", pages: 1 }), at: plus(now, minutes(1)) }]);
  });

  test("are none of a shard whose page was not full", () => {
    const done = moved({ members: ["c1"], heldOut: 0, pace, now: start });
    expect(done.shards["0"]).toMatchObject({ done: true, queued: 1, after: "c1", pages: 1 });
    expect(nextPages("spring", done, begun)).toEqual([]);
  });

  test("are those of all open shards when it goes on", () => {
    expect(nextPages("spring", { ...begun, epoch: 2 }, begun)).toHaveLength(4);
  });
});

describe("the question whether all mails have come to their end", () => {
  const walked = newFanOut(1, start);

  test.each([
    [0, 5],
    [minutes(1), 5],
    [minutes(20), 40],
    [hours(5), 6 * 60],
  ])("comes again, the later the longer it waited: after %i ms at minute %i", (waited, expected) => {
    expect(askAgainAt(walked, plus(start, waited))).toEqual(plus(start, minutes(expected)));
  });

  test("is given up when no mail can come any more", () => {
    expect(askAgainAt(walked, plus(start, hours(145)))).toBeUndefined();
  });

  test("that came twice becomes one again", () => {
    const [first, second] = [minutes(7), minutes(7) + 900].map((waited) => askAgainAt(walked, plus(start, waited)));
    expect(first).toEqual(second);
  });
});

describe("the variant of a contact", () => {
  const variants = [
    { id: "a", templateId: "spring", percent: 45 },
    { id: "b", templateId: "summer", percent: 45 },
  ];
  const broadcast = draft({ variants, holdoutPercent: 10 });

  test("is drawn in the shares that were asked for, and always the same", () => {
    const drawn = { a: 0, b: 0, none: 0 };
    for (let at = 0; at < 10_000; at++) {
      const variant = variantFor(broadcast, `c${at}`);
      expect(variantFor(broadcast, `c${at}`)).toBe(variant);
      drawn[variant === undefined ? "none" : variant.id === "a" ? "a" : "b"]++;
    }
    for (const [share, expected] of [
      [drawn.a, 4_500],
      [drawn.b, 4_500],
      [drawn.none, 1_000],
    ] as const)
      expect(Math.abs(share - expected)).toBeLessThan(200);
  });

  test("is always the one there is when nobody is held out", () => {
    fc.assert(fc.property(fc.string(), (contactId) => variantFor(draft(), contactId)?.id === "a"));
  });

  test("of two broadcasts is drawn anew", () => {
    const other = { ...broadcast, id: "autumn" };
    const same = Array.from({ length: 1_000 }, (_, at) => `c${at}`).filter(
      (id) => variantFor(broadcast, id)?.id === variantFor(other, id)?.id,
    );
    expect(same.length).toBeLessThan(600);
  });
});

test.each([
  ["percents that do not add up", { variants: [{ id: "a", templateId: "spring", percent: 50 }] }, "add up to 100"],
  ["a holdout too many", { holdoutPercent: 10 }, "add up to 100"],
  [
    "the same variant twice",
    { variants: ["a", "a"].map((id) => ({ id, templateId: "spring", percent: 50 })) },
    "same id",
  ],
  ["fewer than a mail a minute", { mailsPerHour: 59 }, "at least 60"],
  ["more data than a message carries", { data: { text: "x".repeat(2_000) } }, "2,000 characters"],
])("a broadcast with %s is refused", (_, more, message) => {
  const variants = [{ id: "a", templateId: "spring", percent: 100 }];
  const parsed = broadcastInputSchema.safeParse({ name: "Spring", segmentId: "all", variants, ...more });
  expect(parsed.error?.issues.map((issue) => issue.message).join()).toContain(message);
});
