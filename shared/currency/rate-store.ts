import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { queryAll } from "../table/query-all.ts";
import { putNextVersion } from "../table/versioned.ts";
import { type DayRates, dayRatesSchema } from "./rate.ts";

const pk = "RATES";

async function readDay(table: Table, date: string): Promise<DayRates | undefined> {
  const command = new GetCommand({ TableName: table.name, Key: { pk, sk: date }, ConsistentRead: true });
  const { Item } = await table.client.send(command);
  return Item && dayRatesSchema.parse(Item);
}

/** The rates of the days from `from` to `to`, both included, oldest first. */
export async function readRates(
  table: Table,
  range: { readonly from: string; readonly to: string; readonly consistent?: boolean },
): Promise<readonly DayRates[]> {
  return (await queryAll(table, { pk, ...range })).map((item) => dayRatesSchema.parse(item));
}

const attempts = 5;

/**
 * Changes the rates of a day; should another change be faster, it is made anew from what stands then. A change to what
 * stands already writes nothing.
 *
 * @returns the rates as they are now, and whether they were others before
 * @throws DomainError of `change`, or version_conflict when others keep on being faster
 */
export async function changeDay(
  table: Table,
  date: string,
  change: (before: DayRates | undefined) => DayRates | undefined,
): Promise<{ readonly day: DayRates | undefined; readonly changed: boolean }> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await readDay(table, date);
    const next = change(before);
    if (next === undefined) return { day: before, changed: false };
    const item = { ...next, pk, sk: date, kind: "currencyRates", version: (before?.version ?? 0) + 1 };
    if (await putNextVersion(table, item)) return { day: dayRatesSchema.parse(item), changed: true };
  }
  throw new DomainError("version_conflict", `Others change the rates of ${date} at the same time. Send it again.`);
}
