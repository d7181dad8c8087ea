import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctOf, sizeOfDistinct, unionOf } from "../../../shared/kpis/distinct.ts";
import { entriesOf, entryOf, type KpiEntry, personOf } from "../../../shared/kpis/entry.ts";
import type { Fact } from "../../../shared/kpis/fact.ts";
import { formatValue } from "../../../shared/kpis/format-value.ts";
import { groupsOf, mostGroups, otherGroup, sumGroups } from "../../../shared/kpis/groups.ts";
import { type Kpi, kpiSchema } from "../../../shared/kpis/kpi.ts";
import { figuresOf, kpiValue, sumTallies, tallyOf } from "../../../shared/kpis/tally.ts";
import { digestOf } from "../../../shared/table/hash.ts";
import { kpiNamed, kpis } from "./support.ts";

let ids = 0;
function fact(name: Fact, properties: Record<string, string | number> = {}, who = `p${++ids}`): KpiEntry {
  return entryOf({ fact: name, at: "2026-03-01T10:00:00.000Z", person: personOf(who), id: `${++ids}`, properties });
}
const order = (amount: number, who?: string, currency = "EUR") => fact("Order Completed", { amount, currency }, who);
const refund = (amount: number) => fact("Order Refunded", { amount, currency: "EUR" });
const cost = (amount: number, kind: string) => fact("Cost", { amount, currency: "EUR", kind });
const attributed = (amount: number) => fact("Order Attributed", { amount, currency: "EUR", campaign: "autumn" });
const campaignCost = (amount: number) => fact("Cost", { amount, currency: "EUR", kind: "ads", campaign: "autumn" });
const won = (properties: Record<string, number>) => fact("Deal Won", { currency: "EUR", ...properties });
const customer = () => fact("customer");
const answer = (kind: string, score?: number) =>
  fact("Survey Answered", { kind, survey: kind, ...(score !== undefined && { score }) });

function valueBy(id: string, entries: readonly KpiEntry[]) {
  const kpi = kpiNamed(id);
  return kpiValue(kpi, figuresOf(kpi, tallyOf(kpi, entries)));
}

describe("each shipped KPI, computed by hand", () => {
  it.each<[string, string, readonly KpiEntry[], number | null]>([
    ["net-revenue", "of no order", [], 0],
    [
      "net-revenue",
      "less refunds, foreign amounts left out",
      [order(1000), order(500), refund(200), order(9, "x", "USD")],
      1300,
    ],
    ["net-revenue", "below zero in a month of refunds alone", [refund(200)], -200],
    ["orders", "of two", [order(1000), order(0)], 2],
    ["average-order-value", "of none", [], null],
    ["average-order-value", "of 10.00 and a true zero", [order(1000), order(0)], 500],
    ["refund-rate", "with nothing ordered", [refund(100)], null],
    ["refund-rate", "of 2.50 of 10.00", [order(1000), refund(250)], 0.25],
    ["arpu", "of nobody", [], null],
    [
      "arpu",
      "of two buyers with three orders, a refund and a free order",
      [order(300, "a"), order(300, "a"), order(600, "b"), refund(200), order(0, "c")],
      500,
    ],
    ["csat", "of no answer", [], null],
    ["csat", "where all is blank or does not apply", [answer("csat"), answer("csat")], null],
    [
      "csat",
      "of 5, 4, 3 and a blank",
      [answer("csat", 5), answer("csat", 4), answer("csat", 3), answer("csat")],
      2 / 3,
    ],
    ["csat", "of another kind's 9", [answer("nps", 9)], null],
    ["nps", "of no answer", [], null],
    ["nps", "where all is blank", [answer("nps"), answer("nps")], null],
    ["nps", "of promoters alone", [answer("nps", 9), answer("nps", 10)], 100],
    ["nps", "of detractors alone", [answer("nps", 0), answer("nps", 6)], -100],
    [
      "nps",
      "of one each, and two passives",
      [answer("nps", 10), answer("nps", 6), answer("nps", 7), answer("nps", 8)],
      0,
    ],
    ["win-rate", "of nothing closed", [fact("Deal Created")], null],
    ["win-rate", "of one of four", [won({}), fact("Deal Lost"), fact("Deal Lost"), fact("Deal Lost")], 0.25],
    [
      "average-deal-size",
      "of 100, a true zero and one without amount",
      [won({ amount: 100 }), won({ amount: 0 }), won({})],
      50,
    ],
    ["sales-cycle", "of 10, 20 and 40 seconds", [won({ lag: 40 }), won({ lag: 10 }), won({ lag: 20 })], 20],
    ["sales-cycle", "of two: the smaller", [won({ lag: 10 }), won({ lag: 20 })], 10],
    ["sales-cycle", "of none that can tell", [won({})], null],
    [
      "sales-cycle-mean",
      "of 10 and 21 seconds, one that cannot tell left out",
      [won({ lag: 10 }), won({ lag: 21 }), won({})],
      15.5,
    ],
    [
      "first-response-time-p90",
      "of 1 to 10",
      Array.from({ length: 10 }, (_, at) => fact("Ticket First Reply", { lag: at + 1 })),
      9,
    ],
    ["resolution-time", "of a resolution at once", [fact("Ticket Resolved", { lag: 0 })], 0],
    ["cac", "without a cost entered", [customer(), customer()], null],
    ["cac", "without a customer", [cost(500, "ads")], null],
    [
      "cac",
      "of ads and sales, not of support",
      [cost(500, "ads"), cost(500, "sales"), cost(9, "support"), customer(), customer()],
      500,
    ],
    ["paid-cac", "of ads alone", [cost(500, "ads"), cost(500, "sales"), customer(), customer()], 250],
    ["marketing-efficiency", "without a cost", [order(100)], null],
    ["campaign-roi", "without a campaign's cost", [attributed(100), cost(50, "ads")], null],
    ["campaign-roi", "of a campaign that brought nothing", [campaignCost(50)], -1],
    ["campaign-roi", "of 3.00 for 2.00", [attributed(100), attributed(200), campaignCost(200), cost(9, "ads")], 0.5],
    ["campaign-roi", "of an order that was wholly taken back", [attributed(0), campaignCost(100)], -1],
    ["marketing-efficiency", "of 3.00 for 1.00", [order(400), refund(100), cost(100, "marketing")], 3],
  ])("%s %s", (id, _, entries, expected) => {
    expect(valueBy(id, entries)).toBe(expected);
  });

  it("tells how many facts it could not use", () => {
    const kpi = kpiNamed("average-deal-size");
    expect(tallyOf(kpi, [won({ amount: 100 }), won({})]).sums).toMatchObject({ n: 1, leftOut: 1 });
  });

  it("counts nothing that was withdrawn", () => {
    const gone = { ...won({ amount: 100 }), withdrawn: true } as const;
    expect(valueBy("win-rate", [gone])).toBeNull();
  });
});

