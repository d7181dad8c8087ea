import type { Table } from "../table/client.ts";
import { addDays, localDateAt } from "./calendar.ts";
import { keepsRhythm, withRhythm } from "./catalogue.ts";
import { changeCatalogue, readCatalogue } from "./catalogue-store.ts";
import { rhythmDays, rhythmOf } from "./rhythm.ts";
import { activity } from "./shipped.ts";
import { readPeople } from "./snapshot-store.ts";

/**
 * Adopts the account's rhythm for the days that a customer stays active, if it has become another one. KPIs that follow it
 * have a new version then, by which their history is counted anew.
 *
 * @returns whether it was adopted
 */
export async function followRhythm(
  table: Table,
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): Promise<boolean> {
  if (keepsRhythm(await readCatalogue(table), now)) return false;
  const today = localDateAt(now, timeZone);
  const range = { period: "day", from: addDays(today, -rhythmDays), to: today } as const;
  const rhythm = rhythmOf(await readPeople(table, activity, range));
  if (rhythm === undefined) return false;
  const { rhythm: adopted } = await changeCatalogue(table, (catalogue) => withRhythm(catalogue, rhythm, now));
  return adopted?.at === now.toISOString();
}
