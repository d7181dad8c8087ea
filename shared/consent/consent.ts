import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { digestOf } from "../table/hash.ts";
import { actsOfOld, oldConsentShape } from "./old-consent.ts";
import {
  type Act,
  actSchema,
  byTime,
  confirmableUntil,
  type Standing,
  standingSchema,
  standingsOf,
} from "./standing.ts";
import { everyTopic } from "./topics.ts";

/** How much marketing a person wants at most, whatever the account's own cap. */
export const frequencies = ["every", "weekly", "monthly"] as const;
export type Frequency = (typeof frequencies)[number];

/** The consent of one address to marketing mail. Times are ISO 8601 UTC with milliseconds. */
export const consentSchema = z.object({
  addressHash: z.string(),
  contactId: z.string(),
  /** For sending. Absent when somebody withdrew whose consent we never had. */
  address: z.optional(z.string()),
  /** All topics together: granted when any is, else pending, else withdrawn; absent when nobody was ever asked. */
  state: z.optional(z.enum(["pending", "granted", "withdrawn"])),
  /** Where each named topic stands, and under `*` all others; an item without them is about all alike. */
  standings: z.optional(z.record(z.string(), standingSchema)),
  /** The acts that the standings follow from, oldest first: what was shown, answered and said, by whom and when. */
  acts: z.optional(z.array(actSchema)),
  /** Something is granted without a break since then. */
  grantedAt: z.optional(z.string()),
  /** When a shop told us of it; absent when it was given to us. */
  heardAt: z.optional(z.string()),
  withdrawnAt: z.optional(z.string()),
  pendingUntil: z.optional(z.string()),
  /** Names the confirmation mail: a new id asks for a new mail. */
  confirmationId: z.optional(z.string()),
  confirmationSentAt: z.optional(z.string()),
  /** The person wants no marketing until then; the consent itself stands. */
  pausedUntil: z.optional(z.string()),
  /** When the person last paused or went on. */
  preferencesAt: z.optional(z.string()),
  frequency: z.optional(z.object({ value: z.enum(frequencies), at: z.string() })),
  version: z.number(),
  ...oldConsentShape,
});
export type Consent = z.infer<typeof consentSchema>;

/** What somebody did or said about the consent of an address. */
export interface ConsentChange {
  readonly addressHash: string;
  readonly contactId: string;
  readonly address?: string | undefined;
  readonly acts: readonly Act[];
  /** A choice behind a link of the person's own mailbox: no marketing for 30 days, or an end of that. */
  readonly pause?: { readonly at: string; readonly on: boolean } | undefined;
  readonly frequency?: Consent["frequency"];
}

const day = 86_400_000;
const pauseDays = 30;
const mostActs = 24;

/**
 * What a change makes of a consent. Changes may come in any order and any number of times: who stands where follows
 * from all acts together, each by when it was done and by whom.
 *
 * @returns the consent as it is to be written, or undefined when nothing changes.
 */
export function decide(current: Consent | undefined, change: ConsentChange, now: Date): Consent | undefined {
  const before = current === undefined ? [] : actsOf(current);
  const acts = withActs(before, change.acts);
  const preferences = preferencesAfter(current, change);
  if (preferences === undefined && isDeepStrictEqual(acts, before)) return undefined;
  const { addressHash, contactId, address = current?.address } = change;
  const standings = standingsOf(acts);
  const next = {
    addressHash,
    contactId,
    address,
    acts,
    standings,
    ...togetherOf(standings, current),
    ...confirmationAfter(current, { addressHash, standings }, now),
    ...(preferences ?? preferencesOf(current)),
    version: (current?.version ?? 0) + 1,
  };
  return consentSchema.parse(withoutUndefined(next));
}

/** The acts behind a consent, oldest first; an old item tells them by its other fields. */
export function actsOf(consent: Consent): readonly Act[] {
  return consent.acts ?? actsOfOld(consent);
}

/** What decisions about a mail need of a consent. */
export type ConsentFacts = Pick<Consent, "state" | "standings" | "pendingUntil" | "pausedUntil" | "frequency">;

/** Where the person stands to a topic; without one, to anything: a mail of no topic goes to whoever wants some. */
export function standingsFor(consent: ConsentFacts | undefined, topic: string | undefined): readonly Standing[] {
  if (consent?.standings === undefined)
    return consent?.state === undefined ? [] : [{ ...consent, state: consent.state }];
  if (topic === undefined) return Object.values(consent.standings);
  const standing = consent.standings[topic] ?? consent.standings[everyTopic];
  return standing === undefined ? [] : [standing];
}

/** Whether the person may still confirm something. */
export function isPending(consent: ConsentFacts | undefined, now: Date): boolean {
  if (consent?.pendingUntil === undefined) return consent?.state === "pending";
  return consent.pendingUntil > now.toISOString();
}

