import * as z from "zod/mini";
import type { Key } from "../table/item.ts";

/** Four numbers that part the customers in fifths. */
const fifths = z.array(z.number()).check(z.length(4));

/** Where the customers are parted by how lately, how often and for how much they ordered: the newest census's result. */
export const cutPointsSchema = z.object({
  /** Counts the changes: each is a reason to evaluate the segments that ask for ranks anew. */
  version: z.number(),
  at: z.iso.datetime(),
  customers: z.number(),
  /** Hours since the last order, falling. Absent with few customers, and so is a currency with few. */
  recencyHours: z.optional(fifths),
  orders: z.optional(fifths),
  /** Of each currency net revenue in minor units, rising; `half` parts the customers in halves. */
  revenue: z.record(z.string(), z.object({ customers: z.number(), fifths, half: z.number() })),
});
export type CutPoints = z.infer<typeof cutPointsSchema>;

/** The partition of the census and its result. */
export const censusPk = "CENSUS";

export function cutPointsKey(): Key {
  return { pk: censusPk, sk: "CUTPOINTS" };
}

/** Below so many customers (of a currency, for its revenue) fixed thresholds stand in for cut points. */
export const fewestCustomers = 50;

/** The fixed thresholds: 180, 90, 60 and 30 days; 1, 2, 3 and 5 orders; 50.00 to 500.00 in a currency with two digits. */
const fewCustomers = {
  recencyHours: [4_320, 2_160, 1_440, 720],
  orders: [1, 2, 3, 5],
  revenue: [5_000, 10_000, 25_000, 50_000],
} as const;

type Known = CutPoints | undefined;
const hour = 3_600_000;

/** The instants at which a score for recency falls by one, each from 5 down to 1. */
export function recencyFalls(lastOrderAt: number, cutPoints: Known): readonly number[] {
  return (cutPoints?.recencyHours ?? fewCustomers.recencyHours).map((hours) => lastOrderAt + hours * hour);
}

/** 1 to 5: a score of s says that at least s − 1 fifths of the customers ordered as long ago, or longer. */
export function recencyScore(lastOrderAt: number, now: number, cutPoints: Known): number {
  return 1 + recencyFalls(lastOrderAt, cutPoints).filter((at) => now < at).length;
}

/** 1 to 5: a score of s says that at least s − 1 fifths of the customers ordered less often. */
export function frequencyScore(orders: number, cutPoints: Known): number {
  return scoreAbove(orders, cutPoints?.orders ?? fewCustomers.orders);
}

/** 1 to 5: a score of s says that at least s − 1 fifths of the currency's customers brought less net revenue. */
export function moneyScore(revenue: number, currency: string, cutPoints: Known): number {
  return scoreAbove(revenue, cutPoints?.revenue[currency]?.fifths ?? fewCustomers.revenue);
}

/** Who ties with others scores as the lowest of them. */
function scoreAbove(value: number, cuts: readonly number[]): number {
  return 1 + cuts.filter((cut) => value > cut).length;
}

export type ValueTier = "high" | "mid" | "low";

/** Amounts that tell the tiers while a currency has few customers. */
export const tierAmounts = { midFrom: 10_000, highFrom: 50_000 } as const;

/**
 * The tier of a customer's net revenue in a currency: the top fifth, the next three tenths, or the rest; by amounts
 * while the currency has few customers; undefined without revenue.
 */
export function tierOf(
  revenue: number,
  currency: string,
  cutPoints: Known,
  { midFrom, highFrom }: { readonly midFrom: number; readonly highFrom: number },
): ValueTier | undefined {
  if (revenue <= 0) return undefined;
  const cuts = cutPoints?.revenue[currency];
  const [isHigh, isMid] =
    cuts === undefined
      ? [revenue >= highFrom, revenue >= midFrom]
      : [revenue > (cuts.fifths[3] ?? Number.POSITIVE_INFINITY), revenue > cuts.half];
  if (isHigh) return "high";
  return isMid ? "mid" : "low";
}

/** Cut points that moved less than this share stay as they are, so that no night moves people to and fro. */
export const smallestMove = 0.05;

/** Cut points hold for a week, so that tiers stay what they are and a growing shop's segments are not rebuilt every night. */
const heldFor = 7 * 24 * hour;

/** Whether a census may find newer cut points: these have been held for a week, or rest on few customers. */
export function mayMove(cutPoints: Known, now: Date): boolean {
  if (cutPoints?.orders === undefined) return true;
  // The census runs at one time of day, by a clock that may lose an hour in the week.
  return now.getTime() - Date.parse(cutPoints.at) >= heldFor - 2 * hour;
}

type Cuts = Pick<CutPoints, "recencyHours" | "orders" | "revenue">;

/** Whether any cut point has moved so far that the segments that ask for ranks are to be evaluated anew. The first have. */
export function hasMoved(before: Cuts | undefined, after: Cuts): boolean {
  if (before === undefined) return true;
  const [from, to] = [cutsOf(before), cutsOf(after)];
  if (from.size !== to.size) return true;
  return [...to].some(([name, cut]) => {
    const old = from.get(name);
    return old === undefined || Math.abs(cut - old) > smallestMove * Math.max(cut, old);
  });
}

function cutsOf({ recencyHours = [], orders = [], revenue }: Cuts): ReadonlyMap<string, number> {
  const all = [
    ...Object.entries({ recencyHours, orders }),
    ...Object.entries(revenue).map(([currency, { fifths, half }]) => [currency, [...fifths, half]] as const),
  ];
  return new Map(all.flatMap(([name, numbers]) => numbers.map((cut, at) => [`${name} ${at}`, cut] as const)));
}
