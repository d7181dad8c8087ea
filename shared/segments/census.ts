import * as z from "zod/mini";
import { listShards } from "../contacts/contact.ts";
import type { Key } from "../table/item.ts";
import { type CutPoints, censusPk, fewestCustomers } from "./cut-points.ts";
import type { SegmentContact } from "./facts.ts";
import { atLeastFor, atMostFor, count, type Sketch, sizeOf, sumOf } from "./sketch.ts";

const sketch = z.record(z.string(), z.number());

/** What a census counts: customers only, and no person. */
const countsSchema = z.object({
  recencyHours: sketch,
  orders: sketch,
  /** Net revenue of each currency, of who brought any. */
  revenue: z.record(z.string(), sketch),
});
export type Counts = z.infer<typeof countsSchema>;

/** One shard of the list of contacts in the census of a date: how far it has come, and what was counted. */
export const censusShardSchema = z.object({
  pk: z.literal(censusPk),
  sk: z.string(),
  kind: z.literal("censusShard"),
  /** The UTC date: a day has one census. */
  date: z.string(),
  shard: z.string(),
  pages: z.number(),
  /** The place in the list after which the next page begins. */
  after: z.optional(z.string()),
  done: z.boolean(),
  counts: countsSchema,
});
export type CensusShard = z.infer<typeof censusShardSchema>;

export function censusShardKey(shard: string): Key {
  return { pk: censusPk, sk: `SHARD#${shard}` };
}

/** The shards of a census at its beginning. */
export function newCensus(date: string): readonly CensusShard[] {
  return Array.from({ length: listShards }, (_, number) => ({
    pk: censusPk,
    sk: `SHARD#${number}`,
    kind: "censusShard",
    date,
    shard: String(number),
    pages: 0,
    done: false,
    counts: { recencyHours: {}, orders: {}, revenue: {} },
  }));
}

const hour = 3_600_000;

/** Counts those of some contacts who are customers, on top of what was counted before. */
export function countCustomers(before: Counts, contacts: readonly SegmentContact[], now: Date): Counts {
  const counts = structuredClone(before);
  for (const { lastOrderAt, orders, revenue } of contacts) {
    if (lastOrderAt === undefined || orders < 1) continue;
    count(counts.recencyHours, Math.floor((now.getTime() - Date.parse(lastOrderAt)) / hour));
    count(counts.orders, orders);
    for (const [currency, amount] of Object.entries(revenue)) {
      if (amount <= 0) continue;
      counts.revenue[currency] ??= {};
      count(counts.revenue[currency], amount);
    }
  }
  return counts;
}

const fifths = [1, 2, 3, 4].map((number) => number / 5);

/** The cut points of all shards' counts together. */
export function cutPointsOf(counts: readonly Counts[], at: Date): Omit<CutPoints, "version"> {
  const recency = sumOf(counts.map(({ recencyHours }) => recencyHours));
  const orders = sumOf(counts.map((each) => each.orders));
  const customers = sizeOf(orders);
  const currencies = [...new Set(counts.flatMap(({ revenue }) => Object.keys(revenue)))].sort();
  const revenue = currencies.flatMap((currency) => {
    const amounts = sumOf(counts.map((each) => each.revenue[currency] ?? {}));
    return sizeOf(amounts) < fewestCustomers ? [] : [[currency, revenueCuts(amounts)] as const];
  });
  return {
    at: at.toISOString(),
    customers,
    ...(customers >= fewestCustomers && {
      recencyHours: fifths.map((share) => atLeastFor(recency, share)),
      orders: fifths.map((share) => atMostFor(orders, share)),
    }),
    revenue: Object.fromEntries(revenue),
  };
}

function revenueCuts(amounts: Sketch): CutPoints["revenue"][string] {
  return {
    customers: sizeOf(amounts),
    fifths: fifths.map((share) => atMostFor(amounts, share)),
    half: atMostFor(amounts, 1 / 2),
  };
}
