import * as z from "zod/mini";
import type { Convert } from "../currency/rate.ts";
import { holds } from "../journeys/condition.ts";
import { type Sketch, sizeOf, sumOf } from "../segments/sketch.ts";
import { type Distinct, distinctOf, packDistinct, packedDistinctSchema, sizeOfDistinct, unionOf } from "./distinct.ts";
import { add, quantile } from "./distribution.ts";
import type { KpiEntry } from "./entry.ts";
import { activityOf, isStanding, type Kpi, type Measure, measuresOf } from "./kpi.ts";
import { countsOfLatest, latestOf, unionOfLatest } from "./latest.ts";

/** A KPI's figures in a period. */
export const figuresSchema = z.object({
  numerator: z.number(),
  /** Null for a count, which has none. */
  denominator: z.nullable(z.number()),
  /** How many facts or people the value rests on. */
  n: z.number(),
  /** How many facts are in the numerator. */
  facts: z._default(z.number(), 0),
  /** Facts that say nothing the KPI could use: another currency, no amount, a close before the creation. */
  leftOut: z._default(z.number(), 0),
  /** Those of them whose currency had no rate, by currency. */
  unrated: z.optional(z.record(z.string(), z.number())),
});
export type Figures = z.infer<typeof figuresSchema>;

/** What figures are made of, such that those of days make those of their period. */
export const tallySchema = z.object({
  /** What adds up. */
  sums: figuresSchema,
  /** People, of a measure that tells them apart. */
  numeratorPeople: z.optional(packedDistinctSchema),
  denominatorPeople: z.optional(packedDistinctSchema),
  /** The values of a median or a percentile. */
  spread: z.optional(z.record(z.string(), z.number())),
  /** Of a longer period: who was active when it began, and was so no more when it ended; and its days, so far. */
  standing: z.optional(z.object({ active: z.number(), lost: z.number(), days: z.number() })),
  /** The latest fact of each person, of a KPI that counts no other. */
  latest: z.optional(z.string()),
});
export type Tally = z.infer<typeof tallySchema>;

/** A tally as `tallySchema` reads it. */
export function packTally({ numeratorPeople, denominatorPeople, ...tally }: Tally): z.input<typeof tallySchema> {
  return {
    ...tally,
    ...(numeratorPeople !== undefined && { numeratorPeople: packDistinct(numeratorPeople) }),
    ...(denominatorPeople !== undefined && { denominatorPeople: packDistinct(denominatorPeople) }),
  };
}

const shares: Partial<Record<Measure["aggregate"], number>> = { median: 0.5, p90: 0.9 };

/** Without rates amounts in other currencies are left out. */
const noRates: Convert = () => undefined;

/** Counts a KPI over entries. One fact counts once, whatever number of entries tell of it. */
export function tallyOf(kpi: Kpi, entries: readonly KpiEntry[], convert = noRates): Tally {
  const facts = factsIn(entries).map((entry) => inCurrencyOf(kpi, entry, convert));
  const leftOut = new Set<KpiEntry>();
  const numerator = chosen(kpi, kpi.numerator, facts, leftOut).filter((entry) => isInTime(kpi, entry));
  const less = kpi.less === undefined ? [] : chosen(kpi, kpi.less, facts, leftOut);
  const denominator = kpi.denominator === undefined ? undefined : chosen(kpi, kpi.denominator, facts, leftOut);
  const top = amountOf(kpi.numerator, numerator) - (kpi.less === undefined ? 0 : amountOf(kpi.less, less));
  const bottom = kpi.denominator && denominator && amountOf(kpi.denominator, denominator);
  if (kpi.latestOfPerson) {
    const latest = latestOf(facts, { numerator, less, denominator: denominator ?? [] });
    return { sums: { numerator: 0, denominator: 0, n: 0, facts: 0, ...leftOutOf(kpi, leftOut) }, latest };
  }
  const activity = activityOf(kpi);
  const isMean = kpi.numerator.aggregate === "mean";
  return {
    sums: {
      numerator: top,
      denominator: isMean ? numerator.length : (bottom ?? null),
      n: activity === undefined ? (denominator ?? numerator).length : 0,
      facts: numerator.length + less.length,
      ...leftOutOf(kpi, leftOut),
    },
    ...(kpi.numerator.aggregate === "distinct" && { numeratorPeople: peopleOf(numerator) }),
    ...(kpi.denominator?.aggregate === "distinct" && { denominatorPeople: peopleOf(denominator ?? []) }),
    ...(shares[kpi.numerator.aggregate] !== undefined && { spread: spreadOf(kpi.numerator, numerator) }),
  };
}

