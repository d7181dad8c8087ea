import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueOccasion, newestOccasion, startOfHour } from "../../../shared/digests/occasion.ts";
import {
  defaultSubscription,
  type Schedule,
  type Subscription,
  weekdays,
} from "../../../shared/digests/subscription.ts";
import { localDateAt } from "../../../shared/kpis/calendar.ts";

const daily = (hour: number, timeZone?: string): Schedule => ({
  weekdays: [...weekdays],
  hour,
  ...(timeZone !== undefined && { timeZone }),
});
const weekly = (weekday: (typeof weekdays)[number], hour: number): Schedule => ({ weekdays: [weekday], hour });

describe("the newest occasion", () => {
  it.each([
    // 2026-11-27 is a Friday
    ["today's, from its hour on", daily(8), "UTC", "2026-11-27T08:00:00Z", "2026-11-27", "2026-11-27T08:00:00Z"],
    ["yesterday's, before it", daily(8), "UTC", "2026-11-27T07:59:59Z", "2026-11-26", "2026-11-26T08:00:00Z"],
    ["the week's", weekly("monday", 9), "UTC", "2026-11-27T12:00:00Z", "2026-11-23", "2026-11-23T09:00:00Z"],
    ["last week's", weekly("friday", 13), "UTC", "2026-11-27T12:00:00Z", "2026-11-20", "2026-11-20T13:00:00Z"],
    ["the month's", { dayOfMonth: 1, hour: 6 }, "UTC", "2026-11-27T12:00:00Z", "2026-11-01", "2026-11-01T06:00:00Z"],
    ["last month's", { dayOfMonth: 28, hour: 6 }, "UTC", "2027-03-28T05:00:00Z", "2027-02-28", "2027-02-28T06:00:00Z"],
    ["by its own zone", daily(8, "Asia/Tokyo"), "UTC", "2026-11-26T23:00:00Z", "2026-11-27", "2026-11-26T23:00:00Z"],
    [
      "east of the date line",
      weekly("friday", 0),
      "Pacific/Kiritimati",
      "2026-11-26T10:00:00Z",
      "2026-11-27",
      "2026-11-26T10:00:00Z",
    ],
    [
      "west of the date line",
      weekly("friday", 23),
      "Pacific/Pago_Pago",
      "2026-11-28T10:00:00Z",
      "2026-11-27",
      "2026-11-28T10:00:00Z",
    ],
    // spring: 02:00 is skipped, and comes an hour later; autumn: 01:00 comes twice, and the first counts
    ["of a skipped hour", daily(2), "America/New_York", "2026-03-08T07:00:00Z", "2026-03-08", "2026-03-08T07:00:00Z"],
    [
      "before a skipped hour",
      daily(2),
      "America/New_York",
      "2026-03-08T06:59:00Z",
      "2026-03-07",
      "2026-03-07T07:00:00Z",
    ],
    ["of a repeated hour", daily(1), "America/New_York", "2026-11-01T05:00:00Z", "2026-11-01", "2026-11-01T05:00:00Z"],
    ["in its repetition", daily(1), "America/New_York", "2026-11-01T06:30:00Z", "2026-11-01", "2026-11-01T05:00:00Z"],
    [
      "where midnight is skipped",
      daily(0),
      "America/Santiago",
      "2026-09-06T04:00:00Z",
      "2026-09-06",
      "2026-09-06T04:00:00Z",
    ],
    // Samoa had no 2011-12-30
    [
      "after a day that never was",
      daily(8),
      "Pacific/Apia",
      "2011-12-30T18:00:00Z",
      "2011-12-31",
      "2011-12-30T18:00:00Z",
    ],
  ] as const)("is %s", (_, schedule, zone, now, date, at) => {
    const found = newestOccasion(schedule as Schedule, zone, new Date(now));
    expect([found?.date, found?.at.toISOString()]).toEqual([date, new Date(at).toISOString()]);
  });

  const zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia", "Pacific/Pago_Pago"];
  const someSchedule = fc.oneof(
    fc.record({ weekdays: fc.subarray([...weekdays], { minLength: 1 }), hour: fc.integer({ min: 0, max: 23 }) }),
    fc.record({ dayOfMonth: fc.integer({ min: 1, max: 28 }), hour: fc.integer({ min: 0, max: 23 }) }),
  );
  const someInstant = fc.date({ min: new Date("2024-01-01"), max: new Date("2030-01-01"), noInvalidDate: true });

  it("has come, at its local hour or where clocks skip that right after, and never goes back as time goes on", () => {
    void fc.assert(
      fc.property(
        someSchedule,
        fc.constantFrom(...zones),
        someInstant,
        fc.nat(10 * 86_400),
        (schedule, zone, now, s) => {
          const found = newestOccasion(schedule as Schedule, zone, now);
          const later = newestOccasion(schedule as Schedule, zone, new Date(now.getTime() + s * 1000));
          expect(found).toBeDefined();
          expect(later).toBeDefined();
          if (found === undefined || later === undefined) return;
          expect(found.at.getTime()).toBeLessThanOrEqual(now.getTime());
          expect(localDateAt(found.at, zone)).toBe(found.date);
          expect(later.date >= found.date && later.at >= found.at).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is told of on every wanted date exactly once by runs of every hour, whichever hours are missed within a day", () => {
    void fc.assert(
      fc.property(
        someSchedule,
        fc.constantFrom(...zones),
        someInstant,
        fc.infiniteStream(fc.boolean()),
        (schedule, zone, begin, ran) => {
          const subscription = {
            ...defaultSubscription({ name: "M", email: "m@example.com" }, 0, begin),
            weekdays: undefined,
          };
          const wanted = { ...subscription, ...schedule } as Subscription;
          const sent: string[] = [];
          let missed = 0;
          for (let hour = 0; hour < 24 * 15; hour++) {
            const now = new Date(begin.getTime() + hour * 3_600_000);
            // at most three hours in a row are missed
            missed = missed < 3 && ran.next().value === false ? missed + 1 : 0;
            const due = missed > 0 ? undefined : dueOccasion(wanted, sent.at(-1), zone, now);
            if (due !== undefined) sent.push(due.date);
          }
          expect(new Set(sent).size).toBe(sent.length);
          const span = Array.from({ length: 13 }, (_, day) => new Date(begin.getTime() + (day + 1) * 86_400_000));
          const dates = span
            .map((at) => newestOccasion(schedule as Schedule, zone, at))
            .filter((found) => (found?.at ?? begin) > begin);
          expect(
            dates.map((found) => found?.date).filter((date) => date === undefined || !sent.includes(date)),
          ).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("what is due", () => {
  const since = new Date("2026-11-20T08:00:00Z");
  const subscription = defaultSubscription({ name: "Mia", email: "mia@example.com" }, 8, since);
  it.each([
    ["today's, once its hour has come", {}, undefined, "2026-11-27T08:00:00Z", "2026-11-27"],
    ["today's, hours late", {}, "2026-11-26", "2026-11-27T23:00:00Z", "2026-11-27"],
    ["nothing more, once it is sent", {}, "2026-11-27", "2026-11-27T23:00:00Z", undefined],
    ["only the newest of many that were missed", {}, "2026-11-20", "2026-11-27T07:00:00Z", "2026-11-26"],
    [
      "what begins in this very hour",
      { since: "2026-11-27T08:00:00Z" },
      undefined,
      "2026-11-27T08:00:30Z",
      "2026-11-27",
    ],
    ["nothing from before it began", { since: "2026-11-27T08:00:01Z" }, undefined, "2026-11-27T09:00:00Z", undefined],
    [
      "nothing, once it is stopped",
      { stoppedAt: "2026-11-21T00:00:00Z" },
      undefined,
      "2026-11-27T09:00:00Z",
      undefined,
    ],
    [
      "nothing anew where a zone further west is behind",
      { timeZone: "Pacific/Pago_Pago" },
      "2026-11-27",
      "2026-11-27T20:00:00Z",
      undefined,
    ],
  ] as const)("is %s", (_, changes, sentFor, now, date) => {
    expect(dueOccasion({ ...subscription, ...changes }, sentFor, "UTC", new Date(now))?.date).toBe(date);
  });
});

it.each([
  ["UTC", "2026-11-27T08:59:59.999Z", "2026-11-27T08:00:00.000Z"],
  ["Asia/Kolkata", "2026-11-27T08:15:00.000Z", "2026-11-27T07:30:00.000Z"],
  ["America/New_York", "2026-11-01T06:30:00.000Z", "2026-11-01T06:00:00.000Z"],
])("an hour in %s at %s began at %s", (zone, now, start) => {
  expect(startOfHour(new Date(now), zone).toISOString()).toBe(start);
});
