import { describe, expect, it } from "vitest";
import { completePoints, isWorse, type Point } from "../../../shared/insight/points.ts";
import { silenceSentence, stepSentence, trendSentence } from "../../../shared/insight/sentence.ts";
import { testOfCounts, testOfOrder, testOfShares } from "../../../shared/insight/significance.ts";
import { allGroups, silencesIn } from "../../../shared/insight/silence.ts";
import { stepIn } from "../../../shared/insight/step.ts";
import { declineIn } from "../../../shared/insight/trend.ts";
import { addDays, periodBefore, periodContaining } from "../../../shared/kpis/calendar.ts";
import type { Groups } from "../../../shared/kpis/groups.ts";
import { kpiNamed } from "../kpis/support.ts";

const leads = kpiNamed("new-leads");
const conversion = kpiNamed("lead-conversion");
const revenue = kpiNamed("net-revenue");
const response = kpiNamed("first-response-time");

/** Months that end with September 2026. */
function months(values: readonly (number | readonly [number, number])[]): readonly Point[] {
  const last = periodContaining("month", "2026-09-01");
  return values.map((value, index) => {
    const { start, end } = periodBefore(last, values.length - 1 - index);
    const [numerator, denominator] = typeof value === "number" ? [value, null] : value;
    const ratio = denominator === null ? numerator : denominator === 0 ? null : numerator / denominator;
    return { start, end, value: ratio, numerator, denominator, n: denominator ?? numerator };
  });
}

describe("the tests", () => {
  it("give the p of a two-proportion z that is computed by hand", () => {
    // 121 and 84 of 1,000: pooled 0.1025, error 0.013564, z = 2.7278, p = 0.00638
    expect(testOfShares({ numerator: 121, denominator: 1000 }, { numerator: 84, denominator: 1000 }).p).toBeCloseTo(
      0.00638,
      5,
    );
    expect(testOfShares({ numerator: 0, denominator: 40 }, { numerator: 0, denominator: 40 }).p).toBe(1);
  });

  it("give the p of two Poisson rates that is computed by hand", () => {
    // 100 in 31 days, 70 in 30: of 170, 86.393 expected, error 6.5192, z = 2.0872, p = 0.03687
    expect(testOfCounts({ count: 100, exposure: 31 }, { count: 70, exposure: 30 }).p).toBeCloseTo(0.03687, 4);
    expect(testOfCounts({ count: 0, exposure: 31 }, { count: 0, exposure: 30 }).p).toBe(1);
  });

  it("of order alone say one in the number of orders", () => {
    expect(testOfOrder(3).p).toBeCloseTo(1 / 24, 12);
    expect(testOfOrder(4).p).toBeCloseTo(1 / 120, 12);
  });
});

describe("a trend", () => {
  it.each<[string, Parameters<typeof declineIn>[0], readonly Point[], boolean | undefined]>([
    [
      "three declines of a share",
      conversion,
      months([
        [121, 1000],
        [110, 1000],
        [95, 1000],
        [84, 1000],
      ]),
      true,
    ],
    [
      "two declines",
      conversion,
      months([
        [90, 1000],
        [121, 1000],
        [100, 1000],
        [70, 1000],
      ]),
      false,
    ],
    [
      "declines that chance explains",
      conversion,
      months([
        [50, 400],
        [49, 400],
        [48, 400],
        [47, 400],
      ]),
      false,
    ],
    [
      "declines of too few",
      conversion,
      months([
        [10, 20],
        [8, 20],
        [4, 20],
        [1, 20],
      ]),
      false,
    ],
    [
      "a rise at the end",
      conversion,
      months([
        [121, 1000],
        [90, 1000],
        [70, 1000],
        [71, 1000],
      ]),
      undefined,
    ],
    [
      "a month that stood still",
      conversion,
      months([
        [121, 1000],
        [110, 1000],
        [84, 1000],
        [84, 1000],
      ]),
      undefined,
    ],
    [
      "a month without a value",
      conversion,
      months([
        [121, 1000],
        [0, 0],
        [95, 1000],
        [84, 1000],
      ]),
      false,
    ],
    ["a count that falls to nothing", leads, months([90, 60, 20, 0]), true],
    ["a count of few", leads, months([9, 6, 2, 0]), false],
    ["a sum, by its order", revenue, months([900, 800, 700, 600]), true],
    [
      "times that rise, which is worse",
      response,
      months([
        [100, 1],
        [200, 1],
        [300, 1],
        [400, 1],
      ]).map((point) => ({ ...point, n: 50 })),
      true,
    ],
    [
      "times that fall",
      response,
      months([
        [400, 1],
        [300, 1],
        [200, 1],
        [100, 1],
      ]),
      undefined,
    ],
  ])("of %s", (_, kpi, points, expected) => {
    const decline = declineIn(kpi, points);
    expect(decline && decline.verdict !== undefined).toBe(expected);
  });

  it("goes back to the last value before the fall", () => {
    const decline = declineIn(
      conversion,
      months([
        [80, 1000],
        [140, 1000],
        [121, 1000],
        [110, 1000],
        [95, 1000],
        [84, 1000],
      ]),
    );
    expect(decline?.points.map(({ numerator }) => numerator)).toEqual([140, 121, 110, 95, 84]);
  });

  it("is none where a shorter month explains the count", () => {
    const [january, february] = [
      { ...months([310])[0], start: "2026-01-01", end: "2026-02-01", value: 310 },
      { ...months([285])[0], start: "2026-02-01", end: "2026-03-01", value: 285 },
    ] as readonly Point[];
    if (january === undefined || february === undefined) throw new Error("two months");
    expect(isWorse(leads, january, february)).toBe(false);
    expect(isWorse(leads, january, { ...february, value: 270 })).toBe(true);
  });
});

