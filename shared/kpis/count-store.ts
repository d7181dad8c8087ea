import { PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { batchGet } from "../table/batch-get.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { isWritten } from "../table/is-written.ts";
import { type Board, boardSchema, isSameCount, type Packed, pack } from "./board.ts";
import { type Distinct, packDistinct } from "./distinct.ts";
import type { Groups } from "./groups.ts";
import { activityOf, addsUp, type Kpi } from "./kpi.ts";
import type { PeriodKind } from "./period.ts";
import {
  boardPartition,
  partitionOf,
  peoplePartitionOf,
  slicePartitionOf,
  sortOf,
  tallyPartitionOf,
} from "./snapshot-store.ts";
import { type Figures, figuresOf, packTally, type Tally } from "./tally.ts";

/** What was counted of one KPI in one period. */
export interface Counted {
  readonly kpi: Kpi;
  readonly tally: Tally;
  readonly groups: Readonly<Record<string, Groups>>;
  /** Of a day and a KPI that asks who is active: who had a fact that keeps one so. */
  readonly people?: Distinct;
}

export interface Place {
  readonly period: PeriodKind;
  readonly start: string;
}

/** What stood of a period before it was counted. */
export interface Before {
  readonly revision: number;
  readonly figures: Board["figures"];
}

export interface Replaced {
  /** The KPIs of which something stands now. */
  readonly standing: readonly Kpi[];
  /** Those that were written. */
  readonly changed: readonly Kpi[];
}

const beforeSchema = z.object({ revision: z._default(z.number(), 0), figures: boardSchema.shape.figures });
const nothing: Before = { revision: 0, figures: {} };
const attempts = 5;

/**
 * What stands of some periods, to be read before anything is that their counting rests on: whoever writes one of them
 * later makes `writeCounted` say so.
 */
export async function readBefore(table: Table, places: readonly Place[]): Promise<(place: Place) => Before> {
  const keys = places.map(({ period, start }) => ({ pk: boardPartition, sk: sortOf(period, start) }));
  const boards = await batchGet(table, keys, { consistent: true });
  const known = new Map(boards.map((item) => [item.sk, beforeSchema.parse(item)]));
  return ({ period, start }) => known.get(sortOf(period, start)) ?? nothing;
}

/**
 * Writes what was counted of a period, where it is not what stands: first its board, whose next revision is the claim to
 * the period, then the KPIs' own items, each unless a later claim has written it. Where nothing stands and nothing is
 * found, nothing is written; what stays the same keeps the instant since when it stands.
 *
 * @param options.isTorn all is written, the same or not: a writer may have died between a board and its items
 * @param options.beforeChange called before anything is written, if anything is to be; tells whether it is torn after all
 * @returns "overtaken" when another one has claimed the period since `before` was read; then nothing was written
 */
export async function writeCounted(
  table: Table,
  { period, start }: Place,
  {
    before,
    counted,
    asOf,
    isTorn,
    beforeChange = async () => isTorn,
  }: {
    readonly before: Before;
    readonly counted: readonly Counted[];
    readonly asOf: string;
    readonly isTorn: boolean;
    readonly beforeChange?: () => Promise<boolean>;
  },
): Promise<Replaced | "overtaken"> {
  const standing = counted.flatMap((each) => {
    const figures = figuresOf(each.kpi, each.tally);
    const stood = before.figures[each.kpi.id];
    if (stood === undefined && isEmpty(figures)) return [];
    const told = { version: each.kpi.version, asOf, fingerprint: fingerprintOf(each, figures) };
    const found = pack(figures, told);
    const isSame = stood !== undefined && isSameCount(stood, found);
    const packed: Packed = isSame ? stood : found;
    return { each, figures, packed, isSame };
  });
  let written = standing.filter(({ isSame }) => isTorn || !isSame);
  const among = (of: typeof standing) => of.map(({ each }) => each.kpi);
  if (written.length === 0) return { standing: among(standing), changed: [] };
  if (await beforeChange()) written = standing;
  const claim = before.revision + 1;
  const figures = {
    ...before.figures,
    ...Object.fromEntries(written.map(({ each, packed }) => [each.kpi.id, packed])),
  };
  const key = { sk: sortOf(period, start), kind: "snapshot", period, start } as const;
  const board = { pk: boardPartition, ...key, figures, revision: claim };
  if (!(await put(table, board, isRevision(before.revision)))) return "overtaken";
  const items = written.flatMap(({ each, figures, packed }) => {
    const since = new Date(packed[6]).toISOString();
    return itemsOf(each, { figures, place: key, asOf: since });
  });
  // KPIs that ask for the same people have one item of them.
  const unique = [...new Map(items.map((item) => [item.pk, item])).values()];
  const isEarlier = {
    ConditionExpression: "attribute_not_exists(claim) OR claim < :claim",
    ExpressionAttributeValues: { ":claim": claim },
  };
  await Promise.all(unique.map((item) => put(table, { ...item, claim }, isEarlier)));
  return { standing: among(standing), changed: among(written) };
}

/**
 * Replaces some KPIs' snapshots of one period by what `count` finds. Should another roll-up write the period after the
 * counting began, all is counted again: what was counted earlier never stands over what was counted later.
 *
 * @param options.isTorn as of `writeCounted`
 * @param options.beforeChange as of `writeCounted`
 * @throws Error when others write faster than can be counted; the day's mark stays, so a later roll-up counts.
 */
export async function replaceSnapshots(
  table: Table,
  place: Place,
  now: () => Date,
  count: () => Promise<readonly Counted[]>,
  { isTorn = false, beforeChange }: { readonly isTorn?: boolean; readonly beforeChange?: () => Promise<boolean> } = {},
): Promise<Replaced> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = (await readBefore(table, [place]))(place);
    const asOf = now().toISOString();
    const counted = await count();
    // Whoever overtook this one may not be done writing: then all is written once more.
    const torn = isTorn || attempt > 0;
    const change = { before, counted, asOf, isTorn: torn, ...(beforeChange && { beforeChange }) };
    const replaced = await writeCounted(table, place, change);
    if (replaced !== "overtaken") return replaced;
  }
  throw new Error(`the snapshots of the ${place.period} from ${place.start} change faster than they can be counted`);
}

