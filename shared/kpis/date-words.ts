import { conventionsInUse, fiscalQuarterOf } from "./calendar.ts";
import type { Period } from "./period.ts";

function format(localDate: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" }).format(new Date(`${localDate}T00:00:00Z`));
}

/** `Monday, November 23, 2026`. */
export function longDate(localDate: string): string {
  return format(localDate, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** `Nov 23`. */
export function shortDate(localDate: string): string {
  return format(localDate, { day: "numeric", month: "short" });
}

/** `November 23, 2026, 8:00 AM EST`, as the clocks of the time zone show it. */
export function momentIn(instant: string, timeZone: string): string {
  const options = { dateStyle: "long", timeStyle: "long", timeZone } as const;
  return new Intl.DateTimeFormat("en-US", options).format(new Date(instant));
}

/**
 * A period by its usual name: `November 2026`, `Q4 2026`, `week of November 16`. Of a fiscal year that does not begin in
 * January `FY2027 Q1`, by the calendar year that it ends in.
 */
export function periodName({ kind, start }: Pick<Period, "kind" | "start">): string {
  switch (kind) {
    case "day":
      return format(start, { day: "numeric", month: "long" });
    case "week":
      return `week of ${format(start, { day: "numeric", month: "long" })}`;
    case "month":
      return format(start, { month: "long", year: "numeric" });
    case "quarter": {
      const { year, quarter } = fiscalQuarterOf(start);
      return isFiscal() ? `FY${year} Q${quarter}` : `Q${quarter} ${year}`;
    }
    case "year":
      return `${isFiscal() ? "FY" : ""}${fiscalQuarterOf(start).year}`;
  }
}

function isFiscal(): boolean {
  return conventionsInUse().fiscalYearStart !== 1;
}
