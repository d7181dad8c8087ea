import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { isCurrency } from "../intake/money.ts";
import { conditionSchema } from "../journeys/condition.ts";
import { digestOf } from "../table/hash.ts";
import { eventNameOf, type Fact, factSchema, facts, mayCarry, sharedBy } from "./fact.ts";

export const aggregates = ["count", "sum", "distinct", "mean", "median", "p90", "active", "lost", "kept"] as const;
export const formats = ["count", "percent", "ratio", "money", "duration", "score"] as const;

/** What is counted or measured of some facts. */
export const measureSchema = z.strictObject({
  facts: z.array(factSchema).check(z.minLength(1), z.maxLength(5)),
  /** All must hold, on what the fact carries (`fact.ts`). */
  where: z.optional(z.array(conditionSchema).check(z.maxLength(10))),
  /**
   * `distinct` counts people; `median` and `p90` are within two percent (`distribution.ts`). `active` are the people with
   * such a fact in the last `withinDays` days when the period begins, `kept` those of them with one in the last
   * `withinDays` days when it ends, `lost` the others.
   */
  aggregate: z.enum(aggregates),
  /** The number that is added up or compared. */
  of: z.optional(z.string()),
  withinDays: z.optional(z.int().check(z.gte(1), z.lte(400))),
  /** `lost` counts for at least this share of the active a year: a lifetime that is told by it has an end. */
  yearlyAtLeast: z.optional(z.number().check(z.gt(0), z.lte(1))),
});
export type Measure = z.infer<typeof measureSchema>;

export const kpiIdSchema = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9-]{1,39}$/, "2 to 40 small letters, digits and hyphens, a letter first"));

const members = {
  title: z.string().check(z.trim(), z.minLength(1), z.maxLength(60)),
  /** In words, for whoever reads the figure. */
  definition: z.string().check(z.trim(), z.minLength(1), z.maxLength(300)),
  /** `money` is in minor units of `currency`, `duration` in seconds, `score` in hundredths of its ratio: −100 to 100. */
  format: z.enum(formats),
  direction: z.enum(["up", "down"]),
  numerator: measureSchema,
  /** Taken off the numerator: refunds off revenue. */
  less: z.optional(measureSchema),
  /** Without one the KPI is what its numerator is. */
  denominator: z.optional(measureSchema),
  /** What the denominator counts, in the plural. */
  basis: z.optional(z.string().check(z.maxLength(60))),
  /** For a cohort: how many days each member has to get into the numerator; younger cohorts are incomplete. */
  cohortDays: z.optional(z.int().check(z.gte(1), z.lte(365))),
  /** Null unless something is in the numerator, too: no cost entered is not a cost of nothing. */
  bothSides: z.optional(z.literal(true)),
  /** What the value is multiplied by: the margin, where revenue is to tell what remains of it. */
  factor: z.optional(z.number().check(z.gt(0), z.lte(1000))),
  /** Of each person only the latest fact of a period counts, among those that any measure takes. */
  latestOfPerson: z.optional(z.literal(true)),
  /** Facts in another currency are left out: amounts of two currencies are never added. */
  currency: z.optional(z.string().check(z.refine(isCurrency, "not an ISO 4217 currency, such as EUR"))),
  /** What its figures are kept by as well: properties that every fact of the KPI carries. */
  slices: z.optional(z.array(z.string()).check(z.maxLength(4))),
};

/** What staff say of a KPI. */
export const kpiInputSchema = z.strictObject(members).check((context) => addFaults(context));
export type KpiInput = z.infer<typeof kpiInputSchema>;

/** A KPI as data. */
export const kpiSchema = z
  .strictObject({
    id: kpiIdSchema,
    ...members,
    /** Goes up whenever what is counted changes; snapshots carry it. */
    version: z.int().check(z.gte(1)),
  })
  .check((context) => addFaults(context));
export type Kpi = z.infer<typeof kpiSchema>;

function addFaults({ value, issues }: { value: KpiInput; issues: z.core.$ZodRawIssue[] }): void {
  for (const issue of faultsOf(value)) issues.push({ code: "custom", ...issue, input: value });
}

