import * as z from "zod/mini";
import { currencyDigits, isCurrency } from "../intake/money.ts";

/** A rate older than this many days is taken for none: weekends and holidays have no rates. */
export const mostAgeDays = 7;

/** What one unit of a currency is worth in the account's own, as a decimal: `1.1712`. */
const decimal = /^\d{1,9}(\.\d{1,12})?$/;
const said = "a positive decimal with a point and at most 12 places, such as 1.1712";
export const rateValueSchema = z
  .pipe(z.union([z.string(), z.number()], `must be ${said}`), z.transform(String))
  .check(z.refine((value) => decimal.test(value) && Number(value) > 0, `must be ${said}`));
export const currencySchema = z.string().check(z.refine(isCurrency, "not an ISO 4217 currency, such as EUR"));

/** The rates of one day, in currencies worth so much of the base. */
export const dayRatesSchema = z.object({
  date: z.iso.date(),
  /** The account's currency when they were entered. */
  base: z.string(),
  rates: z.record(z.string(), z.string()),
  version: z.number(),
  updatedAt: z.iso.datetime(),
  updatedBy: z.string(),
});
export type DayRates = z.infer<typeof dayRatesSchema>;

/** An amount of one currency in another, both in minor units; undefined where no rate is known. */
export type Convert = (amount: number, from: string, to: string) => number | undefined;

/**
 * Converts by the rates of a day: of the newest of some days that knows both currencies.
 *
 * @param days none after the day of the amount
 */
export function convertBy(days: readonly Pick<DayRates, "date" | "base" | "rates">[]): Convert {
  const newestFirst = days.toSorted((a, b) => (a.date < b.date ? 1 : -1));
  return (amount, from, to) => {
    for (const { base, rates } of newestFirst) {
      const [worth, other] = [from, to].map((currency) => (currency === base ? "1" : rates[currency]));
      if (worth !== undefined && other !== undefined) return converted(amount, { from, worth }, { to, other });
    }
    return undefined;
  };
}

/** Exact but for its one rounding: to the nearest minor unit, halves away from zero. */
function converted(
  amount: number,
  { from, worth }: { readonly from: string; readonly worth: string },
  { to, other }: { readonly to: string; readonly other: string },
): number {
  const [up, down] = [fractionOf(worth), fractionOf(other)];
  const above = BigInt(Math.round(Math.abs(amount))) * up.over * 10n ** BigInt(currencyDigits(to)) * down.under;
  const below = up.under * 10n ** BigInt(currencyDigits(from)) * down.over;
  return Math.sign(amount) * Number((2n * above + below) / (2n * below));
}

function fractionOf(value: string): { readonly over: bigint; readonly under: bigint } {
  const [whole = "", places = ""] = value.split(".");
  return { over: BigInt(whole + places), under: 10n ** BigInt(places.length) };
}
