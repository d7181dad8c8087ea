import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import type { PeriodKind } from "./period.ts";
import { type Snapshot, snapshotSchema } from "./snapshot.ts";

const partitionOf = (kpi: string) => `SNAPSHOT#${kpi}`;
const sortOf = (period: PeriodKind, start: string) => `${period}#${start}`;

const revisionSchema = z.object({ revision: z._default(z.number(), 0) });
const attempts = 5;

/**
 * Replaces some KPIs' snapshots of one period by what `count` finds. Should another roll-up write one of them after the
 * counting began, all is counted again: what was counted earlier never stands over what was counted later.
 *
 * @throws Error when others write faster than can be counted; the day's mark stays, so a later roll-up counts.
 */
export async function replaceSnapshots(
  table: Table,
  place: { readonly kpis: readonly string[]; readonly period: PeriodKind; readonly start: string },
  count: () => Promise<readonly Snapshot[]>,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    // Before the counting: whoever writes after this read makes ours fail.
    const revisions = new Map(
      await Promise.all(place.kpis.map(async (kpi) => [kpi, await readRevision(table, { ...place, kpi })] as const)),
    );
    const snapshots = await count();
    const written = await Promise.all(
      snapshots.map((snapshot) => putSnapshot(table, snapshot, revisions.get(snapshot.kpi) ?? 0)),
    );
    if (!written.includes("overtaken")) return;
  }
  throw new Error(`the snapshots of the ${place.period} from ${place.start} change faster than they can be counted`);
}

async function readRevision(table: Table, at: Pick<Snapshot, "kpi" | "period" | "start">): Promise<number> {
  const [item] = await queryItems(table, { ...at, from: at.start, to: at.start, consistent: true });
  return item === undefined ? 0 : revisionSchema.parse(item).revision;
}

async function putSnapshot(table: Table, snapshot: Snapshot, revision: number): Promise<"written" | "overtaken"> {
  const key = { pk: partitionOf(snapshot.kpi), sk: sortOf(snapshot.period, snapshot.start) };
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...key, kind: "snapshot", ...snapshot, revision: revision + 1 },
        ...(revision === 0
          ? { ConditionExpression: "attribute_not_exists(revision)" }
          : { ConditionExpression: "revision = :revision", ExpressionAttributeValues: { ":revision": revision } }),
      }),
    );
    return "written";
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return "overtaken";
    throw error;
  }
}

/** A KPI's snapshots of one kind of period whose start is from `from` to `to`, both included, in order. */
export async function readSnapshots(table: Table, range: SnapshotRange): Promise<readonly Snapshot[]> {
  return (await queryItems(table, range)).map((item) => snapshotSchema.parse(item));
}

async function queryItems(
  table: Table,
  { kpi, period, from, to, consistent = false }: SnapshotRange,
): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      ConsistentRead: consistent,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": partitionOf(kpi), ":from": sortOf(period, from), ":to": sortOf(period, to) },
    },
  );
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

export interface SnapshotRange {
  readonly kpi: string;
  readonly period: PeriodKind;
  readonly from: string;
  readonly to: string;
  readonly consistent?: boolean;
}