/** What of a KPI decides its figures: another title counts nothing anew. */
export function countedBy(kpi: KpiInput) {
  const { numerator, less, denominator, cohortDays, latestOfPerson, currency, slices } = kpi;
  return { numerator, less, denominator, cohortDays, latestOfPerson, currency, slices };
}

/** Aggregates whose days add up to their period. */
const linear: ReadonlySet<Measure["aggregate"]> = new Set(["count", "sum", "mean"]);
const alone: ReadonlySet<Measure["aggregate"]> = new Set(["mean", "median", "p90"]);
/** What compares those active when a period begins with those active when it ends. */
const standing: ReadonlySet<Measure["aggregate"]> = new Set(["active", "lost", "kept"]);
const measuring: ReadonlySet<Measure["aggregate"]> = new Set(["sum", "mean", "median", "p90"]);

/** Whether the figures of days make those of their period by being added. */
export function addsUp(kpi: KpiInput): boolean {
  return kpi.latestOfPerson !== true && measuresOf(kpi).every(({ measure }) => linear.has(measure.aggregate));
}

/** Whether the value grows with its period (a count or a sum) or not (a ratio, a mean). */
export function isCumulative({ numerator, denominator }: KpiInput): boolean {
  return denominator === undefined && !alone.has(numerator.aggregate) && !standing.has(numerator.aggregate);
}

/** A measure of who is active, and its days. */
export type StandingMeasure = Measure & { readonly withinDays: number };

export function isStanding(measure: Measure): measure is StandingMeasure {
  return standing.has(measure.aggregate);
}

/** By what a KPI tells who is active; undefined of one that does not ask. All its measures of it are of the same facts. */
export function activityOf(kpi: Pick<Kpi, "numerator" | "less" | "denominator">): StandingMeasure | undefined {
  return measuresOf(kpi)
    .map(({ measure }) => measure)
    .find(isStanding);
}

/** Names the people of an activity's facts: KPIs that ask for the same have them in common, whatever their days. */
export function peopleName({ facts, where = [] }: Measure): string {
  return digestOf([JSON.stringify([facts.toSorted(), where])], 16);
}

/** What no value of the KPI goes below or beyond: only what something is taken off from can be below nothing. */
export function valueBounds({ less, format }: Pick<Kpi, "less" | "format">): {
  readonly least?: number;
  readonly most?: number;
} {
  if (format === "score") return { least: -100, most: 100 };
  return { ...(less === undefined && { least: 0 }), ...(format === "percent" && { most: 1 }) };
}

/** The measures of a KPI by where they stand in it. */
export function measuresOf({ numerator, less, denominator }: Pick<Kpi, "numerator" | "less" | "denominator">) {
  const all = { numerator, less, denominator } as const;
  return (["numerator", "less", "denominator"] as const).flatMap((place) => {
    const measure = all[place];
    return measure === undefined ? [] : [{ place, measure }];
  });
}

