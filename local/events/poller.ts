import { backoffMs, pause } from "./source.ts";

/** Reads again and again: at once while there is something, more and more slowly while there is not. */
export interface Poller {
  /** Reads at once instead of at the end of the present pause. */
  poke(): void;
  /** The result of a read that began after this call. */
  next(): Promise<number>;
  close(): Promise<void>;
}

const PAUSE_MS = { first: 25, most: 250 } as const;

/** `read` tells how many it found; one read runs at a time. */
export function startPoller(read: () => Promise<number>, onError: (error: unknown) => void): Poller {
  let reading: Promise<unknown> = Promise.resolve();
  let wake = new AbortController();
  let closed = false;

  const next = (): Promise<number> => {
    const result = reading.then(read);
    reading = result.catch(() => undefined);
    return result;
  };

  const once = async (): Promise<number> => {
    try {
      return await next();
    } catch (error) {
      if (!closed) onError(error);
      return 0;
    }
  };

  const run = async (): Promise<void> => {
    let quiet = 0;
    while (!closed) {
      quiet = (await once()) > 0 ? 0 : quiet + 1;
      if (quiet === 0 || closed) continue;
      await pause(backoffMs(quiet, PAUSE_MS.first, PAUSE_MS.most), wake.signal);
      if (!wake.signal.aborted) continue;
      wake = new AbortController();
      quiet = 0;
    }
  };
  const running = run();

  return {
    poke: () => wake.abort(),
    next,
    async close() {
      closed = true;
      wake.abort();
      await running;
    },
  };
}
