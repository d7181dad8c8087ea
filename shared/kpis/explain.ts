import { mostAgeDays } from "../currency/rate.ts";
import { conditionsWords } from "../journeys/describe.ts";
import type { Kpi, Measure } from "./kpi.ts";
import type { KpiLine } from "./report.ts";

const aggregateWords = {
  count: () => "number of",
  sum: (of: string) => `sum of ${of} of`,
  distinct: () => "people of",
  mean: (of: string) => `mean of ${of} of`,
  median: (of: string) => `median of ${of} of`,
  p90: (of: string) => `90th percentile of ${of} of`,
  active: () => "people active at the start by",
  kept: () => "people active at the start and at the end by",
  lost: () => "people active at the start and not at the end by",
} as const;

/** How a KPI is computed: `number of Deal Won ÷ number of Deal Won or Deal Lost`. */
export function formulaOf(kpi: Kpi): string {
  const { latestOfPerson, format, factor } = kpi;
  const people = latestOfPerson ? ", of each person the latest in the period" : "";
  const times = factor === undefined ? "" : ` × ${factor}`;
  return `${ratioOf(kpi)}${format === "score" ? " × 100" : ""}${times}${people}`;
}

function ratioOf({ numerator, less, denominator, cohortDays }: Kpi): string {
  const top = [numerator, less]
    .flatMap((measure) => (measure === undefined ? [] : measureWords(measure)))
    .join(" less ");
  const cohort = cohortDays === undefined ? "" : ` within ${cohortDays} days`;
  if (denominator === undefined) return `${top}${cohort}`;
  return `${less === undefined ? top : `(${top})`}${cohort} ÷ ${measureWords(denominator)}`;
}

function measureWords({ facts, where = [], aggregate, of = "", withinDays, yearlyAtLeast }: Measure): string {
  const condition = where.length === 0 ? "" : `, where ${conditionsWords(where)}`;
  const window = withinDays === undefined ? "" : ` within ${withinDays} days`;
  const floor = yearlyAtLeast === undefined ? "" : `, at least ${100 * yearlyAtLeast} % of the active a year`;
  return `${aggregateWords[aggregate](of)} ${facts.join(" or ")}${condition}${window}${floor}`;
}

/** Why a period's value may still change, or why there is none; in words, for whoever asks. */
export function remarksOn(
  kpi: Kpi,
  line: Pick<KpiLine, "value" | "complete" | "leftOut" | "unrated">,
): readonly string[] {
  const { cohortDays, currency, bothSides, numerator } = kpi;
  const remarks = [
    !line.complete &&
      `The period still runs${cohortDays === undefined ? "" : `, or its youngest members' ${cohortDays} days do`}: the value is not compared with whole ones.`,
    line.value === null &&
      (bothSides ? "Not enough data: one side has nothing." : "Not enough data: there is nothing to divide by."),
    line.leftOut > 0 && `${line.leftOut} facts were left out: ${leftOutWords(line)}.`,
    currency !== undefined &&
      `Amounts in other currencies count by the rate of their day, or the last one of the ${mostAgeDays} days before.`,
    (numerator.aggregate === "median" || numerator.aggregate === "p90") && "Within two percent of the exact value.",
  ];
  return remarks.filter((remark) => remark !== false);
}

function leftOutWords({ leftOut, unrated = {} }: Pick<KpiLine, "leftOut" | "unrated">): string {
  const unratedOnes = Object.entries(unrated).sort(([, one], [, other]) => other - one);
  const silent = leftOut - unratedOnes.reduce((sum, [, count]) => sum + count, 0);
  const words = [
    ...unratedOnes.map(([currency, count]) => `${count} in ${currency} without a rate`),
    ...(silent > 0 ? [`${silent} that do not say what is measured`] : []),
  ];
  return words.join(", ");
}
