import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import { markDirty, readWaiting } from "../table/dirty-store.ts";
import { addDays, conventionsInUse, utcDatesOf } from "./calendar.ts";
import type { Kpi } from "./kpi.ts";
import { readOldestDay } from "./snapshot-store.ts";
import { isWaitingForEvents } from "./walk-store.ts";

const key = { pk: "KPIS", sk: "HISTORY" };

/** Of which version of each KPI the days from `from` to `to` have been marked to be counted. */
const historySchema = z.object({
  versions: z.record(z.string(), z.number()),
  /** How weeks and years began then. */
  calendar: z._default(z.string(), "monday 1"),
  from: z.optional(z.string()),
  to: z.optional(z.string()),
});
type History = z.infer<typeof historySchema>;

/** Marks written side by side. */
const together = 25;

/**
 * Marks every day that has been counted so far to be counted again when a KPI is new, or counts something else than it
 * did, or when weeks or years begin otherwise than they did (the funnel's days, too); the roll-up works the marks off, newest days first. What is marked is noted last: after a crash all is marked anew.
 *
 * @returns how many days were marked
 */
export async function recountHistory(table: Table, kpis: readonly Kpi[], now: Date): Promise<number> {
  const { versions: known, calendar: before, ...span } = await readHistory(table);
  const { weekStart, fiscalYearStart } = conventionsInUse();
  const calendar = `${weekStart} ${fiscalYearStart}`;
  if (calendar === before && kpis.every(({ id, version }) => known[id] === version)) return 0;
  const oldest = await readOldestDay(table);
  const dates =
    oldest === undefined ? [] : utcDatesOf({ from: new Date(`${addDays(oldest, -1)}T00:00:00.000Z`), to: now });
  for (let at = 0; at < dates.length; at += together) {
    const page = dates.slice(at, at + together);
    await Promise.all(page.map((date) => markDirty(table, "kpis", date)));
    if (calendar !== before) await Promise.all(page.map((date) => markDirty(table, "funnel", date)));
  }
  const versions = Object.fromEntries(kpis.map(({ id, version }) => [id, version]));
  const marked = dates.length === 0 ? span : { from: dates[0], to: dates.at(-1) };
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { ...key, kind: "kpiHistory", versions, calendar, ...marked } }),
  );
  return dates.length;
}

/** How far the days before a KPI's definition are counted by it. */
export interface HistoryProgress {
  /** `reading`: events from before are still looked for on the timelines. */
  readonly state: "waiting" | "reading" | "counting" | "counted";
  /** Days that are still to be counted, for this or another reason; null before it is known. */
  readonly daysLeft: number | null;
  readonly days: number | null;
}

export async function historyOf(table: Table, kpi: Kpi, now: Date): Promise<HistoryProgress> {
  const { versions, from, to } = await readHistory(table);
  if (versions[kpi.id] !== kpi.version) return { state: "waiting", daysLeft: null, days: null };
  if (await isWaitingForEvents(table, kpi)) return { state: "reading", daysLeft: null, days: null };
  if (from === undefined || to === undefined) return { state: "counted", daysLeft: 0, days: 0 };
  const left = (await readWaiting(table, "kpis", now)).filter(({ name }) => from <= name && name <= to).length;
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
  return { state: left === 0 ? "counted" : "counting", daysLeft: left, days };
}

async function readHistory(table: Table): Promise<History> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return historySchema.parse(Item ?? { versions: {} });
}