/** Who had a fact of those that keep one active, in whatever currency. */
export function activePeopleOf(activity: Measure, entries: readonly KpiEntry[]): Distinct {
  return peopleOf(factsIn(entries).filter((entry) => isOf(activity, entry)));
}

function factsIn(entries: readonly KpiEntry[]): readonly KpiEntry[] {
  return [...new Map(entries.map((entry) => [factOf(entry), entry])).values()].filter(({ withdrawn }) => !withdrawn);
}

/** Adds the tallies of days to that of the period that they make, but for who is active. Days without facts may be missing. */
export function sumTallies(kpi: Kpi, tallies: readonly Tally[]): Tally {
  const none = tallyOf(kpi, []);
  const sum = (pick: (figures: Figures) => number) => tallies.reduce((total, { sums }) => total + pick(sums), 0);
  const unrated = sumOf(tallies.map(({ sums }) => sums.unrated ?? {}));
  const union = (pick: (tally: Tally) => string | undefined) => unionOf(tallies.map((tally) => pick(tally) ?? ""));
  return {
    sums: {
      numerator: sum(({ numerator }) => numerator),
      denominator: none.sums.denominator === null ? null : sum(({ denominator }) => denominator ?? 0),
      n: sum(({ n }) => n),
      facts: sum(({ facts }) => facts),
      leftOut: sum(({ leftOut }) => leftOut),
      ...(Object.keys(unrated).length > 0 && { unrated }),
    },
    ...(none.numeratorPeople !== undefined && { numeratorPeople: union(({ numeratorPeople }) => numeratorPeople) }),
    ...(none.denominatorPeople !== undefined && {
      denominatorPeople: union(({ denominatorPeople }) => denominatorPeople),
    }),
    ...(none.latest !== undefined && { latest: unionOfLatest(tallies.map(({ latest }) => latest ?? "")) }),
    ...(none.spread !== undefined && { spread: sumOf(tallies.map(({ spread }) => spread ?? {})) }),
  };
}

/** The figures that a tally says. A percentile of nothing has a denominator of zero, so that its value is null. */
export function figuresOf(kpi: Kpi, tally: Tally): Figures {
  const { sums, numeratorPeople, denominatorPeople, spread, latest } = tally;
  if (activityOf(kpi) !== undefined) return figuresOfActivity(kpi, tally);
  if (latest !== undefined) return { ...countsOfLatest(latest, kpi.denominator !== undefined), leftOut: sums.leftOut };
  const share = shares[kpi.numerator.aggregate];
  if (spread !== undefined && share !== undefined) {
    const n = sizeOf(spread);
    return { ...sums, numerator: quantile(spread, share), denominator: Math.min(1, n), n };
  }
  const numerator = numeratorPeople === undefined ? sums.numerator : sizeOfDistinct(numeratorPeople);
  const denominator = denominatorPeople === undefined ? sums.denominator : sizeOfDistinct(denominatorPeople);
  const n =
    denominatorPeople !== undefined
      ? denominator
      : numeratorPeople !== undefined && denominator === null
        ? numerator
        : sums.n;
  return { ...sums, numerator, denominator, n: n ?? sums.n };
}

/** Of a tally that does not say who is active, as a day's, the value is null. */
function figuresOfActivity({ numerator, denominator }: Kpi, { sums, standing }: Tally): Figures {
  const { active, lost, days } = standing ?? { active: 0, lost: 0, days: 0 };
  const people = { active, lost, kept: active - lost };
  const countOf = (measure: Measure) =>
    isStanding(measure) ? people[measure.aggregate as keyof typeof people] : undefined;
  const counts = [denominator, numerator].flatMap((measure) => (measure && countOf(measure)) ?? []);
  const atLeast = (active * (denominator?.yearlyAtLeast ?? 0) * days) / 365.25;
  const bottom = denominator && Math.max(countOf(denominator) ?? sums.denominator ?? 0, atLeast);
  return { ...sums, numerator: countOf(numerator) ?? sums.numerator, denominator: bottom ?? null, n: counts[0] ?? 0 };
}

