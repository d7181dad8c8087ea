import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { markDirty, readWaiting } from "../table/dirty-store.ts";
import { addDays, conventionsInUse, utcDatesOf } from "./calendar.ts";
import { askedOf, type Catalogue, kpisOf } from "./catalogue.ts";
import { readCatalogue, readKpis } from "./catalogue-store.ts";
import { askToCount, countTurn } from "./counting-store.ts";
import {
  countingOf,
  datesOfRollUp,
  type History,
  type HistoryMessage,
  type HistoryProgress,
  historySchema,
  missingOf,
  oldestOf,
  readingOf,
  waitingProgress,
} from "./history.ts";
import type { Kpi } from "./kpi.ts";
import { readOldestDay } from "./snapshot-store.ts";
import { beginWalk, readWalk, walkPage } from "./walk-store.ts";

const key = { pk: "KPIS", sk: "HISTORY" };

/** Marks written side by side. */
const together = 25;

export interface HistoryDependencies {
  readonly table: Table;
  readonly currency: string;
  readonly timeZone: string;
  readonly now: () => Date;
}

/**
 * Works off one message of the queue of KPIs' history; any number of times.
 *
 * @param delivery the how manieth of this message
 */
export async function handleHistoryMessage(
  deps: HistoryDependencies,
  message: HistoryMessage,
  delivery: number,
): Promise<void> {
  const { table, currency } = deps;
  switch (message.type) {
    case "plan":
      await planHistory(deps);
      return;
    case "page":
      return walkPage(table, message);
    case "count":
      return countTurn(
        { ...deps, kpis: () => readKpis(table, currency, { consistent: true }) },
        message.turn,
        delivery,
      );
  }
}

/**
 * Sees what of history is to be done, and starts it: first the walk over timelines for events from before a KPI asked for them,
 * and when it is over the counting of all days anew. Called again it goes on with what was left behind; few days are left to
 * the hourly roll-up.
 *
 * @returns how many days were marked to be counted
 */
export async function planHistory(deps: HistoryDependencies): Promise<number> {
  const { table, currency, now } = deps;
  // One reading for both: no KPI's days are marked before its events are looked for.
  const catalogue = await readCatalogue(table, { consistent: true });
  const isReading = await beginWalk(table, catalogue, now());
  const marked = isReading ? 0 : await recountHistory(table, kpisOf(catalogue, currency), now());
  const isMuch = marked > 0 || (await readWaiting(table, "kpis", now())).length > datesOfRollUp;
  if (isMuch) await askToCount(table, now());
  return marked;
}

/**
 * Marks every day that has been counted so far, or that a walk has found events of, to be counted again when a KPI is new,
 * or counts something else than it did, or when weeks or years begin otherwise than they did (the funnel's days, too). What is marked is noted last: after a crash all is marked anew.
 *
 * @returns how many days were marked
 */
export async function recountHistory(table: Table, kpis: readonly Kpi[], now: Date): Promise<number> {
  const { versions: known, calendar: before, ...span } = await readHistory(table);
  const { weekStart, fiscalYearStart } = conventionsInUse();
  const calendar = `${weekStart} ${fiscalYearStart}`;
  if (calendar === before && kpis.every(({ id, version }) => known[id] === version)) return 0;
  const [counted, walk] = await Promise.all([readOldestDay(table), readWalk(table)]);
  const oldest = [counted, oldestOf(walk)].flatMap((day) => day ?? []).sort()[0];
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

/** How far the history of some KPIs of a catalogue is counted: the least far of them. */
export async function historyOf(
  table: Table,
  { asked }: Catalogue,
  kpis: readonly Kpi[],
  now: Date,
): Promise<HistoryProgress> {
  const [history, walk] = await Promise.all([readHistory(table), readWalk(table)]);
  const names = askedOf(kpis);
  const missing = Object.entries(missingOf(asked, walk)).filter(([event]) => names.has(event));
  const isSought = ([event, { since }]: (typeof missing)[number]) => walk.asked[event]?.since === since;
  if (missing.length > 0) return missing.every(isSought) ? readingOf(walk) : waitingProgress;
  if (kpis.some(({ id, version }) => history.versions[id] !== version)) return waitingProgress;
  return countingOf(
    history,
    (await readWaiting(table, "kpis", now)).map(({ name }) => name),
  );
}

async function readHistory(table: Table): Promise<History> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return historySchema.parse(Item ?? { versions: {} });
}
