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

/** A period by its usual name: `November 2026`, `Q4 2026`, `week of November 16`. */
export function periodName({ kind, start }: Pick<Period, "kind" | "start">): string {
  switch (kind) {
    case "day":
      return format(start, { day: "numeric", month: "long" });
    case "week":
      return `week of ${format(start, { day: "numeric", month: "long" })}`;
    case "month":
      return format(start, { month: "long", year: "numeric" });
    case "quarter":
      return `Q${Math.ceil(Number(start.slice(5, 7)) / 3)} ${start.slice(0, 4)}`;
    case "year":
      return start.slice(0, 4);
  }
}
