import { isDeepStrictEqual } from "node:util";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { currencyRateRoutes } from "../http/routes/currency-rates.ts";
import { addDays, localDateAt } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import type { DayRates } from "./rate.ts";
import { parseRates, type Rate, refusal } from "./rate-input.ts";
import { changeDay, readRates } from "./rate-store.ts";

export interface RateHandlerDependencies {
  readonly table: Table;
  readonly timeZone: string;
  /** The account's, in which all others are worth something. */
  readonly currency: string;
  readonly now: () => Date;
}

/** Days written side by side. */
const together = 10;
/** Days that a list shows unless asked for others. */
const shownDays = 31;

/** What the staff API does with currency rates. */
export function rateHandlers(deps: RateHandlerDependencies): Handlers<typeof currencyRateRoutes> {
  const { table, timeZone, currency: base, now } = deps;
  const today = () => localDateAt(now(), timeZone);
  const stampOf = (username: string | undefined) => ({
    updatedAt: now().toISOString(),
    updatedBy: username ?? "unknown",
  });
  const requireKnown = (rates: readonly (Rate & { readonly pointer: string })[]) => {
    const errors = rates.flatMap(({ date, currency, pointer }) => {
      if (date > addDays(today(), 1)) return { pointer, message: `${date} has not come yet`, code: "invalid" };
      if (currency === base) return { pointer, message: `${base} is the account's own currency`, code: "invalid" };
      return [];
    });
    if (errors.length > 0) throw refusal(errors);
  };

  return {
    async importCurrencyRates({ rawBody, headers, caller }) {
      const rates = parseRates(rawBody, headers["content-type"] ?? "");
      requireKnown(rates.map((rate, index) => ({ ...rate, pointer: `/rates/${index}` })));
      const stamp = stampOf(caller?.username);
      const days = [...Map.groupBy(rates, ({ date }) => date)];
      let changed = 0;
      for (let at = 0; at < days.length; at += together) {
        const written = await Promise.all(
          days
            .slice(at, at + together)
            .map(([date, of]) => changeDay(table, date, merge(of, { date, base, ...stamp }))),
        );
        changed += written.filter((day) => day.changed).length;
      }
      return { status: 200, body: { rates: rates.length, days: days.length, changed } };
    },

    async putCurrencyRates({ params: { date }, body, headers, caller }) {
      const entered = Object.entries(body.rates);
      requireKnown(entered.map(([currency, rate]) => ({ date, currency, rate, pointer: `/rates/${currency}` })));
      const expected = expectedVersion(headers["if-match"]);
      const { day } = await changeDay(table, date, (before) => {
        if (before?.version !== expected)
          throw new DomainError(
            "version_conflict",
            `The rates of ${date} are at version ${before?.version ?? 0}. Read them, then send ${before === undefined ? "no If-Match" : `If-Match: "${before.version}"`}.`,
          );
        return { date, base, rates: body.rates, version: 0, ...stampOf(caller?.username) };
      });
      if (day === undefined) throw new Error("a day that was written is there");
      return { status: 200, body: day, headers: { etag: `"${day.version}"` } };
    },

    async listCurrencyRates({ query }) {
      const to = query.to ?? today();
      const from = query.from ?? addDays(to, 1 - shownDays);
      const items = await readRates(table, { from, to, consistent: true });
      return { status: 200, body: { items: [...items], nextCursor: null } };
    },
  };
}

/** What is entered stands beside what is known of the day's other currencies; undefined where all stands already. */
function merge(entered: readonly Rate[], day: Omit<DayRates, "rates" | "version">) {
  return (before: DayRates | undefined): DayRates | undefined => {
    const known = before?.base === day.base ? before.rates : {};
    const rates = { ...known, ...Object.fromEntries(entered.map(({ currency, rate }) => [currency, rate])) };
    if (before?.base === day.base && isDeepStrictEqual(rates, before.rates)) return undefined;
    return { ...day, rates, version: 0 };
  };
}
