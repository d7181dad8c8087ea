import { describe, expect, it } from "vitest";
import { parseSchedule, ScheduleError } from "../../../../local/events/schedule-expression.ts";

const at = (text: string): number => Date.parse(text);

function runs(expression: string, timezone: string, after: string, count: number): readonly string[] {
  const recurrence = parseSchedule(expression, timezone, at(after));
  const found: string[] = [];
  let instant: number | undefined = at(after);
  while (found.length < count) {
    instant = recurrence.next(instant);
    if (instant === undefined) break;
    found.push(new Date(instant).toISOString().slice(0, 16));
  }
  return found;
}

describe("a rate", () => {
  it.each([
    ["rate(1 minute)", ["2026-01-01T00:01", "2026-01-01T00:02"]],
    ["rate(5 minutes)", ["2026-01-01T00:05", "2026-01-01T00:10"]],
    ["rate(2 hours)", ["2026-01-01T02:00", "2026-01-01T04:00"]],
    ["rate(1 day)", ["2026-01-02T00:00", "2026-01-03T00:00"]],
  ])("%s ticks from its start", (expression, expected) => {
    expect(runs(expression, "UTC", "2026-01-01T00:00:00Z", 2)).toEqual(expected);
  });

  it("keeps its rhythm after a gap", () => {
    const start = at("2026-01-01T00:00:00Z");
    expect(parseSchedule("rate(5 minutes)", "UTC", start).next(start + 12 * 60_000)).toBe(start + 15 * 60_000);
  });
});

describe("a cron expression of AWS", () => {
  it.each<[string, string, readonly string[]]>([
    ["each day at a time", "cron(0 8 * * ? *)", ["2026-03-02T08:00", "2026-03-03T08:00"]],
    ["each quarter of an hour", "cron(0/15 * * * ? *)", ["2026-03-01T12:15", "2026-03-01T12:30"]],
    ["Sunday is 1", "cron(0 8 ? * 1 *)", ["2026-03-08T08:00", "2026-03-15T08:00"]],
    ["weekdays by name", "cron(0 18 ? * MON-FRI *)", ["2026-03-02T18:00", "2026-03-03T18:00"]],
    ["the first of the month, not any weekday", "cron(0 8 1 * ? *)", ["2026-04-01T08:00", "2026-05-01T08:00"]],
    ["the last day of the month", "cron(0 0 L * ? *)", ["2026-03-31T00:00", "2026-04-30T00:00"]],
    ["the nearest weekday to the 1st", "cron(0 8 1W * ? *)", ["2026-03-02T08:00", "2026-04-01T08:00"]],
    ["the last Friday", "cron(15 10 ? * 6L *)", ["2026-03-27T10:15", "2026-04-24T10:15"]],
    ["the last day of the week", "cron(0 8 ? * L *)", ["2026-03-07T08:00", "2026-03-14T08:00"]],
    ["the second Monday", "cron(0 9 ? * 2#2 *)", ["2026-03-09T09:00", "2026-04-13T09:00"]],
    [
      "lists, ranges and months by name",
      "cron(0 9-10 1,15 JAN,JUN ? *)",
      ["2026-06-01T09:00", "2026-06-01T10:00", "2026-06-15T09:00"],
    ],
    ["only one year", "cron(0 0 1 1 ? 2027)", ["2027-01-01T00:00"]],
  ])("%s", (_, expression, expected) => {
    expect(runs(expression, "UTC", "2026-03-01T12:00:00Z", expected.length)).toEqual(expected);
  });

  it("ends when its years are over", () => {
    expect(runs("cron(0 0 1 1 ? 2025)", "UTC", "2026-03-01T12:00:00Z", 1)).toEqual([]);
  });

  it("follows its time zone through the year", () => {
    expect(runs("cron(0 8 1 1,7 ? *)", "Europe/Berlin", "2026-01-01T00:00:00Z", 2)).toEqual([
      "2026-01-01T07:00",
      "2026-07-01T06:00",
    ]);
  });

  it("skips a time that the spring change leaves out", () => {
    expect(runs("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-28T00:00:00Z", 2)).toEqual([
      "2026-03-28T01:30",
      "2026-03-30T00:30",
    ]);
  });

  it("runs a time that autumn repeats once, the first time", () => {
    expect(runs("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30",
      "2026-10-26T01:30",
    ]);
  });
});

describe("a single time", () => {
  it("is read in its time zone and comes once", () => {
    expect(runs("at(2026-07-01T08:00:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", 2)).toEqual(["2026-07-01T06:00"]);
  });
});

describe("an expression that AWS refuses", () => {
  it.each([
    "cron(0 8 * * *)",
    "cron(0 8 * * * *)",
    "cron(0 8 ? * ? *)",
    "cron(61 8 * * ? *)",
    "rate(0 minutes)",
    "rate(5 weeks)",
    "each(1 day)",
    "at(noon)",
  ])("%s is refused here too", (expression) => {
    expect(() => parseSchedule(expression, "UTC", 0)).toThrow(ScheduleError);
  });
});
