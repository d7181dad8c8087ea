import { fitActivity } from "../shared/customers/activity-model.ts";
import { groupHistories, type PurchaseHistory } from "../shared/customers/purchase-history.ts";
import { fitSpend, type Spend } from "../shared/customers/spend-model.ts";
import { atMost, type Figure, plain } from "./figure.ts";

export interface CustomersBench {
  readonly customers: number;
  readonly report: (step: string) => void;
}

/** What generated customers buy by, near the figures of a music shop: weeks, and dollars. */
const truth = { r: 0.5, alpha: 6, a: 0.9, b: 1.6, p: 6, q: 4, v: 15 };
const years = 3;

/** How long the models of a customer base take to fit on generated customers of three years, and what they find again. */
export function benchCustomers({ customers, report }: CustomersBench): readonly Figure[] {
  report(`generating ${customers} customers`);
  const random = randomOf(7);
  const people = Array.from({ length: customers }, () => customerOf(random));
  report("fitting");
  const start = performance.now();
  const groups = groupHistories(people.map(({ history }) => history));
  const grouped = performance.now();
  const activity = fitActivity("MBG/NBD", groups);
  const active = performance.now();
  const spends = people.flatMap(({ spend }) => spend ?? []);
  const spend = fitSpend(spends);
  const end = performance.now();
  return [
    atMost(`fit of ${customers} customers: all`, (end - start) / 1000, "s", 60),
    plain("  grouping equal histories", (grouped - start) / 1000, "s"),
    plain("  histories that differ", groups.length, "groups"),
    plain("  MBG/NBD", (active - grouped) / 1000, "s"),
    plain(`  Gamma-Gamma on ${spends.length} repeat buyers`, (end - active) / 1000, "s"),
    ...(["r", "alpha", "a", "b"] as const).map((name) => plain(`  ${name}, of ${truth[name]}`, activity[name], "")),
    ...(["p", "q", "v"] as const).map((name) => plain(`  ${name}, of ${truth[name]}`, spend[name], "")),
  ];
}

type Random = () => number;

/** A customer by the models' own story, to the day. */
function customerOf(random: Random): { readonly history: PurchaseHistory; readonly spend: Spend | undefined } {
  const days = 1 + Math.floor(random() * years * 365);
  const rate = gammaOf(random, truth.r) / truth.alpha / 7;
  const [one, other] = [gammaOf(random, truth.a), gammaOf(random, truth.b)];
  const leaves = one / (one + other);
  let [at, last, frequency] = [0, 0, 0];
  while (random() >= leaves) {
    at -= Math.log(1 - random()) / rate;
    if (!(at < days)) break;
    if (Math.floor(at) === last) continue;
    last = Math.floor(at);
    frequency++;
  }
  const history = { frequency, recency: last / 7, age: days / 7 };
  if (frequency === 0) return { history, spend: undefined };
  const scale = gammaOf(random, truth.q) / truth.v;
  return { history, spend: { purchases: frequency, mean: gammaOf(random, truth.p * frequency) / scale / frequency } };
}

/** A number of Gamma(shape, 1), by Marsaglia & Tsang (2000). */
function gammaOf(random: Random, shape: number): number {
  if (shape < 1) return gammaOf(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < normal ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** The same numbers from 0 to below 1 in each run: the mulberry32 generator. */
function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
