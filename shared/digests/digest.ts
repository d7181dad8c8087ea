import type { Alarm } from "../insight/alarm.ts";
import { formatValue } from "../kpis/format-value.ts";
import type { PeriodForecast } from "../kpis/kpi-forecast.ts";
import type { KpiLine } from "../kpis/report.ts";
import type { Slice, Status, Target } from "../kpis/target.ts";

/** How many days the trend picture shows; the last is yesterday, the latest whole day. */
export const pictureDays = 28;

/** A mail with more pictures than this does not fit its message, and nobody scrolls on: the worst lines have one. */
const mostPictures = 3;

/** The lines that are drawn; all others stand in the table. */
export function picturedLines({ lines, empty }: Pick<Digest, "lines" | "empty">): readonly DigestLine[] {
  return empty ? [] : lines.slice(0, mostPictures);
}

export interface DayValue {
  readonly date: string;
  readonly value: number | null;
}

/** One KPI of a digest: how it stands in its target's period, and its days up to yesterday. */
export interface DigestLine extends KpiLine {
  readonly days: readonly DayValue[];
  readonly yesterday: number | null;
  readonly dayBefore: number | null;
  /** Of an exception: how it has changed, and what explains that; in words. */
  readonly cause?: string | undefined;
  /** What is to be expected; null without enough history. */
  readonly outlook: LineForecast | null;
}

export interface LineForecast {
  /** Of a count, the running period at its end. */
  readonly current: PeriodForecast | null;
  /** The periods after it. */
  readonly next: readonly PeriodForecast[];
  /** How far off such forecasts were of late, in the mean. */
  readonly error: number | null;
}

export type OpenAlarm = Pick<Alarm, "kpi" | "sentence">;

/** What can be told on a day, of all KPIs, before anybody's choice of them. */
export interface Findings {
  /** The account's local date. */
  readonly date: string;
  /** In the KPIs' own order. */
  readonly lines: readonly DigestLine[];
  /** The open ones, the newest first. */
  readonly alarms: readonly OpenAlarm[];
  /** The one group that is told of; absent for the whole account. */
  readonly slice?: Slice | undefined;
  readonly asOf: string;
  /** Whether all that had come by then was counted right before. */
  readonly fresh: boolean;
  readonly timeZone: string;
}

export interface Digest extends Findings {
  readonly subject: string;
  /** No KPI has ever counted anything: a new system, not one that fails. */
  readonly empty: boolean;
}

/** Without targets and facts, the first KPIs say what is going to be there. */
const linesOfNewSystem = 3;

/** Makes a recipient's digest of what was found: the KPIs that were chosen, else all that say something; worst first. */
export function digestOf(findings: Findings, chosen?: readonly string[]): Digest {
  const { date, lines, slice } = findings;
  const empty = slice === undefined && !lines.some(hasCounted);
  const told = chosen === undefined ? lines.filter(saysSomething) : lines.filter(({ kpi }) => chosen.includes(kpi.id));
  const shown = told.length === 0 && chosen === undefined ? lines.slice(0, linesOfNewSystem) : told;
  const sorted = worstFirst(empty ? shown.map(unjudged) : shown);
  const ids = new Set(sorted.map(({ kpi }) => kpi.id));
  const alarms = findings.alarms.filter(({ kpi }) => ids.has(kpi));
  const title = slice === undefined ? `KPIs of ${date}` : `KPIs of ${date}, ${slice.by} ${slice.group}`;
  const subject = `${title}: ${empty ? "nothing has come in yet" : newsOf(sorted)}`;
  return { ...findings, lines: sorted, alarms, subject, empty };
}

/** A KPI that nobody has a target for is told of once it has counted something: not every company has deals and tickets. */
function saysSomething(line: DigestLine): boolean {
  return line.target !== undefined || hasCounted(line);
}

export function hasCounted({ trend, days }: Pick<DigestLine, "trend" | "days">): boolean {
  return [...trend, ...days].some(({ value }) => value !== null && value !== 0);
}

function unjudged(line: DigestLine): DigestLine {
  return { ...line, status: line.target === undefined ? "no target" : "not enough data" };
}

const severity: Readonly<Record<Status, number>> = {
  missed: 0,
  "at risk": 1,
  "not enough data": 2,
  "on track": 3,
  achieved: 4,
  "no target": 5,
};

/** Lines by how much they ask for attention; equals stay in the KPIs' own order. */
export function worstFirst<Line extends { readonly status: Status }>(lines: readonly Line[]): readonly Line[] {
  return lines.toSorted((one, other) => severity[one.status] - severity[other.status]);
}

export function isException({ status }: { readonly status: Status }): boolean {
  return status === "missed" || status === "at risk";
}

/** Without a target nothing can be missed, which is no good news. */
export function hasTargets(lines: readonly { readonly status: Status }[]): boolean {
  return lines.some(({ status }) => status !== "no target");
}

/** The worst exception, for a subject: the inbox alone tells whether to read on. */
export function newsOf(lines: readonly KpiLine[]): string {
  const [worst, ...more] = lines.filter(isException);
  if (worst === undefined) return hasTargets(lines) ? "nothing at risk" : "no target is set";
  return `${worst.kpi.title} ${worst.status}, ${againstTarget(worst)}${more.length > 0 ? `, and ${more.length} more` : ""}`;
}

/** `12 of 40`, `8 % against 10 %`, or the value alone where there is no target. */
export function againstTarget({
  kpi,
  value,
  target,
}: Pick<KpiLine, "kpi" | "value"> & { target: Pick<Target, "target"> | undefined }): string {
  const now = formatValue(kpi, value);
  if (target === undefined) return now;
  return `${now} ${kpi.format === "count" ? "of" : "against"} ${formatValue(kpi, target.target)}`;
}
