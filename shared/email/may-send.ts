import { type ConsentFacts, isPending, standingsFor } from "../consent/consent.ts";
import { type ConsentPolicy, mayMarket, type Relation } from "../consent/policy.ts";
import type { Gate } from "./gate.ts";
import type { Stream } from "./ledger.ts";
import type { Suppression } from "./suppression.ts";

export interface MailFacts {
  readonly stream: Stream;
  /** What a marketing mail is about; without one it goes to whoever wants any. */
  readonly topic?: string | undefined;
  /** A mail that asks for consent makes sense only while it is pending. */
  readonly asksForConsent: boolean;
  /** The contact has been erased: there is nobody to write to. */
  readonly erased: boolean;
  /** False when the contact is gone or has no address. */
  readonly reachable: boolean;
  readonly suppression: Suppression | undefined;
  readonly consent: ConsentFacts | undefined;
  /** Which bases suffice, and what the contact has to do with us besides. */
  readonly policy: ConsentPolicy;
  readonly relation?: Relation | undefined;
  /** It speaks of a cart that was emptied or ordered meanwhile. */
  readonly cartGone?: boolean;
  /** `open` for a mail that neither a journey nor a broadcast asks for. */
  readonly gate: Gate;
  /** When it is too old. */
  readonly notAfter: Date;
  readonly now: Date;
}

export type SkipReason =
  | "erased"
  | "contact gone"
  | "too old"
  | "exited"
  | "cart is gone"
  | "cancelled"
  | "suppressed"
  | "no consent"
  | "paused by the reader"
  | "nothing to confirm";
export type Verdict =
  | { readonly send: true }
  | { readonly send: false; readonly reason: SkipReason }
  /** Not now: it is all asked again then. */
  | { readonly send: "later"; readonly at: Date };

const hour = 3_600_000;
/** A mail that comes later than this is worse than none, where its sender says nothing else. */
const maximumAge: Readonly<Record<Stream, number>> = { marketing: 72 * hour, transactional: 7 * 24 * hour };

/** When a mail is too old, by what asked for it or by its stream. */
export function tooOldAfter(stream: Stream, wantedAt: Date, notAfter: string | undefined): Date {
  return notAfter === undefined ? new Date(wantedAt.getTime() + maximumAge[stream]) : new Date(notAfter);
}

/** How long until the mail of a paused journey or broadcast asks again whether the pause is over. */
const pausedMilliseconds = hour / 4;

/** Whether a mail may go out now. Suppression stops every mail; consent concerns marketing. */
export function maySend(facts: MailFacts): Verdict {
  const reason = reasonAgainst(facts);
  if (reason !== undefined) return { send: false, reason };
  if (facts.gate === "paused") return { send: "later", at: new Date(facts.now.getTime() + pausedMilliseconds) };
  return { send: true };
}

function reasonAgainst(facts: MailFacts): SkipReason | undefined {
  const { stream, consent, notAfter, now } = facts;
  if (facts.erased) return "erased";
  if (!facts.reachable) return "contact gone";
  if (now > notAfter) return "too old";
  if (facts.gate === "exited" || facts.gate === "cancelled") return facts.gate;
  if (facts.suppression !== undefined) return "suppressed";
  if (stream === "marketing" && !mayMarket(groundsOf(facts), now)) return "no consent";
  if (stream === "marketing" && consent?.pausedUntil !== undefined && Date.parse(consent.pausedUntil) > now.getTime()) {
    return "paused by the reader";
  }
  if (facts.cartGone) return "cart is gone";
  if (facts.asksForConsent && !isPending(consent, now)) return "nothing to confirm";
  return undefined;
}

function groundsOf({ consent, topic, relation, policy }: MailFacts) {
  return { standings: standingsFor(consent, topic), relation, policy };
}
