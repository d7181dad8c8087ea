import { describe, expect, it } from "vitest";
import { type Feedback, receivedFeedback } from "../../../shared/feedback/feedback.ts";
import { fisherExact } from "../../../shared/feedback/fisher.ts";
import { moodOf } from "../../../shared/feedback/mood.ts";
import { sentimentOf } from "../../../shared/feedback/sentiment.ts";
import { shippedThemes, themesIn, themesInputSchema } from "../../../shared/feedback/theme.ts";
import { themeReport } from "../../../shared/feedback/theme-report.ts";

describe("sentiment", () => {
  it.each<[string, string | undefined, number | null]>([
    ["I love it, great service!", "en", 0.6],
    ["Not good. The parcel was broken", "en-GB", -0.4],
    ["It isn't good", "en", -0.6],
    ["It came on Tuesday", "en", null],
    ["Ich liebe es, super", "de", null],
    ["I love it", undefined, null],
    ["", "en", null],
  ])("of %j in %s is %s", (text, language, sentiment) => {
    expect(sentimentOf(text, language)).toBe(sentiment);
  });

  it.each([
    [null, undefined],
    [0.1, "neutral"],
    [-0.11, "negative"],
    [0.6, "positive"],
  ])("%s is %s", (sentiment, mood) => expect(moodOf(sentiment)).toBe(mood));
});

describe("themes", () => {
  it.each<[string, string | undefined, readonly string[]]>([
    ["Delivery took two weeks", "en", ["delivery"]],
    ["The PRICE is fine, the delivering is not", "en", ["delivery", "price"]],
    ["Nobody answered: I was on hold for an hour", "en", ["support"]],
    ["Die Qualität ist süß, die Lieferung spät", "de-AT", ["delivery", "quality"]],
    ["Die Lieferung", "en", []],
    ["Die Lieferung", undefined, ["delivery"]],
    ["I held on", "en", []],
    ["apparatus", "en", []],
  ])("of %j in %s are %j", (text, language, themes) => {
    expect(themesIn(text, language, shippedThemes.themes)).toEqual(themes);
  });

  it.each([
    [{ id: "a", title: "A", keywords: { en: ["*"] } }],
    [{ id: "a", title: "A", keywords: { en: [] } }],
    [{ id: "a", title: "A", keywords: { en: ["a*b"] } }],
    [{ id: "A b", title: "A", keywords: { en: ["ab"] } }],
    [{ id: "a", title: "A", keywords: { english: ["ab"] } }],
  ])("%j is refused", (theme) => {
    expect(themesInputSchema.safeParse({ themes: [theme] }).success).toBe(false);
  });

  it("that come along are sound", () => {
    const { themes } = shippedThemes;
    expect(themesInputSchema.parse({ themes })).toEqual({ themes });
    expect(themesInputSchema.safeParse({ themes: [...themes, themes[0]] }).success).toBe(false);
  });
});

it.each([
  // Fisher's own tea: three of four cups, and one of four.
  [3, 4, 1, 4, 0.485714],
  [1, 12, 9, 12, 0.002759],
  [0, 10, 0, 10, 1],
  [10, 10, 0, 10, 0.00001082],
])("%i of %i against %i of %i has an exact p of %d", (hits, n, otherHits, otherN, p) => {
  expect(fisherExact(hits, n, otherHits, otherN)).toBeCloseTo(p, 5);
});

describe("a report", () => {
  const said = (text: string, count: number): readonly Feedback[] =>
    Array.from({ length: count }, (_, at) =>
      receivedFeedback(
        { feedbackKind: "review", source: "google", text, language: "en" },
        {
          id: `${text.length}`.padStart(23, "0") + String(at % 10),
          occurredAt: "2026-03-01T10:00:00.000Z",
          contactId: undefined,
        },
      ),
    );
  const lineOf = (comments: readonly Feedback[], previous: readonly Feedback[], comparable = true) =>
    themeReport(shippedThemes.themes, { comments, previous, comparable }).find(({ theme }) => theme === "delivery");
  const [late, fine] = ["Terrible delivery", "All is great"];

  it("tests a share against the period before by z where counts are large", () => {
    const line = lineOf([...said(late, 30), ...said(fine, 70)], [...said(late, 10), ...said(fine, 90)]);
    expect(line).toMatchObject({
      count: 30,
      share: 0.3,
      previousShare: 0.1,
      test: "two-proportion z",
      significant: true,
    });
    expect(line?.p).toBeCloseTo(0.000407, 5);
    expect(line).toMatchObject({ meanSentiment: expect.closeTo(-0.6), withSentiment: 30 });
    expect(line?.comments).toHaveLength(20);
  });

  it("tests by Fisher where they are small", () => {
    const line = lineOf([...said(late, 3), ...said(fine, 1)], [...said(late, 1), ...said(fine, 3)]);
    expect(line).toMatchObject({ test: "Fisher", p: expect.closeTo(0.485714, 5), significant: false });
  });

  it("compares nothing with nothing, and no period that runs", () => {
    expect(lineOf(said(late, 9), [])).toMatchObject({ p: null, test: null, previousShare: null, significant: false });
    expect(lineOf([], [])).toMatchObject({ count: 0, share: null, meanSentiment: null });
    expect(lineOf(said(late, 90), said(fine, 90), false)).toMatchObject({ p: null, significant: false });
  });
});