function withActs(before: readonly Act[], more: readonly Act[]): Act[] {
  const given = more.map((act) => actSchema.parse(withoutUndefined(act)));
  const added = given.filter((act) => !before.some((known) => isDeepStrictEqual(known, act)));
  const acts = [...before, ...added].toSorted(byTime);
  const dispensable = [
    ...acts.filter((act) => isOverruled(act, acts)),
    ...acts.filter(({ by }) => by === "visitor"),
    ...acts.filter(({ type }) => type !== "withdraw"),
  ];
  const dropped = new Set([...new Set(dispensable)].slice(0, Math.max(0, acts.length - mostActs)));
  return acts.filter((act) => !dropped.has(act));
}

/** A later withdrawal of the same topics makes an act a mere memory: nothing heard of later can revive it. */
function isOverruled(act: Act, acts: readonly Act[]): boolean {
  return acts.some(
    ({ type, at, topics }) =>
      type === "withdraw" &&
      at > act.at &&
      (topics === undefined ||
        (act.type !== "confirm" && act.topics?.every((topic) => topics.includes(topic)) === true)),
  );
}

type Standings = Readonly<Record<string, Standing>>;
type Together = Pick<Consent, "state" | "grantedAt" | "heardAt" | "withdrawnAt" | "pendingUntil">;

function togetherOf(standings: Standings, current: Consent | undefined): Together {
  const all = Object.values(standings);
  const first = all.filter(({ grantedAt }) => grantedAt !== undefined).toSorted(byGrant)[0];
  const state = (["granted", "pending", "withdrawn"] as const).find((each) => all.some((one) => one.state === each));
  // Who adds a topic, or ends one of two, is no new subscriber.
  const grant = current?.state === "granted" && current.grantedAt !== undefined ? current : first;
  return {
    state,
    ...(state === "granted" && { grantedAt: grant?.grantedAt, heardAt: grant?.heardAt }),
    withdrawnAt: latest(all.map(({ withdrawnAt }) => withdrawnAt)),
    pendingUntil: latest(all.map(({ pendingUntil }) => pendingUntil)),
  };
}

function byGrant(a: Standing, b: Standing): number {
  return (a.grantedAt ?? "") < (b.grantedAt ?? "") ? -1 : 1;
}

/** A box that newly waits is asked for by mail: one for an address and day, and who comes back sooner has it still. */
function confirmationAfter(
  current: Consent | undefined,
  { addressHash, standings }: { readonly addressHash: string; readonly standings: Standings },
  now: Date,
): Pick<Consent, "confirmationId" | "confirmationSentAt"> {
  const { confirmationId, confirmationSentAt } = current ?? {};
  const askedAt = newestAsk(standings);
  const mailedLately = now.getTime() - Date.parse(confirmationSentAt ?? "1970-01-01") < day;
  const isNew = askedAt !== newestAsk(current === undefined ? {} : standingsOf(actsOf(current)));
  if (askedAt === undefined || !isNew || mailedLately || confirmableUntil(askedAt) <= now.toISOString()) {
    return { confirmationId, confirmationSentAt };
  }
  return {
    confirmationId: digestOf(["confirmation", addressHash, askedAt]),
    confirmationSentAt: now.toISOString(),
  };
}

function newestAsk(standings: Standings): string | undefined {
  return latest(Object.values(standings).map(({ askedAt }) => askedAt));
}

type Preferences = Pick<Consent, "pausedUntil" | "preferencesAt" | "frequency">;

function preferencesOf(consent: Consent | undefined): Preferences {
  const { pausedUntil, preferencesAt, frequency } = consent ?? {};
  return { pausedUntil, preferencesAt, frequency };
}

/** The latest choice of each kind counts; undefined when there is no new one. */
function preferencesAfter(current: Consent | undefined, { pause, frequency }: ConsentChange): Preferences | undefined {
  const before = preferencesOf(current);
  const pauses = pause !== undefined && pause.at > (before.preferencesAt ?? "");
  const paces = frequency !== undefined && frequency.at > (before.frequency?.at ?? "");
  if (!pauses && !paces) return undefined;
  return {
    ...before,
    ...(pauses && { preferencesAt: pause.at, pausedUntil: pause.on ? daysAfter(pause.at, pauseDays) : undefined }),
    ...(paces && { frequency }),
  };
}

function daysAfter(at: string, days: number): string {
  return new Date(Date.parse(at) + days * day).toISOString();
}

function latest(instants: readonly (string | undefined)[]): string | undefined {
  return instants
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
}

/** As the table keeps it, so that what is read compares with what is made. */
function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}
