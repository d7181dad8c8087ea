import { isDeepStrictEqual } from "node:util";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import type { Item, Key } from "../table/item.ts";
import { type Board, boardSchema, pack } from "./board.ts";
import { addsUp, type Kpi } from "./kpi.ts";
import type { PeriodKind } from "./period.ts";
import {
  type Snapshot,
  type SnapshotGroups,
  type SnapshotTally,
  snapshotGroupsSchema,
  snapshotSchema,
  snapshotTallySchema,
} from "./snapshot.ts";
import { figuresOf, type Groups, type Tally } from "./tally.ts";

/** A KPI's snapshots are one partition; what only the roll-up or a breakdown needs stands apart from it. */
const partitionOf = (kpi: string) => `SNAPSHOT#${kpi}`;
const tallyPartitionOf = (kpi: string) => `SNAPSHOT#${kpi}#tally`;
const slicePartitionOf = (kpi: string, slice: string) => `SNAPSHOT#${kpi}#by#${slice}`;
/** No KPI's id has capital letters. */
const boardPartition = "SNAPSHOT#BOARD";
const sortOf = (period: PeriodKind, start: string) => `${period}#${start}`;

const beforeSchema = z.looseObject({
  revision: z._default(z.number(), 0),
  figures: z.optional(boardSchema.shape.figures),
});
type Standing = z.infer<typeof beforeSchema>;
const attempts = 5;

/** What was counted of one KPI in one period. */
export interface Counted {
  readonly kpi: Kpi;
  readonly tally: Tally;
  readonly groups: Readonly<Record<string, Groups>>;
}

/**
 * Replaces some KPIs' snapshots of one period, and their figures on its board, by what `count` finds. Should another roll-up write one of them after the
 * counting began, all is counted again: what was counted earlier never stands over what was counted later. Where nothing
 * stands and nothing is found, nothing is written; what stays the same is left, with the instant since when it stands.
 *
 * @param beforeChange called before anything is written, if anything is to be
 * @returns the KPIs of which something stands now, and those that this call changed
 * @throws Error when others write faster than can be counted; the day's mark stays, so a later roll-up counts.
 */
export async function replaceSnapshots(
  table: Table,
  place: { readonly kpis: readonly Kpi[]; readonly period: PeriodKind; readonly start: string },
  now: () => Date,
  count: () => Promise<readonly Counted[]>,
  beforeChange: () => Promise<void> = async () => undefined,
): Promise<Replaced> {
  const { period, start } = place;
  const everChanged = new Set<string>();
  const sk = sortOf(period, start);
  for (let attempt = 0; attempt < attempts; attempt++) {
    // Before the counting: whoever writes after this read makes ours fail.
    const before = await readBefore(table, [...place.kpis.flatMap(partitionsOf), boardPartition], sk);
    const asOf = now().toISOString();
    const counted = await count();
    const items = counted
      .flatMap((each) => itemsOf(each, { period, start, asOf }))
      .map(({ empty, ...item }) => ({ empty, item, revision: before.get(item.pk)?.revision ?? 0 }))
      .filter(({ empty, revision }) => !empty || revision > 0);
    const standing = new Set(items.map(({ item }) => item.kpi));
    const told = counted.filter(({ kpi }) => standing.has(kpi.id));
    const board = boardOf(told, { period, start, asOf }, before.get(boardPartition)?.figures);
    const changed = items.filter(({ item }) => !isSame(item, before.get(item.pk)));
    for (const { item } of changed) everChanged.add(item.kpi);
    const boardBefore = before.get(boardPartition);
    const boardChanged = told.length > 0 && !hasSameFigures(board.figures, boardBefore?.figures);
    if (changed.length > 0 || boardChanged) await beforeChange();
    const writes = changed.map(({ item, revision }) => putRevision(table, item, revision));
    if (boardChanged) writes.push(putRevision(table, board, boardBefore?.revision ?? 0));
    if ((await Promise.all(writes)).includes("overtaken")) continue;
    const among = (ids: ReadonlySet<string>) => place.kpis.filter(({ id }) => ids.has(id));
    return { standing: among(standing), changed: among(everChanged) };
  }
  throw new Error(`the snapshots of the ${period} from ${start} change faster than they can be counted`);
}

