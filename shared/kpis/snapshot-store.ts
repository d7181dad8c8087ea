import { paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import type { Table } from "../table/client.ts";
import { type Board, boardSchema } from "./board.ts";
import { type Distinct, packedDistinctSchema } from "./distinct.ts";
import { addsUp, type Kpi, type Measure, peopleName } from "./kpi.ts";
import type { PeriodKind } from "./period.ts";
import {
  type Snapshot,
  type SnapshotGroups,
  type SnapshotTally,
  snapshotGroupsSchema,
  snapshotSchema,
  snapshotTallySchema,
} from "./snapshot.ts";

/** A KPI's snapshots are one partition; what only the roll-up or a breakdown needs stands apart from it. */
export const partitionOf = (kpi: string) => `SNAPSHOT#${kpi}`;
export const tallyPartitionOf = (kpi: string) => `SNAPSHOT#${kpi}#tally`;
export const slicePartitionOf = (kpi: string, slice: string) => `SNAPSHOT#${kpi}#by#${slice}`;
/** No KPI's id has capital letters. */
export const boardPartition = "SNAPSHOT#BOARD";
export const peoplePartitionOf = (activity: Measure) => `SNAPSHOT#PEOPLE#${peopleName(activity)}`;
export const sortOf = (period: PeriodKind, start: string) => `${period}#${start}`;

export interface PeriodRange {
  readonly period: PeriodKind;
  readonly from: string;
  readonly to: string;
  readonly consistent?: boolean;
}
export type SnapshotRange = PeriodRange & {
  readonly kpi: string;
  /** What another version of the definition has counted is left out. */
  readonly version?: number;
};

/** A KPI's snapshots of one kind of period whose start is from `from` to `to`, both included, in order. */
export async function readSnapshots(table: Table, range: SnapshotRange): Promise<readonly Snapshot[]> {
  const items = await queryItems(table, partitionOf(range.kpi), range);
  return countedBy(
    range,
    items.map((item) => snapshotSchema.parse(item)),
  );
}

function countedBy<Kept extends { readonly version: number }>(
  { version }: Pick<SnapshotRange, "version">,
  all: readonly Kept[],
) {
  return version === undefined ? all : all.filter((kept) => kept.version === version);
}

/** Which snapshots of a KPI are those of its definition. */
export function countOf({ id, version }: Pick<Kpi, "id" | "version">) {
  return { kpi: id, version };
}

/** The boards of one kind of period, in order: every KPI at once. */
export async function readBoards(table: Table, range: PeriodRange): Promise<readonly Board[]> {
  return (await queryItems(table, boardPartition, range)).map((item) => boardSchema.parse(item));
}

/** The first day that any KPI has counted something on. */
export async function readOldestDay(table: Table): Promise<string | undefined> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :day)",
      ExpressionAttributeValues: { ":pk": boardPartition, ":day": "day#" },
      Limit: 1,
    }),
  );
  return Items.map((item) => boardSchema.parse(item).start)[0];
}

/** The same periods as what adds up to longer ones. */
export async function readTallies(table: Table, kpi: Kpi, range: PeriodRange): Promise<readonly SnapshotTally[]> {
  if (!addsUp(kpi)) {
    const items = await queryItems(table, tallyPartitionOf(kpi.id), range);
    return countedBy(
      kpi,
      items.map((item) => snapshotTallySchema.parse(item)),
    );
  }
  const snapshots = await readSnapshots(table, { ...range, ...countOf(kpi) });
  return snapshots.map(({ period, start, version, asOf: _, kpi: __, ...sums }) => {
    return { kpi: kpi.id, period, start, version, tally: { sums } };
  });
}

/** The same periods by the groups of a slice. */
export async function readGroups(
  table: Table,
  { kpi, slice, ...range }: SnapshotRange & { readonly slice: string },
): Promise<readonly SnapshotGroups[]> {
  const items = await queryItems(table, slicePartitionOf(kpi, slice), range);
  return countedBy(
    range,
    items.map((item) => snapshotGroupsSchema.parse(item)),
  );
}

const peopleSchema = z.object({ start: z.string(), people: packedDistinctSchema });

/** Of days who had a fact of those that keep one active; days without any may be missing. */
export async function readPeople(
  table: Table,
  activity: Measure,
  range: PeriodRange,
): Promise<ReadonlyMap<string, Distinct>> {
  const items = await queryItems(table, peoplePartitionOf(activity), range);
  return new Map(items.map((item) => peopleSchema.parse(item)).map(({ start, people }) => [start, people]));
}

async function queryItems(
  table: Table,
  pk: string,
  { period, from, to, consistent = false }: PeriodRange,
): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      ConsistentRead: consistent,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
      ExpressionAttributeValues: { ":pk": pk, ":from": sortOf(period, from), ":to": sortOf(period, to) },
    },
  );
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}
