import { Temporal } from "temporal-polyfill";

/** Local hours from one up to, but without, another; over midnight when the first is the later one. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

/** The local date, `2026-03-01`, of an instant. */
export function localDate(at: string, timeZone: string): string {
  return Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/**
 * When the quiet hours that an instant falls into are over; undefined outside them. Where clocks skip the hour of their
 * end, they end with the skip.
 */
export function quietUntil(at: string, { from, to }: Hours, timeZone: string): string | undefined {
  const local = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  const isQuiet = from < to ? local.hour >= from && local.hour < to : local.hour >= from || local.hour < to;
  return isQuiet ? nextLocalHour(at, { hour: to, timeZone }) : undefined;
}

/** The first instant after another at which clocks strike an hour, on one of some weekdays (1 Monday to 7 Sunday). */
export function nextLocalHour(
  after: string,
  {
    hour,
    weekdays,
    timeZone,
  }: { readonly hour: number; readonly weekdays?: readonly number[] | undefined; readonly timeZone: string },
): string {
  const instant = Temporal.Instant.from(after);
  const today = instant.toZonedDateTimeISO(timeZone).toPlainDate();
  for (let days = 0; days <= 8; days++) {
    const date = today.add({ days });
    const { epochMilliseconds } = date.toZonedDateTime({ timeZone, plainTime: { hour } });
    if (epochMilliseconds > instant.epochMilliseconds && (weekdays ?? [date.dayOfWeek]).includes(date.dayOfWeek)) {
      return new Date(epochMilliseconds).toISOString();
    }
  }
  throw new RangeError("no weekday of 1 to 7 is named");
}