export interface Replaced {
  readonly standing: readonly Kpi[];
  readonly changed: readonly Kpi[];
}

/** Whether two boards say the same, whenever it was counted. */
function hasSameFigures(figures: Board["figures"], before: Board["figures"] = {}): boolean {
  const undated = (of: Board["figures"]) => Object.entries(of).map(([kpi, packed]) => [kpi, packed.slice(0, -1)]);
  return isDeepStrictEqual(Object.fromEntries(undated(figures)), Object.fromEntries(undated(before)));
}

function partitionsOf(kpi: Kpi): readonly string[] {
  return [
    partitionOf(kpi.id),
    ...(addsUp(kpi) ? [] : [tallyPartitionOf(kpi.id)]),
    ...(kpi.slices ?? []).map((slice) => slicePartitionOf(kpi.id, slice)),
  ];
}

type Place = Pick<Snapshot, "period" | "start" | "asOf">;

function itemsOf({ kpi, tally, groups }: Counted, { period, start, asOf }: Place) {
  const sk = sortOf(period, start);
  const place = { sk, kind: "snapshot", kpi: kpi.id, period, start } as const;
  const figures = figuresOf(kpi, tally);
  const empty = figures.n === 0 && figures.facts === 0 && figures.leftOut === 0;
  const { version } = kpi;
  return [
    { ...place, pk: partitionOf(kpi.id), empty, ...figures, version, asOf },
    ...(addsUp(kpi) ? [] : [{ ...place, pk: tallyPartitionOf(kpi.id), empty, tally, version }]),
    ...Object.entries(groups).map(([slice, of]) => {
      const none = Object.keys(of).length === 0;
      return { ...place, pk: slicePartitionOf(kpi.id, slice), empty: none, slice, groups: of, version, asOf };
    }),
  ];
}

/** Whether the same figures stand already, whenever they were counted. Nothing is written for them then. */
function isSame(item: object, standing: Standing | undefined): boolean {
  if (standing === undefined) return false;
  const { asOf: _then, revision: _revision, ...kept } = standing;
  const { asOf: _now, ...counted }: Record<string, unknown> = JSON.parse(JSON.stringify(item));
  return isDeepStrictEqual(counted, kept);
}

/** A period's board with what was counted; what it says of other KPIs stays. */
function boardOf(counted: readonly Counted[], { period, start, asOf }: Place, before: Board["figures"] = {}) {
  const packed = counted.map(
    ({ kpi, tally }) => [kpi.id, pack(figuresOf(kpi, tally), { version: kpi.version, asOf })] as const,
  );
  const figures: Board["figures"] = { ...before, ...Object.fromEntries(packed) };
  return { pk: boardPartition, sk: sortOf(period, start), kind: "snapshot", period, start, figures } as const;
}

/** As many keys as a batch may name. */
const batchSize = 100;

async function readBefore(table: Table, partitions: readonly string[], sk: string) {
  const batches = Array.from({ length: Math.ceil(partitions.length / batchSize) }, (_, at) => {
    const keys = partitions.slice(at * batchSize, (at + 1) * batchSize).map((pk): Key => ({ pk, sk }));
    return batchGet(table, keys, { consistent: true });
  });
  const items: readonly Item[] = (await Promise.all(batches)).flat();
  return new Map(items.map((item) => [item.pk, beforeSchema.parse(item)]));
}

async function putRevision(
  table: Table,
  item: { readonly pk: string; readonly sk: string },
  revision: number,
): Promise<"written" | "overtaken"> {
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...item, revision: revision + 1 },
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
