import { quantile } from "./figure.ts";

export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Runs `count` tasks, `concurrency` at a time, and times each in milliseconds. */
export async function load(count: number, concurrency: number, task: (index: number) => Promise<void>): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) {
        const index = next++;
        const before = performance.now();
        await task(index);
        times.push(performance.now() - before);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  return { perSecond: count / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