describe("complete periods", () => {
  const snapshot = (start: string, numerator: number, denominator: number) => ({
    start,
    numerator,
    denominator,
    n: denominator,
    facts: numerator,
    leftOut: 0,
  });

  it("leave out the running one and young cohorts, and fill gaps", () => {
    const snapshots = [snapshot("2026-06-01", 1, 10), snapshot("2026-08-01", 2, 10), snapshot("2026-10-01", 1, 30)];
    const calendar = { timeZone: "Europe/Berlin", now: new Date("2026-11-02T09:00:00Z") };
    const points = completePoints(conversion, "month", snapshots, calendar);
    expect(points.map(({ start, value }) => [start, value])).toEqual([
      ["2026-06-01", 0.1],
      ["2026-07-01", null],
      ["2026-08-01", 0.2],
      ["2026-09-01", null],
    ]);
    expect(completePoints(conversion, "month", [], calendar)).toEqual([]);
  });
});

describe("a step", () => {
  const steady = [100, 103, 98, 101, 99, 102, 100, 101, 99, 100];
  it.each<[string, readonly (number | readonly [number, number])[], typeof leads, boolean | undefined]>([
    ["a count that drops", [...steady, 40], leads, false],
    ["a count that leaps", [...steady, 190], leads, true],
    ["a count within chance", [...steady, 92], leads, undefined],
    ["a count without a history", [100, 100, 100, 10], leads, undefined],
    ["counts of few", [3, 2, 3, 2, 3, 2, 3, 2, 3, 20], leads, undefined],
    [
      "a share within its own chance, after a history that never moved",
      [...Array.from({ length: 10 }, () => [10, 100] as const), [15, 100]],
      conversion,
      undefined,
    ],
    ["a share that drops", [...Array.from({ length: 10 }, () => [200, 1000] as const), [100, 1000]], conversion, false],
    ["a sum that never moved", [...Array.from({ length: 10 }, () => 500), 510], revenue, undefined],
  ])("of %s", (_, values, kpi, better) => {
    expect(stepIn(kpi, "month", months(values))?.better).toBe(better);
  });

  it("says what was to be expected", () => {
    const step = stepIn(leads, "month", months([...steady, 40]));
    expect(step?.expected.value).toBeGreaterThan(90);
    expect(step?.expected.low).toBeGreaterThan(40);
    expect(step?.expected.high).toBeGreaterThan(step?.expected.value ?? 0);
  });
});

