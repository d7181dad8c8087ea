import * as z from "zod/mini";
import { currencyDigits, toMinorUnits } from "../intake/money.ts";

/** An amount as senders write it: `19.99`, `"19.99"`, and negative for what is given back. */
export const amountSchema = z.nullish(z.union([z.string(), z.number()]));
type Amount = z.infer<typeof amountSchema>;

/** A size in minor units, whatever its sign; 0 for what is missing or no amount. */
export function minorOf(value: Amount, currency: string): number {
  if (value === null || value === undefined) return 0;
  return toMinorUnits(typeof value === "number" ? Math.abs(value) : value.trim().replace(/^-/, ""), currency) ?? 0;
}

/** The same with its sign. */
export function signedMinorOf(value: Amount, currency: string): number {
  const isNegative = String(value ?? "")
    .trim()
    .startsWith("-");
  return isNegative ? -minorOf(value, currency) : minorOf(value, currency);
}

/** Minor units as the decimal text that the Segment spec's events carry. */
export function decimalOf(minor: number, currency: string): string {
  const digits = currencyDigits(currency);
  const text = String(Math.max(0, Math.round(minor))).padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The sum of some amounts in minor units. */
export function sumOf(values: readonly Amount[], currency: string): number {
  return values.reduce<number>((sum, value) => sum + minorOf(value, currency), 0);
}
