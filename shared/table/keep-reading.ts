/**
 * Keeps one reading in the function's memory for a short while, so that an event costs no read of its own. The promise is
 * kept and not its value: callers at one time share one read. One that fails is not kept.
 */
export function keepReading<Value>(
  read: () => Promise<Value>,
  { now, seconds }: { readonly now: () => Date; readonly seconds: number },
) {
  let kept: { readonly reading: Promise<Value>; readonly until: number } | undefined;
  return {
    get(): Promise<Value> {
      const at = now().getTime();
      if (kept !== undefined && at < kept.until) return kept.reading;
      const mine = { reading: read(), until: at + seconds * 1000 };
      kept = mine;
      mine.reading.catch(() => {
        if (kept === mine) kept = undefined;
      });
      return mine.reading;
    },
    /** The next call reads anew. */
    forget(): void {
      kept = undefined;
    },
  };
}
