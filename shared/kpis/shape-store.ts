import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { localDateAt, periodBefore, periodContaining } from "./calendar.ts";
import { addsUp, isCumulative, type Kpi } from "./kpi.ts";
import type { PeriodKind } from "./period.ts";
import { type Shape, shapeOf, shapePeriods, shapePrefix } from "./shape.ts";
import { countOf, readSnapshots } from "./snapshot-store.ts";
import { kpiValue } from "./tally.ts";
import { readStandards } from "./target-store.ts";

export interface RefreshShapes {
  readonly table: Table;
  readonly kpis: readonly Kpi[];
  readonly timeZone: string;
  readonly now: Date;
}

/**
 * Finds, once a local day, how the counts with a target come in over their kind of period, from the days of at most three
 * years. Kept beside the targets, so that no list of KPIs reads days.
 *
 * @returns how many were found anew
 */
export async function refreshShapes(options: RefreshShapes): Promise<number> {
  const { table, kpis, timeZone, now } = options;
  const today = localDateAt(now, timeZone);
  const { targets, shapes } = await readStandards(table);
  const isFresh = (kpi: string, period: PeriodKind) =>
    shapes.some((shape) => {
      return shape.kpi === kpi && shape.period === period && localDateAt(new Date(shape.asOf), timeZone) === today;
    });
  let found = 0;
  for (const { kpi: id, period } of targets) {
    const kpi = kpis.find((candidate) => candidate.id === id);
    if (kpi === undefined || !hasShape(kpi, period) || isFresh(id, period)) continue;
    await putShape(table, await readShape(options, kpi, period));
    found++;
  }
  return found;
}

/** A count whose days add up to its periods. */
function hasShape(kpi: Kpi, period: PeriodKind): boolean {
  return isCumulative(kpi) && addsUp(kpi) && shapePeriods[period] > 0;
}

async function readShape({ table, timeZone, now }: RefreshShapes, kpi: Kpi, kind: PeriodKind): Promise<Shape> {
  const current = periodContaining(kind, localDateAt(now, timeZone));
  const earlier = Array.from({ length: shapePeriods[kind] }, (_, back) => periodBefore(current, back + 1));
  const from = earlier.at(-1)?.start ?? current.start;
  const days = await readSnapshots(table, { ...countOf(kpi), period: "day", from, to: current.start });
  const values = new Map(days.map((day) => [day.start, kpiValue(kpi, day) ?? 0]));
  const length = Math.round((Date.parse(current.end) - Date.parse(current.start)) / 86_400_000);
  return { kpi: kpi.id, period: kind, ...shapeOf(earlier, values, length), asOf: now.toISOString() };
}

async function putShape(table: Table, shape: Shape): Promise<void> {
  const Item = { pk: "TARGET", sk: `${shapePrefix}${shape.kpi}#${shape.period}`, kind: "targetShape", ...shape };
  await table.client.send(new PutCommand({ TableName: table.name, Item }));
}
