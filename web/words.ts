/** `1,234`, as the reader's own language writes it. */
export function count(value: number): string {
  return new Intl.NumberFormat().format(value);
}

/** `27 Nov 2026, 10:05`. */
export function moment(instant: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

/** `27 Nov 2026` of a date of the account's own calendar. */
export function day(date: string): string {
  const at = new Date(`${date}T00:00:00Z`);
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" }).format(at);
}

/** The date on the reader's own clock. */
export function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** `10:05:03`. */
export function clockTime(milliseconds: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }).format(new Date(milliseconds));
}

/** `12.5 %` of a share from 0 to 1. */
export function percent(share: number): string {
  return new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** An amount in minor units as people write it: `$49.90`. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  const { maximumFractionDigits: digits = 2 } = format.resolvedOptions();
  return format.format(amount / 10 ** digits);
}
