import type { Answer } from "../api.ts";
import { count } from "../words.ts";

/** A KPI in one period, as the list shows it. */
export type KpiLine = Answer<"/v1/kpis">["items"][number];
export type Kind = KpiLine["period"]["kind"];

/** The kinds of period, as they are chosen. */
export const kinds: readonly (readonly [kind: Kind, words: string])[] = [
  ["day", "Today"],
  ["week", "This week"],
  ["month", "This month"],
  ["quarter", "This quarter"],
  ["year", "This year"],
];

/** A value as people read it; nothing to count from is no value, never 0. */
export function valueWords({ format }: Pick<KpiLine, "format">, value: number | null): string {
  if (value === null) return "Not enough data";
  return format === "percent" ? `${decimal(value * 100)} %` : decimal(value);
}

function decimal(value: number): string {
  return value.toLocaleString(undefined, { maximumFractionDigits: 1 });
}

const marks: Readonly<Record<KpiLine["status"], string>> = {
  achieved: "★",
  "on track": "✓",
  "at risk": "▲",
  missed: "✕",
  "not enough data": "…",
  "no target": "–",
};

/** A status as a shape and in words, so that no colour has to be seen. */
export function statusWords({ status }: Pick<KpiLine, "status">): string {
  return `${marks[status]} ${status.charAt(0).toUpperCase()}${status.slice(1)}`;
}

/** What the value rests on: a ratio's two numbers, and that the period still runs. */
export function basisWords({ numerator, denominator, complete }: KpiLine): string {
  const parts = [
    denominator !== null && `${count(numerator)} of ${count(denominator)}`,
    !complete && (denominator === null ? "so far" : "not all of it is known yet"),
  ];
  return parts.filter((part) => part !== false).join(", ");
}

/** The difference to the latest whole period; nothing while the two cannot be compared. */
export function changeWords(line: KpiLine): string | undefined {
  const { change, previous, direction, format } = line;
  if (change === null || previous === null) {
    return previous === null || previous.value === null
      ? undefined
      : `${valueWords(line, previous.value)} in the last whole period`;
  }
  if (change === 0) return "As in the period before";
  const size = format === "percent" ? `${decimal(Math.abs(change) * 100)} points` : decimal(Math.abs(change));
  const judged = change > 0 === (direction === "up") ? "better" : "worse";
  return `${size} ${change > 0 ? "more" : "less"} than in the period before, which is ${judged}`;
}
