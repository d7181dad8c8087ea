import { Temporal } from "temporal-polyfill";
import * as z from "zod/mini";
import { valueAt } from "./condition.ts";

/** A contact's own dates, as the API shows them. */
export const contactDateSchema = z
  .string()
  .check(
    z.regex(
      /^contact\.(?:(?:traits|fields)\.[\w-]{1,60}|customerAt|lastOrderAt)$/,
      "a path such as contact.traits.birthday, contact.customerAt or contact.lastOrderAt",
    ),
  );
/** The same, or a date that the run's event brought. */
export const anyDateSchema = z.union([
  contactDateSchema,
  z.string().check(z.regex(/^event\.[\w.]{1,100}$/, "a path such as event.departure or contact.traits.renewal")),
]);

/** When of a date: `-P7D` is a week before it. Days are calendar days, whatever clocks do. */
export const offsetSchema = z
  .string()
  .check(z.regex(/^-?P(?=.)(?:\d{1,3}D)?(?:T(?=.)(?:\d{1,4}H)?(?:\d{1,5}M)?)?$/, "a duration such as -P7D or PT2H"));

/** The local hour of a date without a time of day. */
export const hourSchema = z.number().check(z.int(), z.gte(0), z.lte(23));
const usualHour = 9;

export interface DateRule {
  readonly date: string;
  readonly offset?: string | undefined;
  /** Without it, the time that the date itself has, or 9 o'clock. */
  readonly hour?: number | undefined;
}

/** What paths lead into. */
export type DatedFacts = Readonly<Record<"contact" | "event", unknown>>;

/** The instant that a rule names, ISO 8601; undefined where there is no date. */
export function momentOf(rule: DateRule, facts: DatedFacts, timeZone: string): string | undefined {
  const date = readDate(valueAt(rule.date, { ...facts }), timeZone);
  return date && momentAt(date, rule, timeZone);
}

export interface Occurrence {
  readonly at: string;
  /** The date itself in the time zone, without the offset. */
  readonly date: string;
}

/** The first occurrence whose moment comes after an instant; a yearly one has one each year from its date on. */
export function nextOccurrence(
  rule: DateRule & { readonly yearly?: boolean | undefined },
  facts: DatedFacts,
  { timeZone, after }: { readonly timeZone: string; readonly after: string },
): Occurrence | undefined {
  const date = readDate(valueAt(rule.date, { ...facts }), timeZone);
  if (date === undefined) return undefined;
  const thisYear = Temporal.Instant.from(after).toZonedDateTimeISO(timeZone).year;
  // An offset reaches over the turn of the year, of at most 999 days over three.
  const years = [-3, -2, -1, 0, 1, 2, 3, 4].map((more) => Math.max(thisYear + more, date.day.year));
  const days = rule.yearly === true ? years.map((year) => date.day.with({ year })) : [date.day];
  return days
    .map((day) => ({ at: momentAt({ ...date, day }, rule, timeZone), date: day.toString() }))
    .find(({ at }) => at > after);
}

interface ReadDate {
  readonly day: Temporal.PlainDate;
  readonly time?: Temporal.PlainTime;
}

function readDate(value: unknown, timeZone: string): ReadDate | undefined {
  if (typeof value !== "string") return undefined;
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(value)) return { day: Temporal.PlainDate.from(value) };
    const local = Temporal.Instant.from(value).toZonedDateTimeISO(timeZone);
    return { day: local.toPlainDate(), time: local.toPlainTime() };
  } catch {
    return undefined;
  }
}

function momentAt({ day, time }: ReadDate, { offset = "PT0M", hour }: DateRule, timeZone: string): string {
  const plainTime = hour === undefined ? (time ?? { hour: usualHour }) : { hour };
  const { epochMilliseconds } = day.toZonedDateTime({ timeZone, plainTime }).add(Temporal.Duration.from(offset));
  return new Date(epochMilliseconds).toISOString();
}

/** Whether a text can be a date: what a change of a contact is looked at for. */
export function looksLikeDate(value: unknown): value is string {
  return typeof value === "string" && readDate(value, "UTC") !== undefined;
}
