import { isDeepStrictEqual } from "node:util";
import { snapshotsOn } from "../kpis/board.ts";
import { addDays, localDateAt, periodBefore, periodContaining } from "../kpis/calendar.ts";
import type { Kpi } from "../kpis/kpi.ts";
import { readBoards, readGroups } from "../kpis/snapshot-store.ts";
import { readStandards } from "../kpis/target-store.ts";
import type { Table } from "../table/client.ts";
import { readWaiting } from "../table/dirty-store.ts";
import { type Alarm, type Finding, findingSchema, newAlarm, slotOf } from "./alarm.ts";
import { closeAlarm, lastLook, noteLook, putAlarm, readOpenAlarms } from "./alarm-store.ts";
import { type Contributions, contributionsOf } from "./contributions.ts";
import { completePoints, isCount, type Point, type WatchedKind, watchedKinds } from "./points.ts";
import { silenceSentence, stepSentence, trendSentence } from "./sentence.ts";
import { silenceDays, silencesIn } from "./silence.ts";
import { stepIn } from "./step.ts";
import { declineIn } from "./trend.ts";

export interface Watch {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly now: () => Date;
  /** Who is told of a KPI that has no target, and so no owner. */
  readonly managers: Alarm["recipients"];
}

/** By then the night's comparison with the shops has told of what was missing. */
const lookFromHour = 6;
/** Days before these are marked for long only while a KPI's history is counted. */
const settledDays = 7;
/** How far back complete periods are read. */
const histories: Readonly<Record<WatchedKind, number>> = { week: 112, month: 48 };
/** Slices whose groups are sources, which can fall silent. */
const sourceSlices = ["source", "form"];

/**
 * Looks, once on each local day, for what has changed for the worse, for steps and for sources that fell silent; opens an alarm
 * for what is new, brings the open ones up to date and closes those whose episode is over. After a crash anywhere the next
 * call looks again, and comes to the same.
 */
export async function watchKpis(options: Watch): Promise<{ readonly opened: number; readonly closed: number }> {
  const { table, timeZone, managers } = options;
  const now = options.now();
  const today = localDateAt(now, timeZone);
  const early = localDateAt(new Date(now.getTime() - lookFromHour * 3_600_000), timeZone) < today;
  if (early || (await lastLook(table)) === today) return { opened: 0, closed: 0 };
  // While history is counted anew, old periods look lower than they were.
  const waiting = await readWaiting(table, "kpis", now);
  if (waiting.some(({ name }) => name < addDays(today, -settledDays))) return { opened: 0, closed: 0 };
  const [open, { targets }] = await Promise.all([readOpenAlarms(table, { consistent: true }), readStandards(table)]);
  const held = new Map(open.map((alarm) => [slotOf(alarm), alarm]));
  const findings = await findAll(options, now, held);
  const found = new Set(findings.map(slotOf));
  const over = open.filter((alarm) => !found.has(slotOf(alarm)));
  const at = now.toISOString();
  for (const alarm of over) await closeAlarm(table, alarm, at);
  for (const finding of findings) {
    const owner = targets.find(({ kpi }) => kpi === finding.kpi)?.owner;
    await keep(table, held.get(slotOf(finding)), finding, owner === undefined ? managers : [owner], at);
  }
  await noteLook(table, today);
  return { opened: findings.filter((finding) => !held.has(slotOf(finding))).length, closed: over.length };
}

/** An episode keeps its id and its beginning, whatever is learnt of it later. */
async function keep(
  table: Table,
  alarm: Alarm | undefined,
  finding: Finding,
  recipients: Alarm["recipients"],
  at: string,
): Promise<void> {
  if (alarm === undefined) return putAlarm(table, newAlarm(finding, recipients, at));
  // As the table keeps it, which knows no −0.
  const next = findingSchema.parse(JSON.parse(JSON.stringify({ ...finding, start: alarm.start })));
  if (isDeepStrictEqual(next, findingSchema.parse(alarm))) return;
  await putAlarm(table, { ...alarm, ...next, updatedAt: at, version: alarm.version + 1 });
}

type Held = ReadonlyMap<string, Alarm>;