describe("days", () => {
  const entry = fc.oneof(
    fc
      .record({ amount: fc.nat(1e6), who: fc.constantFrom("a", "b", "c", "d") })
      .map(({ amount, who }) => order(amount, who)),
    fc.nat(1e6).map(refund),
    fc.record({ amount: fc.nat(1e6), lag: fc.nat(1e7) }).map(won),
    fc.nat(1e7).map((lag) => fact("Ticket First Reply", { lag })),
    fc.constant(0).map(customer),
    fc.nat(1e4).map((amount) => cost(amount, "ads")),
  );

  it("make their period's figures, however they are grouped: of every KPI", () => {
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 6 }), fc.nat(6), (days, cut) => {
        for (const kpi of kpis) {
          const tallies = days.map((entries) => tallyOf(kpi, entries));
          const parts = [sumTallies(kpi, tallies.slice(0, cut)), sumTallies(kpi, tallies.slice(cut))];
          const whole = tallyOf(kpi, days.flat());
          expect(figuresOf(kpi, sumTallies(kpi, tallies))).toEqual(figuresOf(kpi, whole));
          expect(sumTallies(kpi, parts)).toEqual(sumTallies(kpi, tallies));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("give a median and a 90th percentile within two percent of the exact ones", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e8), { minLength: 1, maxLength: 60 }), (lags) => {
        const sorted = lags.toSorted((a, b) => a - b);
        for (const [id, name, share] of [
          ["sales-cycle", "Deal Won", 0.5],
          ["first-response-time-p90", "Ticket First Reply", 0.9],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length - 1e-9) - 1] ?? 0;
          const value =
            valueBy(
              id,
              lags.map((lag) => fact(name, { lag })),
            ) ?? -1;
          expect(value).toBeGreaterThanOrEqual(exact);
          expect(value).toBeLessThanOrEqual((exact + 1) * 1.02);
        }
      }),
    );
  });
});

describe("distinct people", () => {
  const hashes = (count: number) => Array.from({ length: count }, (_, at) => digestOf([String(at)], 16));

  it.each([0, 1, 2047])("are %d exactly", (count) => {
    expect(sizeOfDistinct(distinctOf(hashes(count)))).toBe(count);
  });

  it("are told within 7 % of 20,000, whatever the parts", () => {
    const all = hashes(20_000);
    const union = unionOf([distinctOf(all.slice(0, 15_000)), distinctOf(all.slice(9_000))]);
    expect(union).toBe(distinctOf(all));
    expect(Math.abs(sizeOfDistinct(union) / 20_000 - 1)).toBeLessThan(0.07);
  });
});

