import * as z from "zod/mini";
import { dayRatesSchema, mostAgeDays } from "../../currency/rate.ts";
import { dayInputSchema, mostRates, ratesSchema } from "../../currency/rate-input.ts";
import { defineRoutes } from "../route.ts";
import { marketerWrites, staffReads } from "./staff-access.ts";

const reads = { ...staffReads, tag: "KPIs" } as const;
const writes = { ...marketerWrites, roles: ["admin", "manager"], tag: "KPIs" } as const;

export const currencyRateRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listCurrencyRates",
    method: "GET",
    path: "/v1/currency-rates",
    summary: "The currency rates of some days, 31 unless asked for others",
    query: z
      .strictObject({ from: z.optional(z.iso.date()), to: z.optional(z.iso.date()) })
      .check(z.refine(({ from = "", to = "9" }) => from <= to, { path: ["to"], error: "must not be before from" })),
    responses: {
      200: {
        description: "The days that have rates, oldest first.",
        schema: z.object({ items: z.array(dayRatesSchema), nextCursor: z.null() }),
      },
    },
  },
  {
    ...writes,
    operationId: "importCurrencyRates",
    method: "POST",
    path: "/v1/currency-rates",
    summary: "Enter currency rates of many days: JSON, or CSV with the columns date, currency, rate",
    description: `A rate is what one unit of the currency is worth in the account's own. At most ${mostRates} at once. Other currencies of the same days stay, so the same request again changes nothing; after an error halfway send it again. KPIs count the days concerned anew within the hour; an amount takes the newest rate of its day and the ${mostAgeDays} days before.`,
    mediaTypes: ["application/json", "text/csv"],
    body: ratesSchema,
    responses: {
      200: {
        description: "How many rates of how many days came, and how many days have changed.",
        schema: z.object({ rates: z.number(), days: z.number(), changed: z.number() }),
      },
    },
  },
  {
    ...writes,
    operationId: "putCurrencyRates",
    method: "PUT",
    path: "/v1/currency-rates/{date}",
    summary: "Set all rates of one day (`If-Match` with its version to change them)",
    params: z.object({ date: z.iso.date() }),
    body: dayInputSchema,
    responses: { 200: { description: "The day's rates as they are now.", schema: dayRatesSchema } },
  },
]);
