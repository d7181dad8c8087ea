import { Temporal } from "temporal-polyfill";
import type { Period, PeriodKind, WeekStart } from "./period.ts";

/** How an account's weeks and years begin. */
export interface Conventions {
  readonly weekStart: WeekStart;
  /** The first month of its fiscal year, 1 to 12; quarters follow. */
  readonly fiscalYearStart: number;
}

/** As ISO 8601 numbers them. */
const weekdays: Readonly<Record<WeekStart, number>> = { monday: 1, saturday: 6, sunday: 7 };
const usual: Conventions = { weekStart: "monday", fiscalYearStart: 1 };
let conventions = usual;

/** Says once, when a process starts, how weeks and years begin; from Monday and from January where nobody says. */
export function useConventions(of: Conventions = usual): void {
  conventions = of;
}

export function conventionsInUse(): Conventions {
  return conventions;
}

/** The local date at an instant, `2026-11-23`. */
export function localDateAt(instant: Date, timeZone: string): string {
  return zoned(instant, timeZone).toPlainDate().toString();
}

/** The period of a kind that contains a local date. Weeks, quarters and years begin by the account's conventions. */
export function periodContaining(kind: PeriodKind, localDate: string): Period {
  const date = Temporal.PlainDate.from(localDate);
  const start = startOf(kind, date);
  return { kind, start: start.toString(), end: start.add(lengthOf(kind)).toString() };
}

/** The period `count` periods before (negative: after) another. */
export function periodBefore(period: Period, count = 1): Period {
  const length = lengthOf(period.kind);
  let start = Temporal.PlainDate.from(period.start);
  for (let step = 0; step < Math.abs(count); step++) start = count > 0 ? start.subtract(length) : start.add(length);
  return { kind: period.kind, start: start.toString(), end: start.add(length).toString() };
}

/**
 * The instants of a period: from its first local midnight up to, but without, the one after its last day.
 * Where daylight saving skips midnight, the day starts at its first moment.
 */
export function instantsOf(period: Pick<Period, "start" | "end">, timeZone: string): { from: Date; to: Date } {
  return { from: startOfLocalDay(period.start, timeZone), to: startOfLocalDay(period.end, timeZone) };
}

/** The UTC dates that a span of instants touches, in order. */
export function utcDatesOf({ from, to }: { readonly from: Date; readonly to: Date }): readonly string[] {
  const dates: string[] = [];
  const last = new Date(to.getTime() - 1).toISOString().slice(0, 10);
  for (let date = from.toISOString().slice(0, 10); date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/** The local dates that share an instant with a UTC date. */
export function localDatesOf(utcDate: string, timeZone: string): readonly string[] {
  const from = new Date(`${utcDate}T00:00:00.000Z`);
  const first = localDateAt(from, timeZone);
  const last = localDateAt(new Date(from.getTime() + 86_399_999), timeZone);
  return first === last ? [first] : [first, last];
}

/** A local date moved by days. */
export function addDays(localDate: string, days: number): string {
  return Temporal.PlainDate.from(localDate).add({ days }).toString();
}

/** How much of a period has gone at an instant, 0 to 1. */
export function elapsedShare(period: Period, now: Date, timeZone: string): number {
  const { from, to } = instantsOf(period, timeZone);
  return Math.min(1, Math.max(0, (now.getTime() - from.getTime()) / (to.getTime() - from.getTime())));
}

function startOfLocalDay(localDate: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(localDate).toZonedDateTime(timeZone).startOfDay().epochMilliseconds);
}

function zoned(instant: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
}

function startOf(kind: PeriodKind, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (kind) {
    case "day":
      return date;
    case "week":
      return date.subtract({ days: (date.dayOfWeek - weekdays[conventions.weekStart] + 7) % 7 });
    case "month":
      return date.with({ day: 1 });
    case "quarter":
      return date.with({ day: 1 }).subtract({ months: monthOfYear(date) % 3 });
    case "year":
      return date.with({ day: 1 }).subtract({ months: monthOfYear(date) });
  }
}

/** 0 in the first month of the fiscal year. */
function monthOfYear({ month }: Temporal.PlainDate): number {
  return (month - conventions.fiscalYearStart + 12) % 12;
}

/** The fiscal year of a local date by the calendar year that it ends in, and its quarter from 1 to 4. */
export function fiscalQuarterOf(localDate: string): { readonly year: number; readonly quarter: number } {
  const date = Temporal.PlainDate.from(localDate);
  const last = startOf("year", date).add({ months: 11 });
  return { year: last.year, quarter: Math.floor(monthOfYear(date) / 3) + 1 };
}

function lengthOf(kind: PeriodKind): Temporal.DurationLike {
  const lengths = {
    day: { days: 1 },
    week: { days: 7 },
    month: { months: 1 },
    quarter: { months: 3 },
    year: { years: 1 },
  };
  return lengths[kind];
}