describe("a source", () => {
  const today = "2026-11-23";
  const groups = (names: readonly string[]): Groups =>
    Object.fromEntries(names.map((name) => [name, { numerator: 3, denominator: null, n: 3, facts: 3, leftOut: 0 }]));
  /** Which sources came on the days before today: `1` is yesterday. */
  const history = (comes: (name: string, daysAgo: number, weekday: number) => boolean, names: readonly string[]) =>
    new Map(
      Array.from({ length: 84 }, (_, index) => {
        const date = addDays(today, -index - 1);
        const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
        return [date, groups(names.filter((name) => comes(name, index + 1, weekday)))] as const;
      }),
    );
  const silent = (comes: Parameters<typeof history>[0], names = ["form", "shop"]) =>
    silencesIn(history(comes, names), today).map(({ group, since, days, longestPause }) => [
      group,
      since,
      days,
      longestPause,
    ]);

  it("that came every day is silent from the second day without anything on", () => {
    expect(silent((name, ago) => name === "shop" || ago > 2)).toEqual([["form", "2026-11-20", 2, 0]]);
    expect(silent((name, ago) => name === "shop" || ago > 1)).toEqual([]);
  });

  it("of working days is not silent on a weekend, and is after a whole week", () => {
    const working = (weekday: number) => weekday > 0 && weekday < 6;
    // 23 November 2026 is a Monday.
    expect(silent((name, _, weekday) => name === "shop" || working(weekday))).toEqual([]);
    expect(silent((name, ago, weekday) => name === "shop" || (working(weekday) && ago > 7))).toEqual([
      ["form", "2026-11-13", 9, 2],
    ]);
  });

  it("that comes now and then is never silent", () => {
    expect(silent((name, ago) => name === "shop" || (ago > 9 && ago % 3 === 0))).toEqual([]);
  });

  it("that is new has no habit yet", () => {
    expect(silent((name, ago) => name === "shop" || (ago > 3 && ago < 15))).toEqual([]);
  });

  it("that has been silent for two months has ended", () => {
    expect(silent((name, ago) => name === "shop" || ago > 70)).toEqual([]);
  });

  it("is one alarm with all others when all are silent", () => {
    expect(silent((name, ago) => ago > (name === "shop" ? 3 : 5))).toEqual([[allGroups, "2026-11-19", 3, 0]]);
  });

  it("may be among the others of a day that keeps small groups together", () => {
    const days = new Map(history((name, ago) => name === "shop" || ago > 3, ["form", "shop"]));
    days.set("2026-11-21", groups(["shop", "(other)"]));
    expect(silencesIn(days, today)).toEqual([]);
  });
});

describe("sentences", () => {
  const points = months([
    [121, 1000],
    [110, 1000],
    [95, 1000],
    [84, 1000],
  ]);
  const list = (share: number) => ({
    by: "form",
    change: -0.037,
    groups: [
      { group: "spring", change: -0.037 * share, rate: 0, mix: 0, share },
      { group: "autumn", change: -0.037 * (1 - share), rate: 0, mix: 0, share: 1 - share },
    ],
    rest: { groups: 0, change: 0, rate: 0, mix: 0, share: 0 },
  });

  it("say what fell, for how long, from what to what, and why", () => {
    expect(trendSentence(conversion, "month", points, [list(0.71)])).toBe(
      "Lead conversion fell three months in a row, 12.1 % → 8.4 %; form “spring” explains 71 % of it.",
    );
    expect(trendSentence(conversion, "week", points, [])).toBe(
      "Lead conversion fell three weeks in a row, 12.1 % → 8.4 %.",
    );
  });

  it("say rose of what had better fall", () => {
    const times = months([
      [3600, 1],
      [7200, 1],
      [10_800, 1],
      [14_400, 1],
    ]);
    expect(trendSentence(response, "month", times, [])).toBe(
      "First response time, median rose three months in a row, 1 h → 4 h.",
    );
  });

  it("say what was to be expected", () => {
    const point = months([40])[0];
    if (point === undefined) throw new Error("one month");
    const step = { point, expected: { value: 100, low: 80, high: 120 }, better: false };
    expect(stepSentence(leads, "month", step, [list(0.9)])).toBe(
      "New leads of September 2026: 40, where 100 (80 to 120) was to be expected; form “spring” explains 90 % of the change from the month before.",
    );
  });

  it("say since when nothing has come", () => {
    const silence = { group: "spring", since: "2026-11-12", days: 5, longestPause: 1 };
    expect(silenceSentence(leads, "form", silence)).toBe(
      "Nothing has come from form “spring” since Thursday, November 12, 2026 (New leads): 5 days, and never more than 1 day in the four weeks before.",
    );
    expect(silenceSentence(leads, "form", { ...silence, group: allGroups, longestPause: 0 })).toBe(
      "Nothing has come from any form since Thursday, November 12, 2026 (New leads): 5 days, and something every day in the four weeks before.",
    );
  });
});
