import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { addDays, instantsOf, localDatesOf, periodContaining } from "../kpis/calendar.ts";
import { addedUpFrom, type Period, type PeriodKind, periodKinds } from "../kpis/period.ts";
import { readSpan } from "../kpis/span-store.ts";
import type { Table } from "../table/client.ts";
import { clearDirty, readDirty } from "../table/dirty-store.ts";
import { queryAll } from "../table/query-all.ts";
import { putNextVersion } from "../table/versioned.ts";
import { countFunnel, type FunnelGroups, groupsSchema, sumFunnels } from "./funnel.ts";
import { type FunnelEntry, funnelEntrySchema, funnelPartition, funnelShards } from "./funnel-entry.ts";

const itemSchema = z.object({ groups: groupsSchema, asOf: z.iso.datetime(), version: z.number() });
type FunnelItem = z.infer<typeof itemSchema>;

const pk = "FUNNELS";
const skOf = (kind: PeriodKind, start: string) => `${kind}#${start}`;

/** The counts of a period as they were last counted; undefined where nobody's way began. */
export async function readFunnel(
  table: Table,
  { kind, start }: Pick<Period, "kind" | "start">,
  { consistent = false } = {},
): Promise<FunnelItem | undefined> {
  const key = { pk, sk: skOf(kind, start) };
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: consistent }),
  );
  return Item && itemSchema.parse(Item);
}

export interface FunnelRollUp {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
  /** UTC dates at the most, the newest first; the others keep their marks. */
  readonly most?: number;
}

/**
 * Counts anew the days on which a way began that has gone on since, and the weeks, months, quarters and years that they
 * belong to. As of KPIs, running it again or beside another one gives the same counts.
 */
export async function rollUpFunnel(options: FunnelRollUp): Promise<{ readonly funnelDays: number }> {
  const { table, timeZone, most = Number.POSITIVE_INFINITY } = options;
  const began = options.now();
  const dirty = (await readDirty(table, "funnel")).slice(-most);
  const days = [...new Set(dirty.flatMap(({ name }) => localDatesOf(name, timeZone)))].sort();
  for (const day of days) {
    await replace(options, { kind: "day", start: day }, async () => countFunnel(await readDay(table, day, timeZone)));
  }
  for (const kind of periodKinds) {
    if (kind === "day") continue;
    const periods = new Map(days.map((day) => [periodContaining(kind, day).start, periodContaining(kind, day)]));
    for (const period of periods.values()) {
      await replace(options, period, async () => sumFunnels(await readParts(table, addedUpFrom[kind], period)));
    }
  }
  for (const mark of dirty) await clearDirty(table, "funnel", mark, began);
  return { funnelDays: days.length };
}

const attempts = 5;

/** Should another roll-up write the period after the counting began, all is counted again. */
async function replace(
  { table, now }: FunnelRollUp,
  place: Pick<Period, "kind" | "start">,
  count: () => Promise<FunnelGroups>,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const held = await readFunnel(table, place, { consistent: true });
    const asOf = now().toISOString();
    const groups = await count();
    if (held === undefined && Object.keys(groups).length === 0) return;
    const sk = skOf(place.kind, place.start);
    const item = { pk, sk, kind: "funnel", groups, asOf, version: (held?.version ?? 0) + 1 };
    if (await putNextVersion(table, item)) return;
  }
  throw new Error(`the funnel of the ${place.kind} from ${place.start} changes faster than it can be counted`);
}

async function readDay(table: Table, day: string, timeZone: string): Promise<readonly FunnelEntry[]> {
  const span = instantsOf({ start: day, end: addDays(day, 1) }, timeZone);
  const items = await readSpan(table, { shards: funnelShards, partition: funnelPartition }, span);
  return items.map((item) => funnelEntrySchema.parse(item));
}

async function readParts(table: Table, kind: PeriodKind, { start, end }: Period): Promise<readonly FunnelGroups[]> {
  const range = { pk, from: skOf(kind, start), to: skOf(kind, addDays(end, -1)), consistent: true };
  return (await queryAll(table, range)).map((item) => itemSchema.parse(item).groups);
}
