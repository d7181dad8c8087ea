import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { momentOf, nextOccurrence } from "../../../shared/journeys/dates.ts";

const timeZone = "Europe/Berlin";
const factsWith = (day: unknown) => ({ contact: { traits: { day } }, event: { day } });
const rule = { date: "contact.traits.day" };

describe("a moment", () => {
  test.each([
    ["a date, at 9 local time", {}, "2026-05-01", "2026-05-01T07:00:00.000Z"],
    ["a date, at an hour", { hour: 18 }, "2026-05-01", "2026-05-01T16:00:00.000Z"],
    ["an instant, as it is", {}, "2026-05-01T10:20:30.000Z", "2026-05-01T10:20:30.000Z"],
    ["an instant with an offset", {}, "2026-05-01T10:20:30+05:00", "2026-05-01T05:20:30.000Z"],
    ["the local day of an instant, at an hour", { hour: 8 }, "2026-04-30T22:30:00Z", "2026-05-01T06:00:00.000Z"],
    ["a week before", { offset: "-P7D" }, "2026-05-01", "2026-04-24T07:00:00.000Z"],
    ["days over a change of clocks", { offset: "-P2D" }, "2026-03-30", "2026-03-28T08:00:00.000Z"],
    ["hours over a change of clocks", { offset: "-PT12H", hour: 8 }, "2026-03-29", "2026-03-28T18:00:00.000Z"],
    ["an hour that clocks skip", { hour: 2 }, "2026-03-29", "2026-03-29T01:00:00.000Z"],
    ["an hour that clocks strike twice", { hour: 2 }, "2026-10-25", "2026-10-25T00:00:00.000Z"],
    ["a day that is none", {}, "2026-02-30", undefined],
    ["words", {}, "tomorrow", undefined],
    ["a number", {}, 20260501, undefined],
    ["nothing", {}, undefined, undefined],
  ])("of %s", (_, more, day, at) => {
    expect(momentOf({ ...rule, ...more }, factsWith(day), timeZone)).toBe(at);
    expect(momentOf({ date: "event.day", ...more }, factsWith(day), timeZone)).toBe(at);
  });
});

describe("the next occurrence", () => {
  const next = (day: string, after: string, more: object) =>
    nextOccurrence({ ...rule, ...more }, factsWith(day), { timeZone, after });

  test.each([
    ["once, ahead", "2026-05-01", "2026-04-01T00:00:00.000Z", {}, "2026-05-01T07:00:00.000Z"],
    ["once, over", "2026-05-01", "2026-05-01T07:00:00.000Z", {}, undefined],
    ["this year", "1990-05-01", "2026-04-01T00:00:00.000Z", { yearly: true }, "2026-05-01T07:00:00.000Z"],
    ["next year", "1990-05-01", "2026-05-01T07:00:00.000Z", { yearly: true }, "2027-05-01T07:00:00.000Z"],
    ["a leap day", "1992-02-29", "2026-01-01T00:00:00.000Z", { yearly: true }, "2026-02-28T08:00:00.000Z"],
    ["a first one ahead", "2030-05-01", "2026-01-01T00:00:00.000Z", { yearly: true }, "2030-05-01T07:00:00.000Z"],
    [
      "before New Year's Day",
      "1990-01-03",
      "2026-12-01T00:00:00.000Z",
      { yearly: true, offset: "-P7D" },
      "2026-12-27T08:00:00.000Z",
    ],
  ])("%s of %s after %s", (_, day, after, more, at) => {
    expect(next(day, after, more)?.at).toBe(at);
  });

  test("of a yearly date comes once in each calendar year, at its hour, whatever the offset", () => {
    const dates = fc.date({ min: new Date("1930-01-01"), max: new Date("2026-12-31"), noInvalidDate: true });
    void fc.assert(
      fc.property(dates, fc.integer({ min: -400, max: 400 }), fc.integer({ min: 0, max: 23 }), (date, days, hour) => {
        const day = date.toISOString().slice(0, 10);
        const yearly = {
          yearly: true,
          hour,
          ...(days !== 0 && { offset: `${days < 0 ? "-" : ""}P${Math.abs(days)}D` }),
        };
        let after = "2026-06-15T00:00:00.000Z";
        const years: number[] = [];
        for (let turn = 0; turn < 5; turn++) {
          const found = next(day, after, yearly);
          if (found === undefined) throw new Error("a yearly date ended");
          expect(found.at > after).toBe(true);
          years.push(Number(found.date.slice(0, 4)));
          const local = Temporal.Instant.from(found.at).toZonedDateTimeISO(timeZone);
          // 2 o'clock of the night that skips it is 3
          expect(local.hour === hour || (hour === 2 && local.hour === 3)).toBe(true);
          after = found.at;
        }
        expect(years).toEqual(years.map((_, n) => (years[0] ?? 0) + n));
      }),
    );
  });
});
