import { Cron } from "croner";
import { Temporal } from "temporal-polyfill";
import { StartError } from "../start-error.ts";

/** When a schedule runs. */
export interface Recurrence {
  /** `rate` ticks may coalesce; an `at` instant is kept exactly, and that of a `cron` which comes less often than hourly. */
  readonly kind: "rate" | "cron" | "at";
  /** The first instant after the given one; undefined when there is none. */
  next(after: number): number | undefined;
}

export class ScheduleError extends StartError {
  constructor(expression: string, problem: string, options?: ErrorOptions) {
    super(`Schedule expression ${expression}: ${problem}.`, options);
    this.name = "ScheduleError";
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `start` is where a rate counts from. */
export function parseSchedule(expression: string, timezone: string, start: number): Recurrence {
  const [, kind, body = ""] = /^(rate|cron|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === "rate") return parseRate(expression, body, start);
  if (kind === "cron") return parseCron(expression, body, timezone);
  if (kind === "at") return parseAt(expression, body, timezone);
  throw new ScheduleError(expression, "must be rate(…), cron(…) or at(…)");
}

function parseRate(expression: string, body: string, start: number): Recurrence {
  const [, count, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(body.trim()) ?? [];
  const period = Number(count) * (UNIT_MS[unit] ?? 0);
  if (!(period > 0)) throw new ScheduleError(expression, "must read like rate(5 minutes), hours or days");
  return { kind: "rate", next: (after) => start + period * (Math.floor((after - start) / period) + 1) };
}

function parseAt(expression: string, body: string, timezone: string): Recurrence {
  try {
    const instant = Temporal.PlainDateTime.from(body.trim()).toZonedDateTime(timezone).epochMilliseconds;
    return { kind: "at", next: (after) => (instant > after ? instant : undefined) };
  } catch (cause) {
    throw new ScheduleError(expression, "must read like at(2026-11-20T13:00:00)", { cause });
  }
}

function parseCron(expression: string, body: string, timezone: string): Recurrence {
  const cron = wallClockCron(expression, body);
  return {
    kind: "cron",
    next(after) {
      let wall = wallTime(after, timezone);
      for (;;) {
        const candidate = cron.nextRun(new Date(wall))?.getTime();
        if (candidate === undefined) return undefined;
        const instant = instantOf(candidate, timezone);
        if (instant !== undefined && instant > after) return instant;
        wall = candidate;
      }
    },
  };
}

// The expression is evaluated on wall-clock time, as if it were UTC, and then placed in the time zone.
function wallClockCron(expression: string, body: string): Cron {
  try {
    return new Cron(toCronerPattern(body), {
      mode: "7-part",
      timezone: "UTC",
      paused: true,
      domAndDow: true,
      alternativeWeekdays: true,
      sloppyRanges: true,
    });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ScheduleError(expression, problem, { cause });
  }
}

/** AWS: minute hour day-of-month month day-of-week year, one of the days being `?`; croner wants seconds before. */
export function toCronerPattern(body: string): string {
  const fields = body.trim().split(/\s+/);
  const [minute, hour, day, month, weekday, year] = fields;
  if (fields.length !== 6 || !minute || !hour || !day || !month || !weekday || !year) {
    throw new Error("needs six fields: minutes, hours, day of month, month, day of week, year");
  }
  if ((day === "?") === (weekday === "?")) throw new Error("exactly one of day of month and day of week must be ?");
  // L alone is the last day of the week, Saturday.
  const weekdays = weekday === "L" ? "7" : weekday;
  return ["0", minute, hour, day === "?" ? "*" : day, month, weekdays === "?" ? "*" : weekdays, year].join(" ");
}

function wallTime(instant: number, timezone: string): number {
  const local = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timezone);
  return local.toPlainDateTime().toZonedDateTime("UTC").epochMilliseconds;
}

// EventBridge Scheduler skips a time that the spring change leaves out, and runs a repeated one once, the first time.
function instantOf(wall: number, timezone: string): number | undefined {
  const local = Temporal.Instant.fromEpochMilliseconds(wall).toZonedDateTimeISO("UTC").toPlainDateTime();
  const zoned = local.toZonedDateTime(timezone, { disambiguation: "earlier" });
  return zoned.toPlainDateTime().equals(local) ? zoned.epochMilliseconds : undefined;
}
