import {
  type Bound,
  boundFor,
  type DomainBounds,
  type DomainGrant,
  type DomainWish,
  minuteOf,
  type Standing,
} from "./domain-rate.ts";
import type { Stream } from "./ledger.ts";
import type { Turn } from "./pace.ts";

/** A mail that asks for its turn. */
export interface TurnWish {
  readonly stream: Stream;
  readonly address: string;
  /** It is more urgent than a broadcast, and does not stand in line behind one. */
  readonly urgent: boolean;
  /** It has stood in line for its recipient's domain. */
  readonly stoodInLine: boolean;
}

export interface DomainPaceDeps {
  readonly bounds: DomainBounds;
  readonly claim: (domain: string, wish: Omit<DomainWish, "now">) => Promise<DomainGrant>;
  readonly now: () => Date;
}

/** What a process holds of one domain: mails of this minute by standing, and places in line. */
interface Held {
  minute: number;
  mails: Record<Standing, number>;
  full: Record<Standing, boolean>;
  places: { readonly minute: number; readonly count: number };
  waiting: number;
  claiming: Promise<unknown>;
}

const oneMinute = 60_000;
/** A clock that is a little behind must not find the minute before. */
const slack = 1_000;
/** Of `*` there may be very many: then all are forgotten, and what was held of them is lost. */
const keptDomains = 1_000;

/**
 * Puts recipient domains' bounds before the account's pace: marketing to a domain that has one gets its turn when there is
 * room in this minute, else a place in line, all processes together. A tenth of a bound is claimed at once, so that a
 * write serves several mails; what a process does not use within the minute is lost. Without a bound nothing is read.
 */
export function paceByDomain(
  { bounds, claim, now }: DomainPaceDeps,
  pace: (stream: Stream) => Promise<Turn>,
): (wish: TurnWish) => Promise<Turn> {
  const domains = new Map<string, Held>();

  function heldOf(domain: string): Held {
    const known = domains.get(domain);
    if (known !== undefined) return known;
    if (domains.size >= keptDomains) domains.clear();
    const places = { minute: 0, count: 0 };
    const held: Held = { minute: 0, ...nothing(), places, waiting: 0, claiming: Promise.resolve() };
    domains.set(domain, held);
    return held;
  }

  function roll(held: Held): void {
    const minute = minuteOf(now());
    if (held.minute < minute) Object.assign(held, { minute, ...nothing() });
  }

  async function claimMore(held: Held, domain: string, wish: Omit<DomainWish, "now">): Promise<void> {
    const { minute } = held;
    const grant = await claim(domain, wish);
    roll(held);
    if (grant.places !== undefined) held.places = grant.places;
    // What was granted in a minute that has passed meanwhile counts for nothing.
    if (held.minute !== minute) return;
    held.mails[wish.standing] += grant.mails;
    held.full[wish.standing] = grant.mails === 0;
  }

  async function roomIn(
    held: Held,
    { domain, perMinute }: Bound,
    { urgent, stoodInLine }: TurnWish,
  ): Promise<"now" | Date> {
    roll(held);
    const standing: Standing = urgent || stoodInLine ? "first" : "fresh";
    const chunk = Math.max(held.waiting, Math.ceil(perMinute / 10));
    const hasPlace = () => held.places.count > 0 && held.places.minute > held.minute;
    if (held.mails[standing] === 0 && !(held.full[standing] && (urgent || hasPlace()))) {
      const places = urgent || hasPlace() ? 0 : chunk;
      await claimMore(held, domain, { perMinute, standing, mails: chunk, places });
    }
    if (held.mails[standing] > 0) {
      held.mails[standing]--;
      return "now";
    }
    if (urgent || !hasPlace()) return new Date(held.minute + oneMinute + slack);
    held.places = { ...held.places, count: held.places.count - 1 };
    return new Date(held.places.minute + slack);
  }

  /** One claim at a time for each domain: the mails of a batch share what it brings. */
  async function turnIn(bound: Bound, wish: TurnWish): Promise<"now" | Turn> {
    const held = heldOf(bound.domain);
    held.waiting++;
    const room = held.claiming.then(() => roomIn(held, bound, wish));
    held.claiming = room.catch(() => {});
    try {
      const at = await room;
      return at === "now" ? "now" : { at, reason: "domain" };
    } finally {
      held.waiting--;
    }
  }

  return async (wish) => {
    const bound = wish.stream === "marketing" ? boundFor(bounds, wish.address) : undefined;
    if (bound === undefined) return pace(wish.stream);
    const first = await turnIn(bound, wish);
    if (first !== "now") return first;
    const minute = minuteOf(now());
    const turn = await pace(wish.stream);
    if (turn !== "waited" || minuteOf(now()) === minute) return turn;
    // A turn that came only in the next minute is counted there.
    const again = await turnIn(bound, wish);
    return again === "now" ? "waited" : again;
  };
}

function nothing(): Pick<Held, "mails" | "full"> {
  return { mails: { fresh: 0, first: 0 }, full: { fresh: false, first: false } };
}
