import * as z from "zod/mini";

/** An amount of money: an integer in the currency's minor unit (cents, yen, fils). */
export const moneySchema = z.object({ amount: z.number(), currency: z.string() });
export type Money = z.infer<typeof moneySchema>;

/** ISO 4217's currencies whose minor unit is not a hundredth. */
const digitsOf: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0]),
  ),
  ...Object.fromEntries("BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3])),
  CLF: 4,
  UYW: 4,
};

const currencies = new Set(Intl.supportedValuesOf("currency"));

/** Whether the code is a currency of ISO 4217, in capitals. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/** How many decimal places a currency has: 2 for EUR, 0 for JPY, 3 for KWD. */
export function currencyDigits(currency: string): number {
  return digitsOf[currency] ?? 2;
}

/** Far above any order, far below where integers stop being exact. */
const largestAmount = 1e15;

/**
 * A price as shops write it (`19.99` or `"19.99"`), in minor units; halves of a minor unit round up.
 *
 * @returns undefined for what is not a price: negative, not a number, or absurdly large.
 */
export function toMinorUnits(value: number | string, currency: string): number | undefined {
  // Six places drop what binary fractions leave behind, such as 27.500000000000004.
  const text = typeof value === "number" ? value.toFixed(6) : value.trim();
  const match = /^(\d{1,16})(?:\.(\d{1,20}))?$/.exec(text);
  if (match === null) return undefined;
  const digits = currencyDigits(currency);
  const fraction = (match[2] ?? "").padEnd(digits + 1, "0");
  const whole = Number(`${match[1]}${fraction.slice(0, digits)}`);
  const amount = whole + (Number(fraction[digits]) >= 5 ? 1 : 0);
  return amount <= largestAmount ? amount : undefined;
}
