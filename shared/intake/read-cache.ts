/** What a cache needs to know. */
export interface CacheOptions<Value> {
  readonly load: (key: string) => Promise<Value | undefined>;
  readonly now: () => Date;
  /** How long an answer is kept. */
  readonly seconds: number;
  /** How many answers are kept; the oldest goes first. */
  readonly entries: number;
}

/**
 * Reads that are kept for a short while in the function's memory. What is not there is asked for each time, so
 * that a new record works at once.
 */
export function readCache<Value>({ load, now, seconds, entries }: CacheOptions<Value>) {
  const kept = new Map<string, { readonly value: Value; readonly until: number }>();

  return async (key: string): Promise<Value | undefined> => {
    const found = kept.get(key);
    if (found !== undefined && found.until > now().getTime()) return found.value;
    kept.delete(key);
    const value = await load(key);
    if (value === undefined) return undefined;
    const [oldest] = kept.keys();
    if (kept.size >= entries && oldest !== undefined) kept.delete(oldest);
    kept.set(key, { value, until: now().getTime() + seconds * 1000 });
    return value;
  };
}
