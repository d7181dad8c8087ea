import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import type { Kpi } from "./kpi.ts";
import { periodKinds } from "./period.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Figures } from "./tally.ts";

/**
 * Numerator, denominator, n, facts, left out, version of the definition, and since when it stands so (ms since 1970); of a
 * KPI that has more than its figures (groups, people) a fingerprint of that.
 */
const packedSchema = z.tuple(
  [z.number(), z.nullable(z.number()), z.number(), z.number(), z.number(), z.number(), z.number()],
  z.number(),
);
export type Packed = z.infer<typeof packedSchema>;

/**
 * The figures of all KPIs in one period, small enough that a list of every KPI's last thirteen periods is one query of
 * few units. They are the same as in the KPIs' own snapshots, and counted with them.
 */
export const boardSchema = z.object({
  period: z.enum(periodKinds),
  start: z.iso.date(),
  figures: z.record(z.string(), packedSchema),
});
export type Board = z.infer<typeof boardSchema>;

export function pack(
  { numerator, denominator, n, facts, leftOut }: Figures,
  { version, asOf, fingerprint }: Pick<Snapshot, "version" | "asOf"> & { readonly fingerprint?: number | undefined },
): Packed {
  const figures = [numerator, denominator, n, facts, leftOut, version, Date.parse(asOf)] as const;
  return fingerprint === undefined ? [...figures] : [...figures, fingerprint];
}

/** Whether two counts of a KPI found the same, whenever that was. */
export function isSameCount(one: Packed, other: Packed): boolean {
  const undated = (packed: Packed) => packed.toSpliced(6, 1);
  return isDeepStrictEqual(undated(one), undated(other));
}

/** What boards say of one KPI; what another version of its definition has counted is left out. */
export function snapshotsOn(boards: readonly Board[], kpi: Pick<Kpi, "id" | "version">): readonly Snapshot[] {
  return boards.flatMap(({ period, start, figures }) => {
    const packed = figures[kpi.id];
    if (packed === undefined) return [];
    const [numerator, denominator, n, facts, leftOut, version, at] = packed;
    if (version !== kpi.version) return [];
    const asOf = new Date(at).toISOString();
    return { kpi: kpi.id, period, start, numerator, denominator, n, facts, leftOut, version, asOf };
  });
}
