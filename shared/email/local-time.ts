import { Temporal } from "temporal-polyfill";
import * as z from "zod/mini";

/** What becomes of a mail whose local time has passed when it is asked for: the same time a day later, or at once. */
export const lateSchema = z.enum(["nextDay", "atOnce"]);

export const localDateSchema = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/), z.refine(isDate, "not a date"));
export const localClockSchema = z
  .string()
  .check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 09:00, up to 23:59"));

/** A date and a time of day by the clock of whoever gets the mail. */
export const localTimeSchema = z.object({
  date: localDateSchema,
  time: localClockSchema,
  late: lateSchema,
  /** So much later than that, so that not all mails of one zone go out in the same second. */
  lagSeconds: z.number(),
});
export type LocalTime = z.output<typeof localTimeSchema>;

function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

/** Who is less late than this gets the mail at once. */
const graceMilliseconds = 3_600_000;

/**
 * From when on a mail is wanted: when it was asked for, or at its local time in a zone. Always the same for the same
 * request, so that any number of looks agree. Where clocks skip the time, it is that much later.
 */
export function wantedFrom(
  { requestedAt, localTime }: { readonly requestedAt: string; readonly localTime?: LocalTime | undefined },
  timeZone: string,
): Date {
  const asked = Date.parse(requestedAt);
  if (localTime === undefined) return new Date(asked);
  const { date, time, late, lagSeconds } = localTime;
  for (let days = 0; ; days++) {
    const at = atLocal(date, time, timeZone, days) + lagSeconds * 1_000;
    if (at >= asked) return new Date(at);
    if (late === "atOnce" || at > asked - graceMilliseconds) return new Date(asked);
  }
}

function atLocal(date: string, time: string, timeZone: string, days: number): number {
  const plainTime = Temporal.PlainTime.from(time);
  return Temporal.PlainDate.from(date).add({ days }).toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
}

/** When a local date and time comes for the first place on earth, and when for the last. */
export function spanOf({ date, time }: { readonly date: string; readonly time: string }): {
  readonly first: Date;
  readonly last: Date;
} {
  return { first: new Date(atLocal(date, time, "+14:00", 0)), last: new Date(atLocal(date, time, "-12:00", 0)) };
}
