import type { GuardVerdict } from "./guard.ts";
import type { Stream } from "./ledger.ts";
import {
  chunkOf,
  type RateGrant,
  type RateLimits,
  type RateWish,
  shareOf,
  windowMilliseconds,
  windowOf,
} from "./rate.ts";

/** `waited`: what was read before may have changed. A date: there is no room until then. */
export type Turn = "now" | "waited" | { readonly at: Date; readonly reason: "rate" | "quota" | "stopped" | "domain" };

/** What a claim brought, and whether marketing may go on. */
export interface Claimed {
  readonly grant: RateGrant;
  readonly guard: GuardVerdict;
}

export interface PaceDeps {
  readonly limits: RateLimits;
  readonly claim: (wish: Omit<RateWish, "now">) => Promise<Claimed>;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Hears that marketing has stopped itself, once for each claim that finds it so. */
  readonly onStopped: (verdict: GuardVerdict) => void;
}

/** Longer than this a mail does not wait in the function's memory, which is paid for, but in the table. */
const patienceMilliseconds = 6_000;
/** A tenth more than the rate asks for: calls that start evenly do not arrive evenly. */
const spacing = 1_100;
const hour = 3_600_000;

/**
 * Makes the pacemaker of a process: it claims a share of the account's rate for some seconds at a time, and gives each
 * mail its turn, evenly spaced, so that all processes together stay below the rate. A mail that finds no room soon is
 * told when to come again.
 */
export function createPace({ limits, claim, now, sleep, onStopped }: PaceDeps): (stream: Stream) => Promise<Turn> {
  let window = 0;
  let perSecond = 0;
  let full = false;
  let nextAt = 0;
  let mails = 0;
  let waiting = 0;
  let verdict: GuardVerdict = "open";
  let claiming: Promise<void> = Promise.resolve();

  function roll(): void {
    if (windowOf(now()) === window) return;
    window = windowOf(now());
    perSecond = 0;
    full = false;
    nextAt = 0;
  }

  async function claimMore(): Promise<void> {
    roll();
    const wantsShare = !full && (perSecond === 0 || nextAt - now().getTime() > 1_000);
    if (!wantsShare && mails > 0) return;
    const claimed = await claim({
      limits,
      perSecond: wantsShare ? shareOf(limits) : 0,
      mails: mails > 0 ? 0 : chunkOf(limits, waiting),
    });
    roll();
    full = wantsShare && claimed.grant.perSecond === 0;
    perSecond += claimed.grant.perSecond;
    mails += claimed.grant.mails;
    verdict = claimed.guard;
    if (verdict !== "open") onStopped(verdict);
  }

  /** One claim at a time: the mails of a batch share what it brings. */
  function serially(work: () => Promise<void>): Promise<void> {
    claiming = claiming.then(work, work);
    return claiming;
  }

  const later = (milliseconds: number, reason: "rate" | "quota" | "stopped"): Turn => ({
    at: new Date(now().getTime() + milliseconds),
    reason,
  });

  async function turn(stream: Stream): Promise<Turn> {
    const began = now().getTime();
    for (;;) {
      await serially(claimMore);
      if (stream === "marketing" && verdict !== "open") return later(hour, "stopped");
      if (mails === 0) return later(hour - (now().getTime() % hour) + 1_000, "quota");
      const at = now().getTime();
      const start = perSecond === 0 ? window + windowMilliseconds : slotAfter(at);
      if (start - began > patienceMilliseconds) return later(60_000, "rate");
      if (perSecond === 0 || start >= window + windowMilliseconds) {
        await sleep(Math.max(1, window + windowMilliseconds - at));
        continue;
      }
      nextAt = start + spacing / perSecond;
      mails--;
      if (start > at) await sleep(start - at);
      return now().getTime() - began > 1_000 ? "waited" : "now";
    }
  }

  /** The first of a window comes after a pause too: the one before may have ended with a mail of another process. */
  function slotAfter(at: number): number {
    return Math.max(at, nextAt, window + spacing / perSecond);
  }

  return async (stream) => {
    waiting++;
    try {
      return await turn(stream);
    } finally {
      waiting--;
    }
  };
}
