import { type EntryFacts, entryOf, type KpiEntry } from "../shared/kpis/entry.ts";
import { randomFrom } from "./people.ts";

export const span = { from: "2024-11-27T00:00:00.000Z", to: "2026-11-27T00:00:00.000Z" } as const;

type Fact = Pick<EntryFacts, "fact" | "properties">;
type Make = (random: () => number) => Fact;

const pick = <T>(random: () => number, values: readonly [T, ...T[]]): T =>
  values[Math.floor(random() * values.length)] ?? values[0];
const sources = ["shop", "web", "ads", "referral", "fair"] as const;
const money = (random: () => number) => Math.round(2_000 * Math.exp(2 * random()));

/** What happens in a shop, and how often of a hundred. */
const mix: readonly (readonly [share: number, make: Make])[] = [
  [25, (random) => ({ fact: "lead", properties: { source: pick(random, sources), form: "contact" } })],
  [
    45,
    (random) => ({
      fact: "Order Completed",
      properties: { amount: money(random), currency: "USD", source: pick(random, sources) },
    }),
  ],
  [10, () => ({ fact: "customer" })],
  [4, (random) => ({ fact: "Order Refunded", properties: { amount: money(random), currency: "USD", source: "shop" } })],
  [8, (random) => ({ fact: "Ticket Opened", properties: { channel: pick(random, sources), team: "support" } })],
  [
    8,
    (random) => ({
      fact: "Ticket First Reply",
      properties: { lag: Math.round(60 * Math.exp(5 * random())), channel: pick(random, sources), team: "support" },
    }),
  ],
];

/** Entries spread evenly over two years, the same in each run. */
export function generateEntries(count: number): readonly KpiEntry[] {
  const random = randomFrom(11);
  const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(from + Math.floor(((to - from) * index) / count)).toISOString();
    const person = Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(16, "0");
    return entryOf({ ...factOf(random), at, person, id: `${person}${index}` });
  });
}

function factOf(random: () => number): Fact {
  let left = random() * 100;
  for (const [share, make] of mix) {
    left -= share;
    if (left < 0) return make(random);
  }
  return { fact: "customer" };
}
