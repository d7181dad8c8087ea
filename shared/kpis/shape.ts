import * as z from "zod/mini";
import { addDays } from "./calendar.ts";
import { type Period, type PeriodKind, periodKinds } from "./period.ts";

/** How many earlier periods a shape rests on at most. A day has none: its hours are not kept. */
export const shapePeriods: Readonly<Record<PeriodKind, number>> = { day: 0, week: 8, month: 6, quarter: 4, year: 3 };

/** With fewer, the share of the period gone says as much. */
export const fewestShapePeriods = 3;

export const shapePrefix = "SHAPE#";

/** How a count came in over its earlier periods. */
export const shapeSchema = z.object({
  kpi: z.string(),
  period: z.enum(periodKinds),
  /** The mean share of the value that was there at the start, and after each of the running period's days; empty when not known. */
  shares: z.array(z.number()),
  /** Earlier periods with data that it rests on. */
  periods: z.number(),
  asOf: z.iso.datetime(),
});
export type Shape = z.infer<typeof shapeSchema>;

/**
 * The seasonal shape of a count: for each day of the running period, the mean share of their values that earlier periods
 * had by the same part of theirs. Each period counts alike, whatever its size; one without a positive value says nothing.
 *
 * @param earlier complete periods
 * @param values of their days; a day that is missing had none
 */
export function shapeOf(
  earlier: readonly Pick<Period, "start" | "end">[],
  values: ReadonlyMap<string, number>,
  days: number,
): Pick<Shape, "shares" | "periods"> {
  const curves = earlier.map((period) => curveOf(period, values)).filter((curve) => curve !== undefined);
  if (curves.length < fewestShapePeriods) return { shares: [], periods: curves.length };
  const shares = Array.from({ length: days + 1 }, (_, day) => {
    const sum = curves.reduce((total, curve) => total + shareAt(curve, day / days), 0);
    return Math.round((sum / curves.length) * 10_000) / 10_000;
  });
  return { shares, periods: curves.length };
}

/** The share of a period's value that was there at its start and after each of its days. */
function curveOf(
  { start, end }: Pick<Period, "start" | "end">,
  values: ReadonlyMap<string, number>,
): number[] | undefined {
  const sums = [0];
  for (let day = start; day < end; day = addDays(day, 1)) sums.push((sums.at(-1) ?? 0) + (values.get(day) ?? 0));
  const total = sums.at(-1) ?? 0;
  return total > 0 ? sums.map((sum) => Math.min(1, Math.max(0, sum / total))) : undefined;
}

/**
 * The share of a count's target that is due when a share of the period has gone: what earlier periods had by then, between
 * days in proportion; without a shape the share gone itself.
 */
export function shareDue(elapsed: number, shape: Pick<Shape, "shares"> | undefined): number {
  return shape === undefined || shape.shares.length < 2 ? elapsed : shareAt(shape.shares, elapsed);
}

function shareAt(curve: readonly number[], elapsed: number): number {
  const at = Math.min(1, Math.max(0, elapsed)) * (curve.length - 1);
  const [low, high] = [curve[Math.floor(at)] ?? 0, curve[Math.ceil(at)] ?? 1];
  return low + (high - low) * (at - Math.floor(at));
}
