import * as z from "zod/mini";
import type { Contact } from "../contacts/contact.ts";
import { purchasesIn } from "../contacts/purchase-rules.ts";
import type { Key } from "../table/item.ts";
import { activityParametersSchema, fitActivity } from "./activity-model.ts";
import { groupHistories, historyOf, type PurchaseHistory } from "./purchase-history.ts";
import { fitSpend, type Spend, spendParametersSchema } from "./spend-model.ts";

/**
 * With fewer customers no model is fitted: of the CDNOW sample, nine in ten fits on 500 customers taken at random foretell
 * purchases within a fifth of those of a fit on all, and nine in ten on 200 within little more than a quarter.
 */
export const fewestCustomers = 500;
/** Nor with fewer who came back, in a currency for what they spend. */
export const fewestRepeatBuyers = 100;
/** Nor before anybody has been a customer for half a year: twelve months are foretold. */
export const fewestWeeks = 26;

/** Why no model is fitted. */
const shortages = ["fewCustomers", "fewRepeatBuyers", "shortTime"] as const;

/** The models of an account's customers as last fitted, or why there are none. */
export const customerModelSchema = z.object({
  /** Counts the fits. */
  version: z.number(),
  /** Counts those by which customers are seen so differently that segments are to look at all of them again. */
  moves: z._default(z.number(), 0),
  /** The activity model of the last such fit, and when that was. */
  moved: z.optional(z.object({ at: z.iso.datetime(), activity: z.optional(activityParametersSchema) })),
  at: z.iso.datetime(),
  /** Customers that were looked at, and those of them who bought on two days or more. */
  customers: z.number(),
  repeatBuyers: z.number(),
  /** MBG/NBD, in weeks. */
  activity: z.optional(z.extend(activityParametersSchema, { logLikelihood: z.number() })),
  shortage: z.optional(z.enum(shortages)),
  /** Gamma-Gamma of each currency with enough repeat buyers, in minor units. */
  spend: z.record(z.string(), z.extend(spendParametersSchema, { repeatBuyers: z.number(), logLikelihood: z.number() })),
});
export type CustomerModel = z.infer<typeof customerModelSchema>;

export function customerModelKey(): Key {
  return { pk: "CUSTOMERS", sk: "MODEL" };
}

/** What the models know a contact by; the rest of the contact's item is left out. */
export type Buyer = Pick<Contact, "purchases" | "ordered" | "revenue">;

/** What a buyer spent in the one currency of all their orders. */
export interface BuyerSpend extends Spend {
  readonly currency: string;
  /** Net of refunds, of a purchase in the mean, the first one included. */
  readonly meanOfAll: number;
}

/**
 * What a buyer spent on a purchase in the mean, the first one left out; of refunds, which tell no day, each purchase bears
 * its share by amount. Undefined with orders in several currencies: their amounts are never added.
 */
export function spendOf({ purchases, ordered, revenue }: Buyer): BuyerSpend | undefined {
  const currencies = Object.entries(ordered).filter(([, amount]) => amount > 0);
  const [only] = currencies;
  if (purchases === undefined || only === undefined || currencies.length > 1) return undefined;
  const [currency, total] = only;
  const net = revenue[currency] ?? 0;
  const repeats = purchases.count - 1;
  const later = (total - (purchases.first.ordered[currency] ?? 0)) * (net / total);
  return {
    currency,
    purchases: repeats,
    mean: repeats === 0 ? 0 : later / repeats,
    meanOfAll: net / purchases.count,
  };
}

/** What a fit needs of the customers. */
export interface CustomerBase {
  readonly histories: readonly PurchaseHistory[];
  readonly spends: readonly BuyerSpend[];
}

/** The customers among some contacts, as of a day. */
export function customerBaseOf(buyers: Iterable<Buyer>, today: number): CustomerBase {
  const histories: PurchaseHistory[] = [];
  const spends: BuyerSpend[] = [];
  for (const buyer of buyers) {
    const purchases = purchasesIn(buyer);
    if (purchases === undefined) continue;
    histories.push(historyOf(purchases, today));
    const spend = spendOf(buyer);
    if (spend !== undefined && spend.purchases > 0 && spend.mean > 0) spends.push(spend);
  }
  return { histories, spends };
}

/** Fits the models of a customer base where they have enough to go by. Pure. */
export function fitCustomerModel(
  { histories, spends }: CustomerBase,
  at: Date,
): Omit<CustomerModel, "version" | "moves"> {
  const repeatBuyers = histories.filter(({ frequency }) => frequency > 0).length;
  const counts = { at: at.toISOString(), customers: histories.length, repeatBuyers };
  const shortage = shortageOf(histories, repeatBuyers);
  if (shortage !== undefined) return { ...counts, shortage, spend: {} };
  const { r, alpha, a, b, logLikelihood } = fitActivity("MBG/NBD", groupHistories(histories));
  const currencies = [...new Set(spends.map(({ currency }) => currency))].sort();
  const fitted = currencies.flatMap((currency) => {
    const own = spends.filter((spend) => spend.currency === currency);
    return own.length < fewestRepeatBuyers ? [] : [[currency, { ...fitSpend(own), repeatBuyers: own.length }] as const];
  });
  return { ...counts, activity: { r, alpha, a, b, logLikelihood }, spend: Object.fromEntries(fitted) };
}

function shortageOf(histories: readonly PurchaseHistory[], repeatBuyers: number): CustomerModel["shortage"] {
  if (histories.length < fewestCustomers) return "fewCustomers";
  if (repeatBuyers < fewestRepeatBuyers) return "fewRepeatBuyers";
  return histories.some(({ age }) => age >= fewestWeeks) ? undefined : "shortTime";
}