async function findAll({ table, kpis, timeZone }: Watch, now: Date, held: Held): Promise<readonly Finding[]> {
  const today = localDateAt(now, timeZone);
  const found: Finding[] = [];
  for (const kind of watchedKinds) {
    const current = periodContaining(kind, today);
    const from = periodBefore(current, histories[kind]).start;
    const boards = await readBoards(table, { period: kind, from, to: current.start, consistent: true });
    for (const kpi of kpis) {
      const points = completePoints(kpi, kind, snapshotsOn(boards, kpi), { now, timeZone });
      found.push(...(await trendOf(table, kpi, kind, points, held)), ...(await stepOf(table, kpi, kind, points)));
    }
  }
  for (const kpi of kpis.filter(isCount)) found.push(...(await silencesOf(table, kpi, today)));
  return found;
}

const nothing = {
  period: null,
  source: null,
  points: [],
  test: null,
  expected: null,
  better: false,
  contributions: [],
};

async function trendOf(table: Table, kpi: Kpi, kind: WatchedKind, points: readonly Point[], held: Held) {
  const decline = declineIn(kpi, points);
  const about = { ...nothing, type: "trend", kpi: kpi.id, period: kind } as const;
  const test = decline?.verdict ?? held.get(slotOf(about))?.test;
  const [first, last] = [decline?.points[0], decline?.points.at(-1)];
  if (decline === undefined || test === undefined || first === undefined || last === undefined) return [];
  const contributions = await explain(table, kpi, kind, first.start, last.start);
  const sentence = trendSentence(kpi, kind, decline.points, contributions);
  return [{ ...about, start: first.start, points: decline.points.map(pointOf), test, contributions, sentence }];
}

async function stepOf(table: Table, kpi: Kpi, kind: WatchedKind, points: readonly Point[]): Promise<Finding[]> {
  const step = stepIn(kpi, kind, points);
  const before = points.at(-2);
  if (step === undefined || before === undefined) return [];
  const { point, expected, better } = step;
  const contributions = await explain(table, kpi, kind, before.start, point.start);
  const sentence = stepSentence(kpi, kind, step, contributions);
  const about = { ...nothing, type: "step", kpi: kpi.id, period: kind, start: point.start } as const;
  return [{ ...about, points: [pointOf(before), pointOf(point)], expected, better, contributions, sentence }];
}

function pointOf({ start, value, n }: Point) {
  return { start, value, n };
}

async function silencesOf(table: Table, kpi: Kpi, today: string): Promise<readonly Finding[]> {
  const range = { kpi: kpi.id, period: "day", from: addDays(today, -silenceDays), to: addDays(today, -1) } as const;
  const slices = (kpi.slices ?? []).filter((slice) => sourceSlices.includes(slice));
  const lists = await Promise.all(
    slices.map(async (by) => {
      const days = await readGroups(table, { ...range, slice: by, consistent: true });
      return silencesIn(new Map(days.map(({ start, groups }) => [start, groups])), today).map(
        (silence): Finding => ({
          ...nothing,
          type: "silence",
          kpi: kpi.id,
          source: { by, group: silence.group },
          start: silence.since,
          sentence: silenceSentence(kpi, by, silence),
        }),
      );
    }),
  );
  return lists.flat();
}

/** What each slice that the KPI keeps explains of its change between two periods: two reads a slice. */
async function explain(table: Table, kpi: Kpi, kind: WatchedKind, before: string, after: string) {
  const lists = await Promise.all(
    (kpi.slices ?? []).map((by) => readContributions(table, { kpi, by, period: kind, before, after })),
  );
  return lists.filter((list) => list !== undefined);
}

export interface ContributionQuery {
  readonly kpi: Kpi;
  readonly by: string;
  readonly period: WatchedKind | "day" | "quarter" | "year";
  /** Starts of the two periods. */
  readonly before: string;
  readonly after: string;
}

/** What the groups of a slice contribute to the change from one period to another; undefined where one has no value. */
export async function readContributions(
  table: Table,
  { kpi, by, period, before, after }: ContributionQuery,
): Promise<Contributions | undefined> {
  const [from, to] = await Promise.all(
    [before, after].map((start) => readGroups(table, { kpi: kpi.id, slice: by, period, from: start, to: start })),
  );
  return contributionsOf(by, from?.[0]?.groups ?? {}, to?.[0]?.groups ?? {});
}
