import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addDays,
  elapsedShare,
  instantsOf,
  localDateAt,
  localDatesOf,
  periodBefore,
  periodContaining,
  utcDatesOf,
} from "../../../shared/kpis/calendar.ts";
import { periodKinds } from "../../../shared/kpis/period.ts";

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Pacific/Kiritimati",
  "Pacific/Pago_Pago",
  "Africa/Cairo",
];

describe("calendar", () => {
  it.each([
    ["2026-11-22T23:30:00.000Z", "Europe/Berlin", "2026-11-23"],
    ["2026-11-23T00:30:00.000Z", "America/New_York", "2026-11-22"],
    ["2026-11-22T10:00:00.000Z", "Pacific/Kiritimati", "2026-11-23"],
    ["2026-11-23T10:59:59.999Z", "Pacific/Pago_Pago", "2026-11-22"],
  ])("says that %s is %s's %s", (instant, zone, date) => {
    expect(localDateAt(new Date(instant), zone)).toBe(date);
  });

  it.each([
    ["day", "2026-11-23", "2026-11-23", "2026-11-24"],
    ["week", "2026-11-23", "2026-11-23", "2026-11-30"],
    ["week", "2027-01-01", "2026-12-28", "2027-01-04"],
    ["month", "2028-02-29", "2028-02-01", "2028-03-01"],
    ["quarter", "2026-11-23", "2026-10-01", "2027-01-01"],
    ["quarter", "2026-03-31", "2026-01-01", "2026-04-01"],
    ["year", "2026-11-23", "2026-01-01", "2027-01-01"],
  ] as const)("puts the %s of %s from %s to %s", (kind, date, start, end) => {
    expect(periodContaining(kind, date)).toEqual({ kind, start, end });
  });

  it.each([
    ["a day that loses an hour", "Europe/Berlin", "2026-03-29", 23],
    ["a day that gains an hour", "Europe/Berlin", "2026-10-25", 25],
    ["a day whose midnight is skipped", "Africa/Cairo", "2026-04-24", 23],
    ["an ordinary day", "Europe/Berlin", "2026-11-23", 24],
  ])("gives %s its real length", (_, zone, date, hours) => {
    const { from, to } = instantsOf({ start: date, end: addDays(date, 1) }, zone);
    expect((to.getTime() - from.getTime()) / 3_600_000).toBe(hours);
  });

  it("covers every instant by exactly one local day, and finds that day's entries under its UTC dates", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("2020-01-01"), max: new Date("2035-01-01"), noInvalidDate: true }),
        fc.constantFrom(...zones),
        (instant, zone) => {
          const date = localDateAt(instant, zone);
          const span = instantsOf({ start: date, end: addDays(date, 1) }, zone);
          expect(instant >= span.from && instant < span.to).toBe(true);
          const utcDate = instant.toISOString().slice(0, 10);
          expect(utcDatesOf(span)).toContain(utcDate);
          expect(localDatesOf(utcDate, zone)).toContain(date);
        },
      ),
    );
  });

  it("steps back and forth through periods without gap or overlap", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...periodKinds),
        fc.integer({ min: 0, max: 4000 }),
        fc.integer({ min: 1, max: 30 }),
        (kind, day, count) => {
          const period = periodContaining(kind, addDays("2024-01-01", day));
          expect(periodBefore(period).end).toBe(period.start);
          expect(periodBefore(periodBefore(period, count), -count)).toEqual(period);
        },
      ),
    );
  });

  it("knows how much of a period has gone", () => {
    const period = periodContaining("month", "2026-11-01");
    expect(elapsedShare(period, new Date("2026-10-01T00:00:00Z"), "UTC")).toBe(0);
    expect(elapsedShare(period, new Date("2026-11-16T00:00:00Z"), "UTC")).toBe(0.5);
    expect(elapsedShare(period, new Date("2027-01-01T00:00:00Z"), "UTC")).toBe(1);
  });
});
