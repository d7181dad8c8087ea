import { momentIn, periodName } from "../kpis/date-words.ts";
import { formatPart, formatRoughly, formatValue } from "../kpis/format-value.ts";
import { isCumulative, type Kpi } from "../kpis/kpi.ts";
import type { PeriodForecast } from "../kpis/kpi-forecast.ts";
import type { Status } from "../kpis/target.ts";
import { type Digest, type DigestLine, hasTargets, isException } from "./digest.ts";
import { type Schedule, weekdays } from "./subscription.ts";

/** The shape that tells a status without colour. */
export const shapes: Readonly<Record<Status, string>> = {
  achieved: "✔",
  "on track": "●",
  "at risk": "▲",
  missed: "✖",
  "not enough data": "○",
  "no target": "–",
};

/** What a new system asks its owner to do. */
export const firstSteps =
  "Share the address of a form, or let your shop post its orders: the figures are here on the morning after the first one.";

/** How many need attention, in one sentence. */
export function headlineOf({ lines, empty }: Pick<Digest, "lines" | "empty">): string {
  if (empty) return "Nothing has come in yet.";
  if (lines.length === 0)
    return "The KPIs of this digest are not defined any more. Whoever manages it can choose others.";
  if (!hasTargets(lines)) return "No target is set.";
  const exceptions = lines.filter(isException).length;
  if (exceptions === 0) return "No KPI is missed or at risk.";
  return `${exceptions} of ${lines.length} KPIs ${exceptions === 1 ? "needs" : "need"} attention.`;
}

/** More exceptions than this are told by the table alone, so that no mail outgrows what mailboxes show. */
const mostExceptions = 10;

/** The exceptions that are told one by one, the worst first. */
export function exceptionsOf({ lines, empty }: Pick<Digest, "lines" | "empty">): readonly DigestLine[] {
  return empty ? [] : lines.filter(isException).slice(0, mostExceptions);
}

/** How many exceptions only the table tells of. */
export function untoldOf({ lines }: Pick<Digest, "lines">): string | undefined {
  const untold = lines.filter(isException).length - mostExceptions;
  return untold > 0 ? `${untold} more ${untold === 1 ? "stands" : "stand"} in the table.` : undefined;
}

const mostAlarms = 10;

/** The newest alarms that no exception tells of already. */
export function alarmsBeside(digest: Pick<Digest, "lines" | "empty" | "alarms">): readonly string[] {
  const told = new Set(exceptionsOf(digest).map(({ kpi }) => kpi.id));
  const others = digest.alarms.filter(({ kpi }) => !told.has(kpi)).map(({ sentence }) => sentence);
  const more = others.length - mostAlarms;
  return more > 0 ? [...others.slice(0, mostAlarms), `and ${more} more`] : others;
}

/** What a value belongs to, and for a ratio how many it rests on. */
export function periodOf(line: DigestLine): string {
  const basis = basisOf(line);
  return `${runningName(line)}${basis === undefined ? "" : `: ${basis}`}`;
}

/** `November 2026 so far`. */
function runningName({ period, complete }: DigestLine): string {
  return `${periodName(period)}${complete ? "" : " so far"}`;
}

/** How many a ratio rests on: `5 of 12`, `38 tickets`. */
export function basisOf({ kpi, numerator, denominator, n }: DigestLine): string | undefined {
  if (denominator === null || kpi.basis === undefined) return undefined;
  if (denominator === 0) return `no ${kpi.basis} yet`;
  if (kpi.format !== "percent") return `${n} ${kpi.basis}`;
  return `${formatPart(kpi, numerator)} of ${formatPart(kpi, denominator)}`;
}

/** The period that all lines tell of, if it is one: a table says it once. */
export function commonPeriodOf({ lines }: Pick<Digest, "lines">): string | undefined {
  return onlyOf(lines.map(runningName));
}

/** What all of a list is; undefined where it is not all the same. */
export function onlyOf(names: readonly string[]): string | undefined {
  const [name, ...others] = new Set(names);
  return others.length === 0 ? name : undefined;
}

/** Why a count is on track or at risk. */
export function paceOf({ kpi, due, status }: DigestLine): string | undefined {
  if (due === null || status === "achieved" || status === "not enough data") return undefined;
  return kpi.direction === "up" ? `${formatValue(kpi, due)} due by now` : `at most ${formatValue(kpi, due)} by now`;
}

