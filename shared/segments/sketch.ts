/**
 * How many whole numbers from 1 on lie in each bucket; a bucket holds numbers within two percent of one another, those
 * up to 50 each their own. Sketches of parts add up to the sketch of the whole.
 */
export type Sketch = Record<string, number>;

const growth = Math.log(1.02);

function bucketOf(value: number): number {
  return Math.ceil(Math.log(value) / growth);
}

/** Counts a value; what is below 1 counts as 1. */
export function count(sketch: Sketch, value: number): void {
  const bucket = String(bucketOf(Math.max(1, value)));
  sketch[bucket] = (sketch[bucket] ?? 0) + 1;
}

export function sumOf(sketches: readonly Sketch[]): Sketch {
  const sum: Sketch = {};
  for (const [bucket, values] of sketches.flatMap(Object.entries<number>)) sum[bucket] = (sum[bucket] ?? 0) + values;
  return sum;
}

export function sizeOf(sketch: Sketch): number {
  return Object.values(sketch).reduce((sum, values) => sum + values, 0);
}

/** A number that at least this share of the values do not exceed: at most two percent above the smallest such value. */
export function atMostFor(sketch: Sketch, share: number): number {
  return largestIn(reached(sketch, share, (a, b) => a - b));
}

/** A number that at least this share of the values reach: at most two percent below the largest such value. */
export function atLeastFor(sketch: Sketch, share: number): number {
  return largestIn(reached(sketch, share, (a, b) => b - a) - 1) + 1;
}

/** The bucket by which so great a share of the values has been met, in an order. */
function reached(sketch: Sketch, share: number, order: (a: number, b: number) => number): number {
  const wanted = share * sizeOf(sketch);
  let met = 0;
  for (const bucket of Object.keys(sketch).map(Number).sort(order)) {
    met += sketch[bucket] ?? 0;
    // A share such as 3/5 is not exact in binary.
    if (met >= wanted - 1e-6) return bucket;
  }
  throw new RangeError("an empty sketch has no cut points");
}

/** The largest whole number that lies in a bucket or below it. */
function largestIn(bucket: number): number {
  let value = Math.max(0, Math.floor(Math.exp(bucket * growth)));
  while (bucketOf(value + 1) <= bucket) value++;
  while (value > 0 && bucketOf(value) > bucket) value--;
  return value;
}
