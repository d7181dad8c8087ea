import { Temporal } from "temporal-polyfill";
import { currencyDigits } from "../intake/money.ts";

/** What a cell says, or what is wrong with it. */
export type Read = { readonly value: string } | { readonly fault: string };

const shown = (text: string) => `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
const fault = (text: string, problem: string): Read => ({ fault: `${shown(text)} ${problem}` });

/** Digits in groups of three, then perhaps a fraction behind the other mark. */
const grouped = /^\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,](\d+))?$/;
const fraction = /^(\d+)[.,](\d+)$/;

/**
 * An amount or a quantity as people and programs write it (`1234.5`, `1,234.50`, `1.234,50`, `€ 19,99`, `1'234.50`), as plain
 * decimal text. `1,234` may be either, and is a fault unless the currency, or the program that wrote it, leaves no doubt.
 *
 * @param currency whose decimal places tell `1,500` yen from 1.5
 * @param decimalPoint the file is a program's, which writes a point before decimals
 */
export function readDecimal(text: string, currency: string | undefined, decimalPoint: boolean): Read {
  const bare = text.replaceAll(/[\p{Sc}\s'’]/gu, "");
  if (/^-|^\(.*\)$/.test(bare)) return fault(text, "is negative: an order's amounts are zero or more");
  if (/^\d+$/.test(bare) || (decimalPoint && /^\d+\.\d+$/.test(bare))) return { value: bare };
  const groups = grouped.exec(bare);
  const isSplitOnce = groups !== null && groups[2] === undefined && bare.split(groups[1] ?? "").length === 2;
  if (groups !== null && !isSplitOnce) return { value: withoutGroups(bare, groups[2]) };
  const [, whole, places] = fraction.exec(bare) ?? [];
  if (whole === undefined || places === undefined) return fault(text, "is no amount: write it as 1234.56");
  if (!isSplitOnce || whole.startsWith("0")) return { value: `${whole}.${places}` };
  const digits = currency === undefined ? undefined : currencyDigits(currency);
  if (digits === 0) return { value: `${whole}${places}` };
  return fault(text, `may be ${whole}${places} or ${whole}.${places}: write it without groups, with a decimal point`);
}

function withoutGroups(bare: string, places: string | undefined): string {
  const whole = places === undefined ? bare : bare.slice(0, -places.length - 1);
  return `${whole.replaceAll(/[.,]/g, "")}${places === undefined ? "" : `.${places}`}`;
}

const time = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?`;
const zone = String.raw`\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?`;
const yearFirst = new RegExp(`^(\\d{4})[-/.](\\d{1,2})[-/.](\\d{1,2})${time}${zone}$`, "i");
const dayFirst = new RegExp(`^(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})${time}$`);

/**
 * A time as people and programs write it, as ISO 8601 UTC: `2026-03-05`, `2026-03-05 10:03:46 -0400`, `5.3.2026 10:03`.
 *
 * @param timeZone of what names no zone of its own
 */
export function readInstant(text: string, timeZone: string): Read {
  const [, year, month, day, ...clock] = yearFirst.exec(text) ?? [];
  if (year !== undefined) return instantOf(text, [year, month, day, ...clock], timeZone);
  const [, date, monthOf, yearOf, ...hours] = dayFirst.exec(text) ?? [];
  if (date !== undefined) return instantOf(text, [yearOf, monthOf, date, ...hours], timeZone);
  return fault(text, "is no date that can be told for sure: write it as 2026-03-05 or 2026-03-05 14:30");
}

function instantOf(text: string, parts: readonly (string | undefined)[], timeZone: string): Read {
  const numbers = parts.slice(0, 6).map((part) => Number(part ?? 0));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers;
  try {
    const local = Temporal.PlainDateTime.from({ year, month, day, hour, minute, second }, { overflow: "reject" });
    const instant = local.toZonedDateTime(zoneOf(parts[6], timeZone)).toInstant();
    return { value: new Date(instant.epochMilliseconds).toISOString() };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fault(text, "is no day and time of the calendar");
  }
}

function zoneOf(told: string | undefined, timeZone: string): string {
  if (told === undefined) return timeZone;
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(told) ?? [];
  return sign === undefined ? "UTC" : `${sign}${hours}:${minutes}`;
}