/** What a period comes to, if it goes on as before. */
export interface Expectation {
  /** `November 2026`. */
  readonly period: string;
  readonly expected: string;
  /** `38 to 47`. */
  readonly range: string;
}

export interface Outlook {
  readonly title: string;
  readonly target: string | undefined;
  /** The running period at its end. */
  readonly end: Expectation | undefined;
  readonly next: readonly Expectation[];
  /** `off by 5 in the mean`: how such forecasts did of late. */
  readonly error: string | undefined;
}

export function outlooksOf({ lines, empty }: Pick<Digest, "lines" | "empty">): readonly Outlook[] {
  if (empty) return [];
  return lines.flatMap((line) => {
    const { kpi, period, outlook, target } = line;
    if (outlook === null) return [];
    const { current, next, error } = outlook;
    const expectation = ({ start, value, low, high }: PeriodForecast): Expectation => ({
      period: periodName({ kind: period.kind, start }),
      expected: formatRoughly(kpi, value),
      range: `${formatRoughly(kpi, low)} to ${formatRoughly(kpi, high)}`,
    });
    return [
      {
        title: kpi.title,
        target: target && `target ${formatValue(kpi, target.target)}`,
        end: current === null ? undefined : expectation(current),
        next: next.map(expectation),
        error: error === null ? undefined : `off by ${errorWords(kpi, error)} in the mean`,
      },
    ];
  });
}

function errorWords(kpi: Kpi, error: number): string {
  return kpi.format === "percent" ? `${Math.round(error * 1000) / 10} points` : formatRoughly(kpi, error);
}

/** `December 2026 44 (38 to 50)`. */
export function expectationWords({ period, expected, range }: Expectation): string {
  return `${period} ${expected} (${range})`;
}

/** What yesterday brought. Single days of a ratio say little, and of a cohort nothing: its members have had no time. */
export function changesOf({ lines, empty }: Pick<Digest, "lines" | "empty">): readonly string[] {
  return empty ? [] : lines.filter(({ kpi }) => isCumulative(kpi) && kpi.cohortDays === undefined).map(changeOf);
}

function changeOf({ kpi, yesterday, dayBefore }: DigestLine): string {
  if (yesterday === dayBefore) return `${kpi.title}: ${formatValue(kpi, yesterday)}, as on the day before`;
  return `${kpi.title}: ${formatValue(kpi, yesterday)}, after ${formatValue(kpi, dayBefore)} the day before`;
}

/** How the figures, the statuses, causes and forecasts come about. */
export function methodOf(digest: Digest): readonly string[] {
  const { lines, asOf, fresh, timeZone } = digest;
  const sentences = [
    ...lines.map(({ kpi }) => `${kpi.title}: ${kpi.definition}`),
    "While a period runs, a count is held against the share of its target that is due by now: the share that earlier periods had by then, where three are known, else the share of the time gone. In the first twentieth of a period nothing is called at risk.",
    lines.some(({ cause }) => cause !== undefined) &&
      "A cause is the group that accounts for most of a change, and for a fifth of it at least. It says where a change came from, not why.",
    outlooksOf(digest).some(({ end }) => end !== undefined) &&
      "What a count is expected to end at is what the period has reached, and what its remaining days bring by the last twelve weeks.",
    outlooksOf(digest).some(({ next }) => next.length > 0) &&
      "Later periods are foretold from the whole ones before, by the method that would have been off by least of late; by how much, in the mean, stands with them.",
    outlooksOf(digest).length > 0 &&
      "The range of a forecast holds in four of five cases, if the future errs as the past did.",
    "A ratio over nothing is n/a, not 0.",
    `${fresh ? "Counted" : "As the hourly count had them"} on ${momentIn(asOf, timeZone)}.`,
  ];
  return sentences.filter((sentence) => sentence !== false);
}

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** `every day at 08:00 (Europe/Berlin)`. */
export function scheduleWords(
  { weekdays: on = [], dayOfMonth, hour, timeZone }: Schedule,
  accountZone: string,
): string {
  const at = `at ${String(hour).padStart(2, "0")}:00 (${timeZone ?? accountZone})`;
  if (dayOfMonth !== undefined) return `on day ${dayOfMonth} of each month ${at}`;
  if (on.length === weekdays.length) return `every day ${at}`;
  const named = weekdays.filter((weekday) => on.includes(weekday)).map(capitalised);
  return `each ${new Intl.ListFormat("en").format(named)} ${at}`;
}
