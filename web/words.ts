/** `1,234`, as the reader's own language writes it. */
export function count(value: number): string {
  return new Intl.NumberFormat().format(value);
}

/** `27 Nov 2026, 10:05`. */
export function moment(instant: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

/** `10:05:03`. */
export function clockTime(milliseconds: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }).format(new Date(milliseconds));
}
