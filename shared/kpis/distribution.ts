import { atMostFor, count, type Sketch, sizeOf } from "../segments/sketch.ts";

/**
 * Counts a value of zero or more in a sketch, which knows no zero: everything stands one higher there. What is read from
 * it is exact up to 49, and within two percent beyond.
 */
export function add(sketch: Sketch, value: number): void {
  count(sketch, Math.round(value) + 1);
}

/** The smallest value that at least this share of the values do not exceed; 0 of none. */
export function quantile(sketch: Sketch, share: number): number {
  return sizeOf(sketch) === 0 ? 0 : atMostFor(sketch, share) - 1;
}
