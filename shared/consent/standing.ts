import * as z from "zod/mini";
import { everyTopic } from "./topics.ts";

/**
 * Why we may write: `confirmed` by the person's own mailbox, `express` (a ticked box, a word to a colleague), an
 * `existingCustomer`, or `implied` until a date.
 */
export const bases = ["confirmed", "express", "existingCustomer", "implied"] as const;

/**
 * What somebody did or said about a consent, as proof and as what the consent follows from. `person`: proven by the
 * person's own mailbox. `visitor`: whoever typed the address into a form. Times are ISO 8601 UTC with milliseconds.
 */
export const actSchema = z.object({
  /** `ask`: a box that is to be confirmed by mail; `confirm`: a press of the button behind such a mail's link. */
  type: z.enum(["ask", "grant", "confirm", "withdraw"]),
  at: z.string(),
  by: z.enum(["person", "visitor", "shop", "staff"]),
  /** Absent: all marketing. */
  topics: z.optional(z.array(z.string())),
  basis: z.optional(z.enum(bases)),
  /** An implied consent ends then. */
  until: z.optional(z.string()),
  /** Which form, shop, page or colleague. */
  source: z.optional(z.string()),
  /** What the wording was, word for word. */
  text: z.optional(z.string()),
  textVersion: z.optional(z.string()),
  /** When a shop told us of it; absent when it was done with us. */
  heardAt: z.optional(z.string()),
  /** Of a withdrawal: the mail whose link was followed. */
  reference: z.optional(z.string()),
});
export type Act = z.output<typeof actSchema>;

const state = z.enum(["pending", "granted", "withdrawn"]);

/** Where a topic stands after some acts. */
export const standingSchema = z.object({
  state,
  basis: z.optional(z.enum(bases)),
  until: z.optional(z.string()),
  /** Granted without a break since then. */
  grantedAt: z.optional(z.string()),
  heardAt: z.optional(z.string()),
  source: z.optional(z.string()),
  textVersion: z.optional(z.string()),
  withdrawnAt: z.optional(z.string()),
  /** The newest box that was ticked and waits for its confirmation, and until when it does. */
  askedAt: z.optional(z.string()),
  pendingUntil: z.optional(z.string()),
});
export type Standing = z.output<typeof standingSchema>;

const day = 86_400_000;
const pendingDays = 30;

/** Until when a box that was ticked can be confirmed. */
export function confirmableUntil(askedAt: string): string {
  return new Date(Date.parse(askedAt) + pendingDays * day).toISOString();
}

/**
 * Where each topic stands that the acts name, and under `*` every other one. The same for any order of the acts: each
 * counts by when it was done and by whom, and in doubt a withdrawal wins.
 */
export function standingsOf(acts: readonly Act[]): Record<string, Standing> {
  const topics = [...new Set([everyTopic, ...acts.flatMap((act) => act.topics ?? [])])].sort();
  return Object.fromEntries(
    topics.flatMap((topic) => {
      const standing = standingOf(acts.filter((act) => concerns(act, topic)));
      return standing === undefined ? [] : [[topic, standing] as const];
    }),
  );
}

/**
 * The latest withdrawal, if all marketing ended by it: undefined when there is none, when all had ended before, or when
 * some topics went on. It follows from the acts alone, whoever did them.
 */
export function endingOf(acts: readonly Act[]): Act | undefined {
  const last = newest(acts.filter(({ type }) => type === "withdraw"));
  if (last === undefined) return undefined;
  const before = acts.filter(({ at }) => at < last.at);
  const since = acts.filter(({ at }) => at <= last.at);
  return !hasEnded(before) && hasEnded(since) ? last : undefined;
}

function hasEnded(acts: readonly Act[]): boolean {
  const standings = Object.values(standingsOf(acts));
  return standings.length > 0 && standings.every(({ state }) => state === "withdrawn");
}

/** A press confirms whatever is pending: any of our links, also that of an earlier mail, proves the same mailbox. */
function concerns({ type, topics }: Act, topic: string): boolean {
  return type === "confirm" || topics === undefined || topics.includes(topic);
}

function standingOf(acts: readonly Act[]): Standing | undefined {
  const withdrawnAt = newest(acts.filter(({ type }) => type === "withdraw"))?.at;
  const since = acts.filter(({ at }) => withdrawnAt === undefined || at > withdrawnAt);
  const own = [...since.filter((act) => act.type === "grant" && act.by === "person"), ...confirmedOf(since)];
  // What anyone else may say never undoes a withdrawal.
  const others = withdrawnAt === undefined ? since.filter((act) => act.type === "grant" && act.by !== "person") : [];
  const grants = own.length > 0 ? own : others;
  const best = bestOf(grants);
  const agreed = best?.basis === "confirmed" || best?.basis === "express";
  // Who withdrew once comes back by their own mailbox only, so a box that needs no confirmation waits for one then.
  const asked = agreed
    ? undefined
    : newest(since.filter(({ type, by }) => type === "ask" || (withdrawnAt !== undefined && by === "visitor")));
  if (best === undefined && asked === undefined && withdrawnAt === undefined) return undefined;
  return {
    state: best === undefined ? (asked === undefined ? "withdrawn" : "pending") : "granted",
    ...(best !== undefined && granted(best, grants)),
    ...(withdrawnAt !== undefined && { withdrawnAt }),
    ...(asked !== undefined && { askedAt: asked.at, pendingUntil: confirmableUntil(asked.at) }),
  };
}

/** The boxes that were confirmed in time, each as the grant it became at its first press. */
function confirmedOf(acts: readonly Act[]): Act[] {
  const presses = acts.filter(({ type }) => type === "confirm");
  return acts
    .filter(({ by }) => by === "visitor")
    .flatMap((ask) => {
      const inTime = presses.filter(({ at }) => at >= ask.at && at <= confirmableUntil(ask.at));
      const press = inTime.toSorted(byTime)[0];
      return press === undefined ? [] : [{ ...ask, type: "grant" as const, basis: "confirmed" as const, at: press.at }];
    });
}

/** The grant to rely on: one that does not end before one that does, then the stronger basis, then the newer. */
function bestOf(grants: readonly Act[]): Act | undefined {
  const rank = ({ basis = "express" }: Act) => bases.indexOf(basis);
  return grants.toSorted((a, b) => compare(b.until ?? "~", a.until ?? "~") || rank(a) - rank(b) || byTime(b, a))[0];
}

function granted({ basis = "express", until, source, textVersion }: Act, grants: readonly Act[]): Partial<Standing> {
  const first = grants.toSorted(byTime)[0];
  return {
    basis,
    ...(until !== undefined && { until }),
    ...(source !== undefined && { source }),
    ...(textVersion !== undefined && { textVersion }),
    ...(first !== undefined && { grantedAt: first.at }),
    ...(first?.heardAt !== undefined && { heardAt: first.heardAt }),
  };
}

function newest(acts: readonly Act[]): Act | undefined {
  return acts.toSorted(byTime).at(-1);
}

/** By time; acts of one instant by what they say, so that their order is the same wherever they come from. */
export function byTime(a: Act, b: Act): number {
  return compare(a.at, b.at) || compare(wordsOf(a), wordsOf(b));
}

function wordsOf({ type, by, basis, until, topics, source, textVersion, text }: Act): string {
  return JSON.stringify([type, by, basis, until, topics, source, textVersion, text]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
