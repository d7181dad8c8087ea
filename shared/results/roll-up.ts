import { localDatesOf } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import { clearDirty, readDirty } from "../table/dirty-store.ts";
import { placeOfPk } from "./mail-fact.ts";
import { recountDay } from "./result-day-store.ts";

export interface ResultRollUp {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
}

/**
 * Counts anew the days of campaigns whose results have changed. Running it again, after a crash anywhere or beside
 * another one, gives the same: a mark goes last, and only if it is still the one that was read before the counting.
 */
export async function rollUpResults({
  table,
  timeZone,
  now,
}: ResultRollUp): Promise<{ readonly campaignDays: number }> {
  const began = now();
  const dirty = await readDirty(table, "results");
  const days = new Map(
    dirty.flatMap(({ name }) => {
      const { campaign, utcDate } = placeOfPk(name);
      return localDatesOf(utcDate, timeZone).map((day) => [
        `${campaign.type}#${campaign.id}#${day}`,
        { campaign, day },
      ]);
    }),
  );
  for (const { campaign, day } of days.values()) await recountDay({ table, campaign, day, timeZone, now });
  for (const mark of dirty) await clearDirty(table, "results", mark, began);
  return { campaignDays: days.size };
}
