import type { Table } from "../table/client.ts";
import { queryAll } from "../table/query-all.ts";
import { utcDatesOf } from "./calendar.ts";

/** Items that stand by UTC date, in so many partitions a date, and by an instant with a `#` behind it. */
export interface ByDate {
  readonly shards: number;
  readonly partition: (utcDate: string, shard: number) => string;
}

/** Every item from `from` up to, but without, `to`, read consistently. */
export async function readSpan(
  table: Table,
  { shards, partition }: ByDate,
  { from, to }: { readonly from: Date; readonly to: Date },
): ReturnType<typeof queryAll> {
  const partitions = utcDatesOf({ from, to }).flatMap((date) =>
    Array.from({ length: shards }, (_, shard) => partition(date, shard)),
  );
  // "~" sorts behind the "#" that follows an instant, so the last millisecond is in and `to` itself is out
  const bounds = { from: from.toISOString(), to: `${new Date(to.getTime() - 1).toISOString()}~`, consistent: true };
  return (await Promise.all(partitions.map((pk) => queryAll(table, { pk, ...bounds })))).flat();
}
