import { formatPart, formatValue } from "../../shared/kpis/format-value.ts";
import type { Answer } from "../api.ts";
import { count } from "../words.ts";

/** A KPI in one period, as the list shows it. */
export type KpiLine = Answer<"/v1/kpis">["items"][number];
export type KpiHistory = Answer<"/v1/kpi-history">;
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
export function basisWords(line: KpiLine): string {
  const { format, numerator, denominator, n, leftOut, complete } = line;
  const isShare = format === "percent" && denominator !== null;
  const part = (value: number) => (line.currency === undefined ? count(value) : formatPart(line, value));
  const parts = [
    isShare && denominator > 0 && `${part(numerator)} of ${part(denominator)}`,
    !isShare && format !== "count" && n > 0 && `from ${count(n)}`,
    leftOut > 0 && `${count(leftOut)} left out`,
    !complete && (denominator === null ? "so far" : "not all of it is known yet"),
  ];
  return parts.filter((part) => part !== false).join(", ");
}

/** Days that wait for the next hour at any time. */
const daysOfAnyHour = 3;

/** How far the past of KPIs is counted, in words and numbers; nothing when it is. */
export function historyWords({ state, contactsLeft, contacts, daysLeft, days }: KpiHistory) {
  if (state === "reading" && contactsLeft !== null && contacts !== null) {
    const [done, of] = [contacts - contactsLeft, contacts];
    const words = `Looking for what KPIs count on the timelines of all contacts: ${count(done)} of ${count(of)} are read. Their past is counted then.`;
    return { words, done, of };
  }
  if (state !== "counting" || daysLeft === null || days === null || daysLeft <= daysOfAnyHour) return undefined;
  const [done, of] = [days - daysLeft, days];
  const words = `The past of KPIs that are new or have changed is being counted: ${count(done)} of ${count(of)} days are done, the newest first. Until then earlier periods say too little.`;
  return { words, done, of };
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
