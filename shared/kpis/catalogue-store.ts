import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { keepReading } from "../table/keep-reading.ts";
import { putNextVersion } from "../table/versioned.ts";
import { askedOf, type Catalogue, catalogueSchema, emptyCatalogue, kpisOf } from "./catalogue.ts";
import type { Kpi } from "./kpi.ts";

const key = { pk: "KPIS", sk: "CATALOGUE" };

export async function readCatalogue(table: Table, { consistent = false } = {}): Promise<Catalogue> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: key, ConsistentRead: consistent }),
  );
  return Item === undefined ? emptyCatalogue : catalogueSchema.parse(Item);
}

/** Every KPI of the account as it is defined now. */
export async function readKpis(
  table: Table,
  currency: string,
  options: { readonly consistent?: boolean } = {},
): Promise<readonly Kpi[]> {
  return kpisOf(await readCatalogue(table, options), currency);
}

const attempts = 5;

/**
 * Changes the catalogue; should another change be faster, it is made anew from what stands then. The same one is not written.
 *
 * @throws DomainError of `change`, or version_conflict when others keep on being faster
 */
export async function changeCatalogue(table: Table, change: (catalogue: Catalogue) => Catalogue): Promise<Catalogue> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await readCatalogue(table, { consistent: true });
    const next = change(before);
    if (next === before) return before;
    const item = { ...key, kind: "kpiCatalogue", ...next };
    if (await putNextVersion(table, item, before.version)) return next;
  }
  throw new DomainError("version_conflict", "Others change KPIs at the same time. Send the request again.");
}

/** A process knows the catalogue so long; history is walked when every process knows what to keep of newer events. */
export const catalogueSeconds = 30;

/** What KPIs ask of other events, and the version of the catalogue that asks. */
export interface Asked {
  readonly version: number;
  readonly events: ReturnType<typeof askedOf>;
}

export function askedBy({ version, definitions }: Catalogue): Asked {
  return { version, events: askedOf(Object.values(definitions)) };
}

/** Keeps in memory for a short while what is asked; callers at one time share one read. */
export function keepAsked({ table, now }: { readonly table: Table; readonly now: () => Date }): () => Promise<Asked> {
  const read = async () => askedBy(await readCatalogue(table, { consistent: true }));
  return keepReading(read, { now, seconds: catalogueSeconds }).get;
}
