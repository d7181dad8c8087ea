import { prices } from "../local/cost.ts";
import { addDays, instantsOf, localDatesOf } from "../shared/kpis/calendar.ts";
import type { KpiEntry } from "../shared/kpis/entry.ts";
import { putEntry, readEntries } from "../shared/kpis/entry-store.ts";
import { kpiReport } from "../shared/kpis/report.ts";
import { rollUp } from "../shared/kpis/roll-up.ts";
import { kpisIn } from "../shared/kpis/shipped.ts";
import type { Table } from "../shared/table/client.ts";
import { createMarker, markDirty } from "../shared/table/dirty-store.ts";
import { atMost, type Figure, plain, quantile } from "./figure.ts";
import { generateEntries, span } from "./kpi-entries.ts";
import { askPostgres } from "./postgres.ts";
import { startBenchTable, type Units } from "./table.ts";
import { batchSize, writeBatch } from "./write-batch.ts";

export interface KpisBench {
  readonly events: number;
  readonly report: (step: string) => void;
}

const timeZone = "America/New_York";
const now = new Date(span.to);
/** When the marks of one day are made, which nobody relies on any more by `now`. */
const earlier = new Date(now.getTime() - 3_600_000);
const someDay = "2026-03-17";
const kpis = kpisIn("USD");
const asks = 200;
const few = 10_000;

/**
 * Events of two years as KPI entries in DynamoDB Local: the roll-up of all of them, of one dirty day, and the list of
 * KPIs as the dashboard reads it, beside the same questions asked of PostgreSQL on the same rows.
 */
export async function benchKpis({ events, report }: KpisBench): Promise<readonly Figure[]> {
  const small = await withEntries(few, report, async (table, used) => {
    report(`rolling up ${few} events`);
    await rollUp({ table, kpis, timeZone, now: () => now });
    return askDashboard(table, used);
  });
  return withEntries(events, report, async (table, used, entries) => {
    const perMillion = 1e6 / entries.length;
    report(`rolling up ${entries.length} events`);
    const before = { ...used };
    const all = await timed(() => rollUp({ table, kpis, timeZone, now: () => now }));
    const units = { read: used.read - before.read, write: used.write - before.write };
    report("one dirty day");
    const [own, day] = await oneDay(table, used);
    report("the dashboard");
    const board = await askDashboard(table, used);
    report("the same of PostgreSQL");
    const postgres = await askPostgres(entries, { timeZone, day: someDay, until: span.to, asks });
    return [
      plain(`roll-up of ${entries.length} events of two years`, all / 1000, "s"),
      plain("  read units per million", units.read * perMillion, "units"),
      plain("  write units per million", units.write * perMillion, "units"),
      atMost("  modelled, beyond the entries, per million", dollarsOf(units) * perMillion, "$", 0.5),
      plain(`a dirty date, two local days of ${own.entries} events: reading their entries`, own.read, "read units"),
      plain("  counting the days anew", day.unchanged.read, "read units"),
      plain("  writes", day.unchanged.write, "write units"),
      atMost("  read units over those of their entries", day.unchanged.read / own.read, "ratio", 1.2),
      plain("  with a late order, and all periods that it changes", day.read, "read units"),
      plain("  writes", day.write, "write units"),
      plain("  read units over those of their entries", day.read / own.read, "ratio"),
      plain("  modelled cost over that of their entries", dollarsOf(day) / dollarsOf(own), "ratio"),
      plain("  time", day.ms, "ms"),
      atMost(`dashboard of ${kpis.length} KPIs, ${entries.length} events`, board.read, "read units", 10),
      atMost(`  over that of ${few} events`, board.read / small.read, "ratio", 1.05),
      plain("  p50", board.p50, "ms"),
      plain("  p99", board.p99, "ms"),
      plain(`  p50 over that of ${few} events`, board.p50 / small.p50, "ratio"),
      ...postgres,
    ];
  });
}

async function withEntries<T>(
  count: number,
  report: (step: string) => void,
  use: (table: Table, used: Units, entries: readonly KpiEntry[]) => Promise<T>,
): Promise<T> {
  await using bench = await startBenchTable();
  const entries = generateEntries(count);
  await load(bench.table, entries, report);
  return await use(bench.table, bench.used, entries);
}

async function load(table: Table, entries: readonly KpiEntry[], report: (step: string) => void): Promise<void> {
  let next = 0;
  const tenth = Math.ceil(entries.length / 10 / batchSize) * batchSize;
  const work = async (): Promise<void> => {
    while (next < entries.length) {
      const first = next;
      next += batchSize;
      if (first % tenth === 0)
        report(`loading ${entries.length} events: ${Math.round((first / entries.length) * 100)} %`);
      await writeBatch(table, entries.slice(first, first + batchSize));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  for (const date of new Set(entries.map(({ at }) => at.slice(0, 10)))) await markDirty(table, "kpis", date);
}

const dollarsOf = ({ read, write }: Units) => read * prices.readUnit + write * prices.writeUnit;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * What one dirty UTC date costs: to read the entries of its two local days alone, to count them anew, and to count them with
 * every period they belong to.
 */
async function oneDay(table: Table, used: Units) {
  let before = { ...used };
  const since = () => ({ read: used.read - before.read, write: used.write - before.write });
  const [start = someDay, end = someDay] = localDatesOf(someDay, timeZone);
  const found = await readEntries(table, instantsOf({ start, end: addDays(end, 1) }, timeZone));
  const own = { ...since(), entries: found.length };
  const mark = () => createMarker({ table, now: () => earlier }, "kpis")(someDay);
  await mark();
  before = { ...used };
  await rollUp({ table, kpis, timeZone, now: () => now });
  const unchanged = since();
  const order = found.find(({ fact }) => fact === "Order Completed");
  if (order === undefined) throw new Error(`no order of ${someDay} was generated`);
  await putEntry(table, { ...order, sk: `${order.at}#Order Completed#late`, person: "late" });
  await mark();
  before = { ...used };
  const ms = await timed(() => rollUp({ table, kpis, timeZone, now: () => now }));
  return [own, { ...since(), ms, unchanged }] as const;
}

async function askDashboard(table: Table, used: Units) {
  const ask = () => kpiReport({ table, kpis, timeZone, now, period: "month" });
  const before = used.read;
  await ask();
  const read = used.read - before;
  const times: number[] = [];
  for (let nth = 0; nth < asks; nth++) times.push(await timed(ask));
  return { read, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
