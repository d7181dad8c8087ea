import { Temporal } from "temporal-polyfill";
import { localDateAt } from "../kpis/calendar.ts";
import { type Schedule, type Subscription, weekdays } from "./subscription.ts";

/** A local date on which a digest is wanted, and the instant from which on. */
export interface Occasion {
  readonly date: string;
  readonly at: Date;
}

/** A month and a day: no schedule pauses for longer. */
const longestPauseDays = 32;

/**
 * The newest local date whose hour has come. Where clocks skip the hour it is that much later, where they repeat it the
 * first counts (Temporal's "compatible").
 *
 * @param timeZone for a schedule without one of its own
 */
export function newestOccasion(schedule: Schedule, timeZone: string, now: Date): Occasion | undefined {
  const zone = schedule.timeZone ?? timeZone;
  const today = Temporal.PlainDate.from(localDateAt(now, zone));
  for (let back = 0; back <= longestPauseDays; back++) {
    const date = today.subtract({ days: back });
    if (!isWanted(schedule, date)) continue;
    const at = instantOf(date, schedule.hour, zone);
    if (at <= now.getTime()) return { date: date.toString(), at: new Date(at) };
  }
  return undefined;
}

/**
 * What of a subscription is due: its newest occasion, unless that was before it began, or has been sent. Older ones that
 * were missed are not made up for.
 *
 * @param sentFor the local date of the last one that was sent
 */
export function dueOccasion(
  subscription: Subscription,
  sentFor: string | undefined,
  timeZone: string,
  now: Date,
): Occasion | undefined {
  if (subscription.stoppedAt !== undefined) return undefined;
  const newest = newestOccasion(subscription, timeZone, now);
  if (newest === undefined || newest.at.getTime() < Date.parse(subscription.since)) return undefined;
  return sentFor !== undefined && sentFor >= newest.date ? undefined : newest;
}

/** When the running hour began by the clocks of a zone, some of which are half an hour off. */
export function startOfHour(now: Date, timeZone: string): Date {
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone);
  return new Date(local.round({ smallestUnit: "hour", roundingMode: "floor" }).epochMilliseconds);
}

function isWanted({ weekdays: on, dayOfMonth }: Schedule, date: Temporal.PlainDate): boolean {
  if (dayOfMonth !== undefined) return date.day === dayOfMonth;
  const weekday = weekdays[date.dayOfWeek - 1];
  return weekday !== undefined && on?.includes(weekday) === true;
}

function instantOf(date: Temporal.PlainDate, hour: number, timeZone: string): number {
  return date.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from({ hour }) }).epochMilliseconds;
}
