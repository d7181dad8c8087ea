/** From this local hour until that one marketing waits; the same hour twice means never. */
export interface QuietHours {
  readonly from: number;
  readonly until: number;
}

const quarter = 15 * 60_000;

/**
 * When a mail may go out: now, or the first quarter of an hour that is not quiet. Quarters, since every zone's clock
 * differs from UTC by some of them, whatever daylight saving does in between.
 */
export function allowedAt(now: Date, timeZone: string, quiet: QuietHours): Date {
  if (!isQuiet(now, timeZone, quiet)) return now;
  let at = Math.ceil((now.getTime() + 1) / quarter) * quarter;
  while (isQuiet(new Date(at), timeZone, quiet)) at += quarter;
  return new Date(at);
}

/** Whether an instant lies in the quiet hours of a zone. */
export function isQuiet(at: Date, timeZone: string, { from, until }: QuietHours): boolean {
  if (from === until) return false;
  const hour = hourIn(at, timeZone);
  return from < until ? hour >= from && hour < until : hour >= from || hour < until;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function hourIn(at: Date, timeZone: string): number {
  const format =
    formats.get(timeZone) ?? new Intl.DateTimeFormat("en", { timeZone, hour: "numeric", hourCycle: "h23" });
  formats.set(timeZone, format);
  return Number(format.format(at));
}
