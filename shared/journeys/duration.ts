import * as z from "zod/mini";

const pattern = /^P(?=.)(?:(\d{1,4})D)?(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?$/;

/** A length of time as ISO 8601 writes it, in days of 24 hours, hours and minutes: `P2D`, `PT1H`, `P1DT12H`. Never 0. */
export const durationSchema = z.string().check(
  z.regex(pattern, "a duration of days, hours and minutes such as P2D, PT1H or PT30M"),
  z.refine((value) => millisecondsOf(value) > 0, "longer than nothing"),
  z.refine((value) => millisecondsOf(value) <= 400 * 86_400_000, "at most 400 days"),
);

/** The milliseconds of such a duration. */
export function millisecondsOf(duration: string): number {
  const [, days = "0", hours = "0", minutes = "0"] = pattern.exec(duration) ?? [];
  return (Number(days) * 1440 + Number(hours) * 60 + Number(minutes)) * 60_000;
}