function isEmpty({ n, facts, leftOut }: Figures): boolean {
  return n === 0 && facts === 0 && leftOut === 0;
}

/** Of all that stands of a KPI beside what its board says, 48 bits; undefined where there is nothing. */
function fingerprintOf({ kpi, tally, groups, people }: Counted, { unrated }: Figures): number | undefined {
  const more = [addsUp(kpi) ? undefined : tally, groups, unrated, people];
  const texts = more.map((part) => JSON.stringify(part, inOrder) ?? "");
  if (texts.every((text) => text === "" || text === "{}")) return undefined;
  return Number.parseInt(digestOf(texts, 12), 16);
}

/** Members by their names, in whatever order they were counted. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function itemsOf(
  { kpi, tally, groups, people }: Counted,
  {
    figures,
    place,
    asOf,
  }: {
    readonly figures: Figures;
    readonly place: Place & { readonly sk: string; readonly kind: "snapshot" };
    readonly asOf: string;
  },
) {
  const { version } = kpi;
  const own = { ...place, kpi: kpi.id, version };
  const activity = activityOf(kpi);
  return [
    { pk: partitionOf(kpi.id), ...own, ...figures, asOf },
    ...(addsUp(kpi) ? [] : [{ pk: tallyPartitionOf(kpi.id), ...own, tally: packTally(tally) }]),
    ...Object.entries(groups).map(([slice, of]) => {
      return { pk: slicePartitionOf(kpi.id, slice), ...own, slice, groups: of, asOf };
    }),
    ...(activity === undefined || people === undefined
      ? []
      : [{ pk: peoplePartitionOf(activity), ...place, people: packDistinct(people) }]),
  ];
}

const isRevision = (revision: number) =>
  revision === 0
    ? { ConditionExpression: "attribute_not_exists(revision)" }
    : { ConditionExpression: "revision = :revision", ExpressionAttributeValues: { ":revision": revision } };

async function put(
  table: Table,
  Item: Record<string, unknown>,
  condition: Pick<PutCommand["input"], "ConditionExpression" | "ExpressionAttributeValues">,
): Promise<boolean> {
  return isWritten(table.client.send(new PutCommand({ TableName: table.name, Item, ...condition })));
}
