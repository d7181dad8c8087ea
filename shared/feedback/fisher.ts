/**
 * Fisher's exact test of two shares, two-sided: how likely a table is that is no likelier than this one, when both shares
 * are the same (Fisher 1922).
 *
 * @param hits of `n`, and `otherHits` of `otherN`
 */
export function fisherExact(hits: number, n: number, otherHits: number, otherN: number): number {
  const all = hits + otherHits;
  const logs = logFactorials(n + otherN);
  const choose = (of: number, some: number) => (logs[of] ?? 0) - (logs[some] ?? 0) - (logs[of - some] ?? 0);
  const likelihood = (x: number) => Math.exp(choose(n, x) + choose(otherN, all - x) - choose(n + otherN, all));
  const observed = likelihood(hits) * (1 + 1e-9);
  let p = 0;
  for (let x = Math.max(0, all - otherN); x <= Math.min(n, all); x++) {
    const each = likelihood(x);
    if (each <= observed) p += each;
  }
  return Math.min(1, p);
}

function logFactorials(most: number): readonly number[] {
  const logs = [0];
  for (let each = 1; each <= most; each++) logs.push((logs[each - 1] ?? 0) + Math.log(each));
  return logs;
}
