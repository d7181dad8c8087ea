import { type Cell, csvOf } from "../http/csv.ts";
import { periodName } from "./date-words.ts";
import type { Kpi } from "./kpi.ts";
import type { GroupLine, KpiLine } from "./report.ts";
import type { SeriesPoint } from "./series.ts";
import type { Goal } from "./target.ts";

/** Every table begins by what tells how to read a value: `money` is in minor units of `currency`, `duration` in seconds. */
const reading = ["kpi", "format", "currency"] as const;
const figures = ["value", "numerator", "denominator", "n", "facts", "leftOut"] as const;
const against = ["target", "owner", "benchmark", "status"] as const;
const span = ["start", "end", "label"] as const;

/** The list of KPIs in one period. */
export function linesCsv(lines: readonly KpiLine[]): string {
  const columns = [
    ...reading,
    ...["title", "direction", "period", ...span, ...figures],
    ...["complete", "asOf", ...against, "due", "previousStart", "previousValue", "change"],
  ] as const;
  return csvOf<string>(columns, lines.map(rowOf));
}

function rowOf({
  kpi,
  period,
  target,
  previous,
  trend: _,
  slice: __,
  unrated: ___,
  ...line
}: KpiLine): Record<string, Cell> {
  return {
    ...readingOf(kpi),
    title: kpi.title,
    direction: kpi.direction,
    period: period.kind,
    start: period.start,
    end: period.end,
    label: periodName(period),
    ...line,
    ...goalCells(target),
    previousStart: previous?.start,
    previousValue: previous?.value,
  };
}

/** A KPI's values over time. */
export function seriesCsv(kpi: Kpi, points: readonly SeriesPoint[]): string {
  return csvOf(
    [...reading, ...span, ...figures, "complete", "change"],
    points.map((point) => ({ ...readingOf(kpi), ...point })),
  );
}

/** A KPI's groups of a slice. */
export function groupsCsv(kpi: Kpi, by: string, lines: readonly GroupLine[]): string {
  return csvOf(
    [...reading, "by", "group", ...figures, ...against],
    lines.map(({ target, ...line }) => ({ ...readingOf(kpi), by, ...line, ...goalCells(target) })),
  );
}

/** A period, with formula and remarks, and below it what it is made of. */
export function explanationCsv(
  { kpi, period, value, numerator, denominator, n, facts, leftOut, complete, change }: KpiLine,
  { formula, remarks, parts }: { formula: string; remarks: readonly string[]; parts: readonly SeriesPoint[] },
): string {
  const whole = { value, numerator, denominator, n, facts, leftOut, complete, change, formula };
  const { start, end } = period;
  return csvOf(
    [...reading, "part", ...span, ...figures, "complete", "change", "formula", "remarks"],
    [
      { ...readingOf(kpi), part: "whole", start, end, label: periodName(period), ...whole, remarks: remarks.join(" ") },
      ...parts.map((point) => ({ ...readingOf(kpi), part: "part", ...point })),
    ],
  );
}

function readingOf({ id, format, currency }: Kpi) {
  return { kpi: id, format, currency };
}

function goalCells(goal: Goal | undefined) {
  return { target: goal?.target, owner: goal?.owner.name, benchmark: goal?.benchmark?.value };
}
