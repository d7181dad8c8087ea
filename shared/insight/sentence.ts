import { longDate, periodName } from "../kpis/date-words.ts";
import { formatValue } from "../kpis/format-value.ts";
import { noGroup, otherGroup } from "../kpis/groups.ts";
import type { Kpi } from "../kpis/kpi.ts";
import type { Contribution, Contributions } from "./contributions.ts";
import type { Point, WatchedKind } from "./points.ts";
import { allGroups, type Silence } from "./silence.ts";
import type { Step } from "./step.ts";

const numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** `Lead conversion fell three months in a row, 12.1 % → 8.4 %; form “spring” explains 71 % of it.` */
export function trendSentence(
  kpi: Kpi,
  period: WatchedKind,
  points: readonly Pick<Point, "value">[],
  contributions: readonly Contributions[],
): string {
  const declines = points.length - 1;
  const verb = kpi.direction === "up" ? "fell" : "rose";
  const [first, last] = [points[0]?.value ?? null, points.at(-1)?.value ?? null];
  const values = `${formatValue(kpi, first)} → ${formatValue(kpi, last)}`;
  const cause = causeOf(contributions);
  return `${kpi.title} ${verb} ${numbers[declines] ?? declines} ${period}s in a row, ${values}${cause && `; ${cause} of it`}.`;
}

/** `Orders of October 2026: 40, where 100 (80 to 120) was to be expected; source “shop” explains 90 % of the change from the month before.` */
export function stepSentence(
  kpi: Kpi,
  period: WatchedKind,
  { point, expected }: Step,
  contributions: readonly Contributions[],
): string {
  const format = (value: number | null) => formatValue(kpi, value);
  const range = `${format(expected.value)} (${format(expected.low)} to ${format(expected.high)})`;
  const cause = causeOf(contributions);
  const where = `${kpi.title} of ${periodName({ kind: period, start: point.start })}: ${format(point.value)}`;
  return `${where}, where ${range} was to be expected${cause && `; ${cause} of the change from the ${period} before`}.`;
}

/** `Nothing has come from form “spring” since Thursday, November 12, 2026 (New leads): 5 days, and never more than 1 day in the four weeks before.` */
export function silenceSentence(kpi: Kpi, by: string, { group, since, days, longestPause }: Silence): string {
  const from = group === allGroups ? `any ${by}` : `${by} “${group}”`;
  const before = longestPause === 0 ? "and something every day" : `and never more than ${dayWords(longestPause)}`;
  return `Nothing has come from ${from} since ${longDate(since)} (${kpi.title}): ${dayWords(days)}, ${before} in the four weeks before.`;
}

function dayWords(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}

/** What explains less of a change than this is no cause. */
const leastShare = 0.2;

/** The group that explains most of a change, in words; empty where none does. A slice of one group explains nothing. */
export function causeOf(contributions: readonly Contributions[]): string {
  const candidates = contributions
    .filter(({ groups }) => groups.length > 1)
    .flatMap(({ by, groups }) => groups.map((group) => ({ by, ...group })))
    .filter(({ group }) => group !== noGroup && group !== otherGroup);
  const best = candidates.reduce<(Contribution & { by: string }) | undefined>(
    (most, each) => ((each.share ?? 0) > (most?.share ?? 0) ? each : most),
    undefined,
  );
  if (best === undefined || best.share === null || best.share < leastShare) return "";
  const share = best.share > 1.005 ? "more than all" : best.share > 0.995 ? "all" : `${Math.round(best.share * 100)} %`;
  return `${best.by} “${best.group}” explains ${share}`;
}