interface Fault {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What no single member shows to be wrong, in words. */
function faultsOf(kpi: KpiInput): readonly Fault[] {
  const { numerator, less, denominator, slices = [], cohortDays, format, currency } = kpi;
  const of = measuresOf(kpi).flatMap(({ measure }) => measure.facts);
  const faults = measuresOf(kpi).flatMap(({ place, measure }) => measureFaults(place, measure));
  const say = (path: Fault["path"], message: string) => void faults.push({ path, message });
  if (alone.has(numerator.aggregate) && (less !== undefined || denominator !== undefined))
    say(["numerator", "aggregate"], `a ${numerator.aggregate} stands alone; leave out less and denominator`);
  if (denominator !== undefined && alone.has(denominator.aggregate))
    say(["denominator", "aggregate"], "use count, sum or distinct");
  if (less !== undefined && (less.aggregate !== numerator.aggregate || !linear.has(less.aggregate)))
    say(["less", "aggregate"], "what is taken off must be a count or a sum, as the numerator is");
  if (kpi.latestOfPerson && measuresOf(kpi).some(({ measure }) => measure.aggregate !== "count"))
    say(["latestOfPerson"], "is for a KPI whose measures are all counts");
  faults.push(...standingFaults(kpi));
  if (format === "score" && denominator === undefined) say(["format"], "a score needs a denominator");
  if (kpi.bothSides && denominator === undefined) say(["bothSides"], "is for a KPI with a denominator");
  if (cohortDays !== undefined && !mayCarry(numerator.facts, ["numbers"], "lag"))
    say(["cohortDays"], "needs facts that carry a lag in the numerator, such as conversion");
  if ((format === "money") !== (currency !== undefined) && (format === "money" || !usesMoney(kpi)))
    say(["currency"], format === "money" ? "name the currency" : "is for a KPI that adds up amounts");
  for (const [index, name] of slices.entries()) {
    if (!mayCarry(of, ["texts"], name))
      say(["slices", index], `not known of all its facts; ${listOf(sharedBy(of, "texts"))}`);
    if (slices.indexOf(name) !== index) say(["slices", index], "is named twice");
  }
  if (slices.length > 0 && !addsUp(kpi)) say(["slices"], "are kept of counts, sums and means only");
  return faults;
}

function standingFaults(kpi: KpiInput): Fault[] {
  const faults: Fault[] = [];
  const [first, ...others] = measuresOf(kpi).filter(({ measure }) => standing.has(measure.aggregate));
  for (const { place, measure } of measuresOf(kpi)) {
    const { aggregate, withinDays, yearlyAtLeast } = measure;
    if (standing.has(aggregate) !== (withinDays !== undefined))
      faults.push({
        path: [place, "withinDays"],
        message:
          withinDays === undefined
            ? `${aggregate} needs the days for which a fact keeps somebody active`
            : `is for active, kept and lost; a ${aggregate} takes none`,
      });
    if (yearlyAtLeast !== undefined && aggregate !== "lost")
      faults.push({ path: [place, "yearlyAtLeast"], message: "is for lost" });
  }
  const asks = ({ facts, where = [], withinDays }: Measure) => ({ facts, where, withinDays });
  for (const { place, measure } of others) {
    if (first !== undefined && !isDeepStrictEqual(asks(measure), asks(first.measure)))
      faults.push({
        path: [place],
        message: "must be of the same facts, conditions and days as the other of its kind",
      });
  }
  if (first !== undefined && kpi.less !== undefined && standing.has(kpi.numerator.aggregate))
    faults.push({ path: ["less"], message: "nothing can be taken off people" });
  return faults;
}

function measureFaults(place: string, { facts: of, where = [], aggregate, of: property }: Measure): Fault[] {
  const faults: Fault[] = [];
  const numbers = sharedBy(of, "numbers");
  const texts = sharedBy(of, "texts");
  for (const [index, fact] of of.entries()) {
    const name = eventNameOf(fact);
    if (facts.some((known) => known === name))
      faults.push({
        path: [place, "facts", index],
        message: `use the fact ${name}: it knows what the event stands for`,
      });
    if (of.indexOf(fact) !== index) faults.push({ path: [place, "facts", index], message: "is named twice" });
  }
  if (measuring.has(aggregate) && property === undefined)
    faults.push({ path: [place, "of"], message: `${aggregate} needs a number; ${listOf(numbers)}` });
  if (measuring.has(aggregate) && property !== undefined && !mayCarry(of, ["numbers"], property))
    faults.push({ path: [place, "of"], message: `${property} is no number of ${of.join(", ")}; ${listOf(numbers)}` });
  if (!measuring.has(aggregate) && property !== undefined)
    faults.push({ path: [place, "of"], message: `a ${aggregate} takes none` });
  for (const [index, { property }] of where.entries()) {
    if (!mayCarry(of, ["numbers", "texts"], property))
      faults.push({
        path: [place, "where", index, "property"],
        message: `${property} is not known of ${of.join(", ")}; ${listOf(texts && numbers && [...texts, ...numbers])}`,
      });
  }
  return faults;
}

function usesMoney(kpi: KpiInput): boolean {
  return measuresOf(kpi).some(({ measure }) => measure.of !== undefined && measure.of !== "lag");
}

function listOf(names: readonly string[] | undefined): string {
  if (names === undefined) return "name a top-level property of the event that does not say who somebody is";
  return names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
}

/** Every fact that a KPI counts. */
export function factsOf(kpi: Kpi): ReadonlySet<Fact> {
  return new Set(measuresOf(kpi).flatMap(({ measure }) => measure.facts));
}
