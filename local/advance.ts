import type { HostClock } from "./clock.ts";
import type { Scheduler } from "./events/schedules.ts";
import { type EventSource, pause } from "./events/source.ts";
import type { Drainable } from "./interfaces.ts";

export interface TimeMachineParts {
  readonly clock: HostClock;
  /** Everything that must be at rest, by the name that a complaint gives it; the sources need not be repeated here. */
  readonly drainables: Readonly<Record<string, Drainable>>;
  readonly sources: readonly EventSource[];
  readonly scheduler: Scheduler;
  /** Deletes items whose time to live has passed; returns how many. */
  readonly ttl: { expire(): Promise<number> };
}

export interface TimeMachine {
  /** Resolves when nothing is due or under way; rejects after the time-out with a sentence that names what is. */
  drain(timeoutMs?: number): Promise<void>;
  /** Moves the host's time forward in steps; each step runs what fell due to its end. */
  advance(ms: number, stepMs?: number): Promise<void>;
}

const DRAIN_TIMEOUT_MS = 60_000;
const STEP_MS = 60_000;
/** AWS takes up to some days; here each look reads every item of the tables. */
const TTL_EVERY_MS = 24 * 3_600_000;
const LOOK_AGAIN_MS = { first: 1, most: 10 } as const;

export function createTimeMachine(parts: TimeMachineParts): TimeMachine {
  const drain = createDrain(parts);
  let turn: Promise<unknown> = Promise.resolve();
  let lastExpiry = parts.clock.now();

  const expire = async (): Promise<number> => {
    if (parts.clock.now() - lastExpiry < TTL_EVERY_MS) return 0;
    lastExpiry = parts.clock.now();
    return parts.ttl.expire();
  };

  const travel = async (ms: number, stepMs: number): Promise<void> => {
    const release = parts.scheduler.hold();
    try {
      const end = parts.clock.now() + ms;
      const quiet = createQuietness(parts);
      await drain();
      while (parts.clock.now() < end) {
        const now = parts.clock.now();
        const stop = Math.min(end, now + stepMs, Math.max(now, parts.scheduler.nextExact() ?? end));
        if (await quiet.lastsUntil(stop)) {
          parts.clock.advanceBy(stop - now);
          if ((await expire()) === 0) continue;
        } else {
          parts.clock.advanceBy(stop - now);
          await expire();
          await parts.scheduler.runDue(parts.clock.now());
        }
        await drain();
        quiet.forget();
      }
    } finally {
      release();
    }
  };

  return {
    drain,
    advance(ms, stepMs = STEP_MS) {
      if (!(ms >= 0) || !(stepMs > 0)) {
        return Promise.reject(new RangeError("The clock advances by a positive time in positive steps."));
      }
      // One journey at a time.
      const journey = turn.then(() => travel(ms, stepMs));
      turn = journey.catch(() => undefined);
      return journey;
    },
  };
}

interface Quietness {
  /** True when nothing falls due up to an instant and nobody began anything since the last drain. */
  lastsUntil(instant: number): Promise<boolean>;
  forget(): void;
}

// Asking the queues costs a call each, so it is asked once per rest and only when no schedule is due anyway.
function createQuietness(parts: TimeMachineParts): Quietness {
  let queuesQuietUntil: number | undefined;
  let activityThen = 0;
  return {
    async lastsUntil(instant) {
      if ((parts.scheduler.next() ?? Number.POSITIVE_INFINITY) <= instant) return false;
      if (queuesQuietUntil === undefined) {
        activityThen = totalActivity(parts);
        const dues = await Promise.all(parts.sources.map((source) => source.nextDue?.()));
        queuesQuietUntil = Math.min(...dues.map((due) => due ?? Number.POSITIVE_INFINITY));
      }
      return queuesQuietUntil > instant && activityThen === totalActivity(parts);
    },
    forget() {
      queuesQuietUntil = undefined;
    },
  };
}

function named(parts: TimeMachineParts): readonly Named[] {
  const sources = parts.sources.map((source, index) => [`event source ${index + 1}`, source] as const);
  return [...Object.entries(parts.drainables), ...sources];
}

type Named = readonly [name: string, part: Drainable];

function totalActivity(parts: TimeMachineParts): number {
  return named(parts).reduce((sum, [, part]) => sum + (part.activity?.() ?? 0), 0);
}

function createDrain(parts: TimeMachineParts): (timeoutMs?: number) => Promise<void> {
  const inProcess = Object.entries(parts.drainables);
  const sources = named(parts).slice(inProcess.length);

  // Nothing runs, then the sources hold nothing, then nothing has begun meanwhile: so nothing could have come to a
  // source after it was asked, and there was an instant at which all was at rest.
  const stillBusy = async (): Promise<readonly string[]> => {
    const before = totalActivity(parts);
    const busy = [...(await notIdle(inProcess)), ...(await notIdle(sources))];
    if (busy.length > 0) return busy;
    const again = await notIdle(inProcess);
    return again.length === 0 && totalActivity(parts) !== before ? ["work that began just now"] : again;
  };

  return async (timeoutMs = DRAIN_TIMEOUT_MS) => {
    const deadline = performance.now() + timeoutMs;
    for (let looks = 0; ; looks += 1) {
      const busy = await stillBusy();
      if (busy.length === 0) return;
      if (performance.now() > deadline) {
        const list = busy.join("; ");
        throw new Error(`The host did not come to rest within ${timeoutMs} ms; still busy: ${list}.`);
      }
      await pause(Math.min(LOOK_AGAIN_MS.most, LOOK_AGAIN_MS.first + looks));
    }
  };
}

async function notIdle(parts: readonly Named[]): Promise<readonly string[]> {
  const idle = await Promise.all(parts.map(([, part]) => part.idle()));
  return parts.filter((_, index) => !idle[index]).map(([name, part]) => part.busyWith?.() ?? name);
}
