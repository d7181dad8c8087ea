import { readOpenAlarms } from "../insight/alarm-store.ts";
import type { Table } from "../table/client.ts";
import { addDays, localDateAt, periodBefore, periodContaining } from "./calendar.ts";
import { formatValue } from "./format-value.ts";
import type { Kpi } from "./kpi.ts";
import type { PeriodKind } from "./period.ts";
import { type KpiLine, lineOf, trendLength } from "./report.ts";
import type { Snapshot } from "./snapshot.ts";
import { countOf, readSnapshots } from "./snapshot-store.ts";
import { kpiValue, noFigures } from "./tally.ts";
import type { Status, Target } from "./target.ts";
import { readStandards } from "./target-store.ts";

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
}

export interface Digest {
  /** The local date on which it goes out. */
  readonly date: string;
  readonly subject: string;
  /** Worst first. */
  readonly lines: readonly DigestLine[];
  /** What the open alarms say, each with what explains it. */
  readonly alarms: readonly string[];
  readonly asOf: string;
  readonly timeZone: string;
  /** No KPI has ever counted anything: a new system, not one that fails. */
  readonly empty: boolean;
}

export interface DigestOptions {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly now: Date;
}

/** Gathers the digest of the local day that `now` falls on. */
export async function gatherDigest({ table, kpis, timeZone, now }: DigestOptions): Promise<Digest> {
  const date = localDateAt(now, timeZone);
  const [standards, open] = await Promise.all([readStandards(table), readOpenAlarms(table, { consistent: true })]);
  const lines = await Promise.all(
    kpis.map(async (kpi) => {
      const period = periodContaining(kindFor(kpi, standards.targets), date);
      const first = periodBefore(period, trendLength - 1).start;
      // Consistent: the roll-up of a moment ago is to be in it.
      const own = { ...countOf(kpi), consistent: true } as const;
      const [trend, days] = await Promise.all([
        readSnapshots(table, { ...own, period: period.kind, from: first, to: period.start }),
        readSnapshots(table, { ...own, period: "day", from: addDays(date, -pictureDays), to: addDays(date, -1) }),
      ]);
      return digestLine(lineOf(kpi, period, trend, { ...standards, now, timeZone }), days, date);
    }),
  );
  const empty = lines.every((line) => !hasCounted(line));
  const told = lines.filter((line) => line.target !== undefined || hasCounted(line));
  const shown = told.length === 0 ? lines.slice(0, linesOfNewSystem) : told;
  const sorted = worstFirst(empty ? shown.map(unjudged) : shown);
  const subject = empty ? `KPIs of ${date}: nothing has come in yet` : subjectOf(sorted, date);
  const alarms = open.map(({ sentence }) => sentence);
  return { date, subject, lines: sorted, alarms, asOf: now.toISOString(), timeZone, empty };
}

/** Without targets and facts, the first KPIs say what is going to be there. */
const linesOfNewSystem = 3;

/** A KPI that nobody has a target for is told of once it has counted something: not every company has deals and tickets. */
function hasCounted({ trend, days }: DigestLine): boolean {
  return [...trend, ...days].some(({ value }) => value !== null && value !== 0);
}

function unjudged(line: DigestLine): DigestLine {
  return { ...line, status: line.target === undefined ? "no target" : "not enough data" };
}

/** Of several targets the first of these is told of; a month where there is none. */
const kindsByWeight: readonly PeriodKind[] = ["month", "week", "quarter", "year", "day"];

function kindFor(kpi: Kpi, targets: readonly Target[]): PeriodKind {
  return (
    kindsByWeight.find((kind) => targets.some((target) => target.kpi === kpi.id && target.period === kind)) ?? "month"
  );
}

function digestLine(line: KpiLine, snapshots: readonly Snapshot[], date: string): DigestLine {
  const byDay = new Map(snapshots.map((snapshot) => [snapshot.start, snapshot]));
  const days = Array.from({ length: pictureDays }, (_, index) => {
    const day = addDays(date, index - pictureDays);
    const snapshot = byDay.get(day);
    return { date: day, value: kpiValue(line.kpi, snapshot ?? noFigures(line.kpi)) };
  });
  return { ...line, days, yesterday: days.at(-1)?.value ?? null, dayBefore: days.at(-2)?.value ?? null };
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

/** Names the worst exception, so that the inbox alone tells whether to read on. */
export function subjectOf(lines: readonly KpiLine[], date: string): string {
  const exceptions = lines.filter(({ status }) => status === "missed" || status === "at risk");
  const [worst] = exceptions;
  if (worst === undefined) return `KPIs of ${date}: nothing at risk`;
  const more = exceptions.length > 1 ? `, and ${exceptions.length - 1} more` : "";
  return `KPIs of ${date}: ${worst.kpi.title} ${worst.status}, ${againstTarget(worst)}${more}`;
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
