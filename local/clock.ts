import type { Clock } from "./interfaces.ts";

export interface HostClock extends Clock {
  /** Moves the host's time forward; time never goes back. */
  advanceBy(ms: number): void;
  /** Makes this process's global Date follow the host's time. Returns the function that restores it. */
  install(): () => void;
}

/** `initialOffset` is the offset of an earlier run on the same data, so that a restart never goes back in time. */
export function createClock(initialOffset = 0): HostClock {
  const machine = globalThis.Date;
  const listeners = new Set<(offset: number) => void>();
  let offset = requireForward(initialOffset);
  const now = (): number => machine.now() + offset;

  return {
    now,
    offset: () => offset,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advanceBy(ms) {
      if (requireForward(ms) === 0) return;
      offset += ms;
      for (const listener of listeners) listener(offset);
    },
    install() {
      const previous = globalThis.Date;
      globalThis.Date = shiftedDate(machine, now);
      return () => {
        globalThis.Date = previous;
      };
    },
  };
}

// A proxy, not a subclass: `Date()` without new still works, and older dates stay instances of the patched Date.
function shiftedDate(machine: DateConstructor, now: () => number): DateConstructor {
  return new Proxy(machine, {
    apply: () => new machine(now()).toString(),
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, property) => (property === "now" ? now : Reflect.get(target, property)),
  });
}

function requireForward(ms: number): number {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`The host's clock only goes forward, not by ${ms} ms.`);
  return ms;
}
