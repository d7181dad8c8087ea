import { currencyDigits } from "../intake/money.ts";
import type { Kpi } from "./kpi.ts";

/** A value as people read it: `12`, `8.3 %`, `EUR 12.50`, `2 d 3 h`; `n/a` when there is not enough data. */
export function formatValue({ format, currency = "" }: Pick<Kpi, "format" | "currency">, value: number | null): string {
  if (value === null) return "n/a";
  switch (format) {
    case "percent":
      return `${decimal(value * 100, 1)} %`;
    case "money":
      return money(value, currency, currencyDigits(currency));
    case "duration":
      return duration(value);
    case "ratio":
      return decimal(value, 2);
    case "score":
      return `${value > 0 ? "+" : ""}${decimal(value, 1)}`;
    case "count":
      return decimal(value, 1);
  }
}

/** A value that nobody knows to the last digit, such as a forecast: counts and amounts without decimals. */
export function formatRoughly(kpi: Pick<Kpi, "format" | "currency">, value: number): string {
  const { format, currency = "" } = kpi;
  if (format === "money") return money(value, currency, 0);
  return formatValue(kpi, format === "count" ? Math.round(value) : value);
}

/** One of the two numbers of a ratio: an amount where the KPI adds up amounts, else how many. */
export function formatPart({ currency }: Pick<Kpi, "currency">, part: number): string {
  return currency === undefined ? decimal(part, 2) : formatValue({ format: "money", currency }, part);
}

function money(minorUnits: number, currency: string, decimals: number): string {
  const amount = minorUnits / 10 ** currencyDigits(currency);
  return `${currency} ${amount.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })}`;
}

function decimal(value: number, maximumFractionDigits: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits });
}

/** The two largest units that say something. */
function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  if (hours > 0) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.round(seconds)} s`;
}
