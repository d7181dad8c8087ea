import type { Contributions } from "../insight/contributions.ts";
import { causeOf } from "../insight/sentence.ts";
import { formatValue } from "../kpis/format-value.ts";
import { isCumulative, type Kpi } from "../kpis/kpi.ts";

/** A KPI in two spans of the same length, the later against the earlier. */
export interface Change {
  readonly before: number | null;
  readonly after: number | null;
  /** `the 28 days before`, and `the last 28 days`. */
  readonly beforeName: string;
  readonly afterName: string;
  /** What each slice's groups explain of it. */
  readonly contributions: readonly Contributions[];
}

/**
 * `12 in the last 28 days, 20 in the 28 days before; source “web” explains 71 % of the change.`
 *
 * @returns undefined where one of the spans has no value.
 */
export function causeSentence(kpi: Kpi, change: Change): string | undefined {
  const { before, after, beforeName, afterName, contributions } = change;
  if (before === null || after === null) return undefined;
  const isUp = kpi.direction === "up";
  const isLacking = isUp ? "not enough for the target" : "more than the target allows";
  if (after === before) {
    if (isCumulative(kpi) && after === 0) return `Nothing in ${afterName}, nor in ${beforeName}.`;
    return `${formatValue(kpi, after)} in ${afterName}, as in ${beforeName}: ${isLacking}.`;
  }
  const values = `${formatValue(kpi, after)} in ${afterName}, ${formatValue(kpi, before)} in ${beforeName}`;
  const isBetter = after > before === isUp;
  return isBetter ? `${values}: better, yet ${isLacking}.` : `${values}${shareWords(contributions)}.`;
}

function shareWords(contributions: readonly Contributions[]): string {
  const cause = causeOf(contributions);
  if (cause !== "") return `; ${cause} of the change`;
  // A slice of one group explains nothing.
  const slices = contributions.filter(({ groups }) => groups.length > 1).map(({ by }) => by);
  if (slices.length === 0) return "";
  return `; no ${new Intl.ListFormat("en", { type: "disjunction" }).format(slices)} explains a fifth of the change`;
}
