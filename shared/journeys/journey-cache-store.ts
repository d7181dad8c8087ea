import { keepReading } from "../table/keep-reading.ts";
import type { Journey } from "./definition.ts";
import type { JourneyHead } from "./journey.ts";
import type { JourneyStore } from "./journey-store.ts";

/** The journeys as the functions that follow events see them. */
export interface LiveJourneys {
  /** Every head, at most two seconds old. */
  heads(): Promise<readonly JourneyHead[]>;
  /** A published version, which never changes. @throws Error when there is none. */
  version(id: string, version: number): Promise<Journey>;
}

/** A published journey works, and a paused one starts nobody, within this time. */
const keptSeconds = 2;
const versionsKept = 500;

/** Keeps heads for two seconds and versions for good, so that an event costs no read of its own. */
export function liveJourneys(store: JourneyStore, now: () => Date): LiveJourneys {
  const heads = keepReading(() => store.heads(), { now, seconds: keptSeconds });
  const versions = new Map<string, Journey>();

  return {
    heads: heads.get,

    async version(id, version) {
      const key = `${id}#${version}`;
      const found = versions.get(key) ?? (await store.version(id, version));
      if (found === undefined) throw new Error(`there is no version ${version} of the journey ${id}`);
      if (versions.size >= versionsKept) versions.clear();
      versions.set(key, found);
      return found;
    },
  };
}
