import { formatValue } from "../../shared/kpis/format-value.ts";
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

/** A value as the digest writes it; nothing to count from is no value, never 0. */
export function valueWords(
  { format, currency = "" }: Pick<KpiLine, "format" | "currency">,
  value: number | null,
): string {
  return value === null ? "Not enough data" : formatValue({ format, currency }, value);
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

/** What the value rests on: a share's two numbers, how many facts a mean has, what could not be used, that the period still runs. */
export function basisWords({ format, numerator, denominator, n, leftOut, complete }: KpiLine): string {
  const isShare = format === "percent" && denominator !== null;
  const parts = [
    isShare && denominator > 0 && `${count(numerator)} of ${count(denominator)}`,
    !isShare && format !== "count" && n > 0 && `from ${count(n)}`,
    leftOut > 0 && `${count(leftOut)} left out`,
    !complete && (denominator === null ? "so far" : "not all of it is known yet"),
  ];
  return parts.filter((part) => part !== false).join(", ");
}

/** The difference to the latest whole period; nothing while the two cannot be compared. */
export function changeWords(line: KpiLine): string | undefined {
  const { change, previous, direction } = line;
  if (change === null || previous === null) {
    return previous === null || previous.value === null
      ? undefined
      : `${valueWords(line, previous.value)} in the last whole period`;
  }
  if (change === 0) return "As in the period before";
  const size =
    line.format === "percent"
      ? `${Math.round(Math.abs(change) * 1000) / 10} points`
      : valueWords(line, Math.abs(change));
  const judged = change > 0 === (direction === "up") ? "better" : "worse";
  return `${size} ${change > 0 ? "more" : "less"} than in the period before, which is ${judged}`;
}
