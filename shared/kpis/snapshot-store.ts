import { PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import type { PeriodKind } from "./period.ts";
import { type Snapshot, snapshotSchema } from "./snapshot.ts";

const partitionOf = (kpi: string) => `SNAPSHOT#${kpi}`;
const sortOf = (period: PeriodKind, start: string) => `${period}#${start}`;

/** Writes a snapshot over the one that was there. */
export async function putSnapshot(table: Table, snapshot: Snapshot): Promise<void> {
  const key = { pk: partitionOf(snapshot.kpi), sk: sortOf(snapshot.period, snapshot.start) };
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, kind: "snapshot", ...snapshot } }));
}

/** A KPI's snapshots of one kind of period whose start is from `from` to `to`, both included, in order. */
export async function readSnapshots(
  table: Table,
  { kpi, period, from, to, consistent = false }: SnapshotRange,
): Promise<readonly Snapshot[]> {
  const snapshots: Snapshot[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      ConsistentRead: consistent,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": partitionOf(kpi), ":from": sortOf(period, from), ":to": sortOf(period, to) },
    },
  );
  for await (const page of pages) snapshots.push(...(page.Items ?? []).map((item) => snapshotSchema.parse(item)));
  return snapshots;
}

export interface SnapshotRange {
  readonly kpi: string;
  readonly period: PeriodKind;
  readonly from: string;
  readonly to: string;
  readonly consistent?: boolean;
}
