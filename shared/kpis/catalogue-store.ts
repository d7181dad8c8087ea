import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
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
 * Changes the catalogue; should another change be faster, it is made anew from what stands then.
 *
 * @throws DomainError of `change`, or version_conflict when others keep on being faster
 */
export async function changeCatalogue(table: Table, change: (catalogue: Catalogue) => Catalogue): Promise<Catalogue> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await readCatalogue(table, { consistent: true });
    const next = change(before);
    if (await putCatalogue(table, next, before.version)) return next;
  }
  throw new DomainError("version_conflict", "Others change KPIs at the same time. Send the request again.");
}

async function putCatalogue(table: Table, catalogue: Catalogue, before: number): Promise<boolean> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "kpiCatalogue", ...catalogue },
        ConditionExpression: before === 0 ? "attribute_not_exists(pk)" : "#version = :before",
        ...(before > 0 && {
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":before": before },
        }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
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
  let kept: { readonly until: number; readonly asked: Promise<Asked> } | undefined;
  return () => {
    if (kept !== undefined && now().getTime() < kept.until) return kept.asked;
    const asked = readCatalogue(table, { consistent: true }).then(askedBy);
    const mine = { until: now().getTime() + catalogueSeconds * 1000, asked };
    kept = mine;
    asked.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return asked;
  };
}
