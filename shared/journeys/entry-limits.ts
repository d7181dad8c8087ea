import * as z from "zod/mini";

const most = z.number().check(z.int(), z.gte(1), z.lte(10_000_000));

/** How many runs of a journey may begin. */
export const entryLimitsSchema = z
  .strictObject({ perDay: z.optional(most), inAll: z.optional(most) })
  .check(z.refine(({ perDay, inAll }) => perDay !== undefined || inAll !== undefined, "names perDay, inAll or both"));
export type EntryLimits = z.output<typeof entryLimitsSchema>;

/** How many runs have begun: in all, and on the newest day on which one did. */
export const entryCountSchema = z.object({
  inAll: z.number(),
  day: z.string(),
  onDay: z.number(),
  /** Changes with every write. */
  version: z.number(),
});
export type EntryCount = z.output<typeof entryCountSchema>;

/**
 * The count with one entry more; undefined when a limit is reached.
 *
 * @param today the journey's local date
 */
export function countEntry(
  { perDay = Number.POSITIVE_INFINITY, inAll = Number.POSITIVE_INFINITY }: EntryLimits,
  count: EntryCount | undefined,
  today: string,
): EntryCount | undefined {
  const { inAll: begun, day, onDay, version } = count ?? { inAll: 0, day: today, onDay: 0, version: 0 };
  // A clock that lags behind another function's counts for the newer day.
  const isNewDay = today > day;
  const begunToday = isNewDay ? 0 : onDay;
  if (begun >= inAll || begunToday >= perDay) return undefined;
  return { inAll: begun + 1, day: isNewDay ? today : day, onDay: begunToday + 1, version: version + 1 };
}
