import { addDays, instantsOf, utcDatesOf } from "../kpis/calendar.ts";
import type { Stage } from "../stream/stage.ts";
import { createMarker, type Marking } from "../table/dirty-store.ts";
import { dayRatesSchema, mostAgeDays } from "./rate.ts";

/** Marks the days that a day's rates may concern: its own, and those after it that may have none of their own. */
export function ratesStage({ table, timeZone, now }: Marking & { readonly timeZone: string }): Stage {
  const markDay = createMarker({ table, now }, "kpis");
  return {
    name: "kpi-currency-rates",
    kind: "currencyRates",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      const { date } = dayRatesSchema.parse(item);
      const today = now().toISOString().slice(0, 10);
      const span = instantsOf({ start: date, end: addDays(date, mostAgeDays + 1) }, timeZone);
      await Promise.all(utcDatesOf(span).map((each) => (each > today ? undefined : markDay(each))));
    },
  };
}
