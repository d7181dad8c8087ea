import Papa from "papaparse";
import * as z from "zod/mini";
import { DomainError, type Violation } from "../errors.ts";
import { decodeUtf8, parseJson, parsePart } from "../http/request.ts";
import { currencySchema, rateValueSchema } from "./rate.ts";

/** Rates of one request: a year of some thirty currencies. */
export const mostRates = 12_000;

export const rateSchema = z.strictObject({ date: z.iso.date(), currency: currencySchema, rate: rateValueSchema });
export type Rate = z.infer<typeof rateSchema>;

export const ratesSchema = z
  .strictObject({ rates: z.array(rateSchema).check(z.minLength(1), z.maxLength(mostRates)) })
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    for (const [index, { date, currency }] of value.rates.entries()) {
      const name = `${date} ${currency}`;
      if (seen.has(name))
        issues.push({ code: "custom", path: ["rates", index], message: `${name} is there twice`, input: value });
      seen.add(name);
    }
  });

/** Rates of one day, by currency. */
export const dayInputSchema = z.strictObject({ rates: z.record(currencySchema, rateValueSchema) });

/**
 * Rates as JSON, or as CSV with the columns date, currency and rate.
 *
 * @throws DomainError unsupported_media_type, malformed_json or invalid_input, whose pointers name rows of CSV from 1
 */
export function parseRates(rawBody: Buffer, contentType: string): readonly Rate[] {
  if (/^application\/json\s*(;|$)/i.test(contentType)) return parsePart(ratesSchema, parseJson(rawBody), "").rates;
  if (/^text\/csv\s*(;|$)/i.test(contentType)) return parseCsv(decodeUtf8(rawBody));
  throw new DomainError(
    "unsupported_media_type",
    `Send the rates as text/csv or application/json; they came as "${contentType}".`,
  );
}

function parseCsv(text: string): readonly Rate[] {
  const { data, errors, meta } = Papa.parse<unknown>(text, {
    header: true,
    skipEmptyLines: "greedy",
    transformHeader: (name) => name.trim().toLowerCase(),
    transform: (cell) => cell.trim(),
  });
  const missing = ["date", "currency", "rate"].filter((column) => !meta.fields?.includes(column));
  if (missing.length > 0)
    throw refusal([{ pointer: "/rows/0", message: `the first row has no ${missing.join(", ")}`, code: "invalid" }]);
  // Too few or too many cells, a quote that never ends; a delimiter that cannot be guessed is a comma.
  const broken = errors.filter(({ type }) => type !== "Delimiter");
  if (broken.length > 0) {
    // The library counts the first row among those of quotes, and not among the others.
    const faults = broken.map(({ type, row = 0, message }) => {
      return { pointer: `/rows/${type === "Quotes" ? row : row + 1}`, message, code: "invalid" };
    });
    throw refusal([...new Map(faults.map((fault) => [fault.pointer, fault])).values()]);
  }
  try {
    return parsePart(ratesSchema, { rates: data }, "").rates;
  } catch (error) {
    if (!(error instanceof DomainError) || error.errors === undefined) throw error;
    throw refusal(error.errors.map((each) => ({ ...each, pointer: rowOf(each.pointer) })));
  }
}

function rowOf(pointer: string): string {
  return pointer.replace(/^\/rates\/(\d+)/, (_, index) => `/rows/${Number(index) + 1}`);
}

/** Errors beyond these say nothing new. */
const mostErrors = 20;

export function refusal(errors: readonly Violation[]): DomainError {
  const [first] = errors;
  return new DomainError(
    "invalid_input",
    `Nothing was kept: ${errors.length === 1 ? "one value is" : `${errors.length} values are`} wrong. First: ${first?.pointer}: ${first?.message}.`,
    { errors: errors.slice(0, mostErrors) },
  );
}