describe("slices", () => {
  const leads = kpiNamed("new-leads");
  const leadFrom = (leadSource: string | undefined, at: number) =>
    entriesOf({ contactId: `s${at}`, leadAt: "2026-03-01T10:00:00.000Z", ...(leadSource && { leadSource }) });

  it("are kept by what facts carry, the largest first; the rest are one group", () => {
    const sources = Array.from({ length: mostGroups + 2 }, (_, at) => `source-${at}`);
    const entries = [...sources, "source-7", undefined].flatMap(leadFrom);
    const groups = groupsOf(leads, "source", entries);
    expect(Object.keys(groups)).toHaveLength(mostGroups + 1);
    expect(Object.keys(groups)[0]).toBe("source-7");
    expect(groups[otherGroup]?.n).toBe(3);
    expect(Object.values(groups).reduce((sum, { n }) => sum + n, 0)).toBe(entries.length);
  });

  it("of days add up", () => {
    const day = groupsOf(leads, "source", [leadFrom("ads", 1), leadFrom(undefined, 2)].flat());
    const groups = sumGroups(leads, [day, day, {}]);
    expect(groups).toMatchObject({ ads: { numerator: 2 }, "(none)": { numerator: 2 } });
  });
});

describe("a definition", () => {
  const sound: Kpi = {
    id: "big-orders",
    title: "Big orders",
    definition: "Orders of 100.00 and more.",
    format: "count",
    direction: "up",
    numerator: { facts: ["Order Completed"], where: [{ property: "amount", atLeast: 10_000 }], aggregate: "count" },
    slices: ["source"],
    version: 1,
  };
  const of = (changes: object) =>
    kpiSchema.safeParse({ ...sound, ...changes }).error?.issues.map(({ path, message }) => [path.join("."), message]) ??
    [];
  const count = { facts: ["Order Completed"], aggregate: "count" };

  it("that is sound is taken", () => {
    expect(of({})).toEqual([]);
  });

  it.each<[string, object, [string, string][]]>([
    [
      "an unknown fact",
      { numerator: { ...count, facts: ["Rain"] } },
      [["numerator.facts.0", expect.stringContaining("there is no such fact; there are lead, ")]],
    ],
    [
      "a sum of nothing",
      { numerator: { ...count, aggregate: "sum" } },
      [["numerator.of", "sum needs a number; there are amount"]],
    ],
    [
      "a sum of a text",
      { numerator: { ...count, aggregate: "sum", of: "coupon" } },
      [["numerator.of", "coupon is no number of Order Completed; there are amount"]],
    ],
    ["a count of a number", { numerator: { ...count, of: "amount" } }, [["numerator.of", "a count takes none"]]],
    [
      "a condition on what is not known",
      { numerator: { ...count, where: [{ property: "owner", equals: "mia" }] } },
      [
        [
          "numerator.where.0.property",
          expect.stringContaining("owner is not known of Order Completed; there are currency,"),
        ],
      ],
    ],
    [
      "a median with a denominator",
      { slices: [], numerator: { ...count, aggregate: "median", of: "amount" }, denominator: count },
      [["numerator.aggregate", "a median stands alone; leave out less and denominator"]],
    ],
    [
      "a slice that not all facts carry",
      { denominator: { facts: ["lead"], aggregate: "count" }, slices: ["coupon"] },
      [["slices.0", "not known of all its facts; there are source"]],
    ],
    ["money without a currency", { format: "money" }, [["currency", "name the currency"]]],
    [
      "a cohort without a lag",
      { cohortDays: 30 },
      [["cohortDays", expect.stringContaining("needs facts that carry a lag")]],
    ],
    [
      "slices of distinct people",
      { numerator: { ...count, aggregate: "distinct" } },
      [["slices", "are kept of counts, sums and means only"]],
    ],
  ])("with %s says so", (_, changes, expected) => {
    expect(of(changes)).toEqual(expected);
  });
});

it.each([
  [{ format: "money", currency: "EUR" }, 123_450, "EUR 1,234.50"],
  [{ format: "money", currency: "JPY" }, 1500, "JPY 1,500"],
  [{ format: "duration" }, 183_600, "2 d 3 h"],
  [{ format: "duration" }, 5_400, "1 h 30 min"],
  [{ format: "duration" }, 20, "20 s"],
  [{ format: "score" }, 42.25, "+42.3"],
  [{ format: "score" }, -100, "-100"],
  [{ format: "score" }, 0, "0"],
  [{ format: "ratio" }, 3.256, "3.26"],
] as const)("formats %o", (kpi, value, expected) => {
  expect(formatValue(kpi, value)).toBe(expected);
});