/** The figures of a period in which there was no fact. */
export function noFigures(kpi: Kpi): Figures {
  return figuresOf(kpi, tallyOf(kpi, []));
}

/** A KPI's value: a count, or a ratio, which over nothing is null ("not enough data") and never 0. */
export function kpiValue(
  kpi: Pick<Kpi, "bothSides" | "format" | "factor">,
  { numerator, denominator, facts }: Figures,
): number | null {
  const { factor = 1 } = kpi;
  if (denominator === null) return factor * numerator;
  if (kpi.bothSides && facts === 0) return null;
  if (denominator === 0) return null;
  return (factor * (kpi.format === "score" ? 100 : 1) * numerator) / denominator;
}

/** The name and the id in an entry's key: a milestone that moved within a day is still one fact. */
function factOf({ sk, at }: KpiEntry): string {
  return sk.slice(at.length);
}

/** An entry as a KPI adds it up: its amounts in the KPI's currency, where there is a rate. */
function inCurrencyOf(kpi: Kpi, entry: KpiEntry, convert: Convert): KpiEntry {
  const { currency: from } = entry.properties;
  const to = kpi.currency;
  if (to === undefined || typeof from !== "string" || from === to) return entry;
  const amounts = new Set(
    measuresOf(kpi).flatMap(({ measure: { of } }) => (of === undefined || of === "lag" ? [] : of)),
  );
  const converted = [...amounts.add("amount")].flatMap((name) => {
    const amount = entry.properties[name];
    return typeof amount === "number" ? [[name, convert(amount, from, to)] as const] : [];
  });
  if (converted.length === 0 || converted.some(([, amount]) => amount === undefined)) return entry;
  return { ...entry, properties: { ...entry.properties, ...Object.fromEntries(converted), currency: to } } as KpiEntry;
}

function leftOutOf(kpi: Kpi, leftOut: ReadonlySet<KpiEntry>): Pick<Figures, "leftOut" | "unrated"> {
  const unrated: Record<string, number> = {};
  for (const { properties } of leftOut) {
    const currency = String(properties.currency ?? kpi.currency);
    if (kpi.currency !== undefined && currency !== kpi.currency) unrated[currency] = (unrated[currency] ?? 0) + 1;
  }
  return { leftOut: leftOut.size, ...(Object.keys(unrated).length > 0 && { unrated }) };
}

function isOf({ facts, where = [] }: Measure, { fact, properties }: KpiEntry): boolean {
  return facts.includes(fact) && where.every((condition) => holds(condition, properties));
}

function chosen(kpi: Kpi, measure: Measure, entries: readonly KpiEntry[], leftOut: Set<KpiEntry>) {
  const { of } = measure;
  return entries.filter((entry) => {
    if (!isOf(measure, entry)) return false;
    const { properties } = entry;
    const foreign =
      kpi.currency !== undefined && properties.currency !== undefined && properties.currency !== kpi.currency;
    if (!foreign && (of === undefined || typeof properties[of] === "number")) return true;
    leftOut.add(entry);
    return false;
  });
}

/** A member of a cohort counts when it came within the KPI's cohort days. */
function isInTime({ cohortDays }: Kpi, { properties: { lag } }: KpiEntry): boolean {
  return cohortDays === undefined || typeof lag !== "number" || lag <= cohortDays * 86_400;
}

function amountOf({ aggregate, of }: Measure, entries: readonly KpiEntry[]): number {
  if (aggregate === "count") return entries.length;
  if (aggregate !== "sum" && aggregate !== "mean") return 0;
  return entries.reduce((sum, { properties }) => sum + Number(properties[of ?? ""]), 0);
}

function peopleOf(entries: readonly KpiEntry[]): Distinct {
  return distinctOf(entries.map(({ person }) => person));
}

function spreadOf({ of }: Measure, entries: readonly KpiEntry[]): Sketch {
  const sketch: Sketch = {};
  for (const { properties } of entries) add(sketch, Number(properties[of ?? ""]));
  return sketch;
}
