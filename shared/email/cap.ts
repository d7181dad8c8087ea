import * as z from "zod/mini";
import type { Frequency } from "../consent/consent.ts";
import { contactPk } from "../events/event-keys.ts";
import type { Key } from "../table/item.ts";
import { priorities } from "./templates/template.ts";

/** The marketing mail that a contact got or is about to get, and what waits for room. */
export const capSchema = z.object({
  version: z.number(),
  claims: z.array(z.object({ key: z.string(), at: z.string() })),
  waiting: z.array(z.object({ key: z.string(), priority: z.enum(priorities), until: z.string() })),
});
export type Cap = z.output<typeof capSchema>;

export interface CapLimits {
  /** Marketing mails in `days`. */
  readonly mails: number;
  readonly days: number;
  /** Hours between two of them. */
  readonly gapHours: number;
}

const wishes = { weekly: 7, monthly: 30 } as const;

/** The stricter of the account's cap and the person's own wish. */
export function limitsFor(cap: CapLimits, wish: Frequency | undefined): CapLimits {
  if (wish === undefined || wish === "every") return cap;
  const days = wishes[wish];
  return cap.mails * days <= cap.days ? cap : { ...cap, mails: 1, days };
}

/** Where a contact's cap stands. */
export function capKey(contactId: string): Key {
  return { pk: contactPk(contactId), sk: "CAP#email" };
}

export interface CapClaim {
  readonly key: string;
  readonly priority: (typeof priorities)[number];
  /** After this instant the mail is too old to be sent. */
  readonly until: Date;
  /** Before this instant, the end of quiet hours, it can only take its place in the line. */
  readonly notBefore?: Date;
  readonly now: Date;
  readonly limits: CapLimits;
}

export type CapVerdict = "granted" | "never" | { readonly at: Date };

const hour = 3_600_000;

/**
 * Whether a mail has room under the contact's cap. What waits and is more urgent goes first, and what is as urgent and
 * asked before: of one series the first mail comes first, whichever asks first after the night.
 *
 * @returns the verdict, and the cap to be written first on condition of its version; without one nothing changes.
 */
export function claimSlot(
  before: Cap | undefined,
  { key, priority, until, notBefore, now, limits }: CapClaim,
): { readonly verdict: CapVerdict; readonly cap?: Cap } {
  const period = limits.days * 24 * hour;
  const claims = (before?.claims ?? []).filter(({ at }) => Date.parse(at) > now.getTime() - period);
  if (claims.some((claim) => claim.key === key)) return { verdict: "granted" };
  const waiting = (before?.waiting ?? []).filter(
    (other) => other.key !== key && Date.parse(other.until) > now.getTime(),
  );
  const version = (before?.version ?? 0) + 1;
  const place = before?.waiting.findIndex((other) => other.key === key) ?? -1;
  const ahead = new Set(before?.waiting.slice(0, place < 0 ? undefined : place).map((other) => other.key));
  const rank = priorities.indexOf(priority);
  const first = waiting.filter((other) => {
    const others = priorities.indexOf(other.priority);
    return others < rank || (others === rank && ahead.has(other.key));
  });
  const from = Math.max(roomAt(claims, limits), now.getTime(), notBefore?.getTime() ?? 0);
  const room = from + first.length * limits.gapHours * hour;
  if (room <= now.getTime()) {
    return { verdict: "granted", cap: { version, claims: [...claims, { key, at: now.toISOString() }], waiting } };
  }
  const known = place >= 0;
  if (room > until.getTime()) return { verdict: "never", ...(known && { cap: { version, claims, waiting } }) };
  const verdict = { at: new Date(room) };
  if (known) return { verdict };
  return { verdict, cap: { version, claims, waiting: [...waiting, { key, priority, until: until.toISOString() }] } };
}

/** The cap without a mail that is not sent after all; undefined when the mail is not in it. */
export function releaseSlot(before: Cap | undefined, key: string): Cap | undefined {
  if (before === undefined) return undefined;
  const claims = before.claims.filter((claim) => claim.key !== key);
  const waiting = before.waiting.filter((other) => other.key !== key);
  if (claims.length === before.claims.length && waiting.length === before.waiting.length) return undefined;
  return { version: before.version + 1, claims, waiting };
}

function roomAt(claims: Cap["claims"], { mails, days, gapHours }: CapLimits): number {
  const times = claims.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const last = times.at(-1);
  const first = times.at(-mails);
  return Math.max(
    last === undefined ? 0 : last + gapHours * hour,
    first === undefined || times.length < mails ? 0 : first + days * 24 * hour,
  );
}
