import * as z from "zod/mini";
import { addressHash as hashOfAddress } from "../contacts/email-address.ts";
import { contactPk } from "../events/event-keys.ts";
import type { Key } from "../table/item.ts";
import { campaignSchema } from "./campaign.ts";
import type { MailOwner } from "./mail-message.ts";

/**
 * What is known of one mail. CLAIMED, SENDING and UNKNOWN are open; the others are final, though an event of SES may still
 * prove that an unconfirmed mail was sent, or that a sent one was rejected.
 */
export const ledgerStates = ["CLAIMED", "SENDING", "SENT", "UNKNOWN", "UNCONFIRMED", "SKIPPED", "FAILED"] as const;
export type LedgerState = (typeof ledgerStates)[number];

export const streams = ["marketing", "transactional"] as const;
export type Stream = (typeof streams)[number];

/** What stays the same of a mail whatever becomes of it. */
const factsSchema = z.object({
  stream: z.enum(streams),
  /** `<template id>@<version>`, or `prepared`. */
  template: z.string(),
  /** What it takes to send a transactional mail again; left out when it is not small. */
  again: z.optional(z.object({ templateId: z.string(), data: z.optional(z.record(z.string(), z.unknown())) })),
  /** The address of staff, who have no record to find it in. */
  staff: z.optional(z.object({ name: z.string(), email: z.string() })),
  messageKey: z.string(),
  campaign: z.optional(campaignSchema),
  /** The survey that it invites to, and the instant that its links name. */
  survey: z.optional(z.object({ id: z.string(), invitedAt: z.string() })),
  addressHash: z.optional(z.string()),
  correlationId: z.string(),
  requestedAt: z.string(),
});
export type LedgerFacts = z.output<typeof factsSchema>;

export const ledgerEntrySchema = z.extend(factsSchema, {
  pk: z.string(),
  sk: z.string(),
  kind: z.literal("message"),
  state: z.enum(ledgerStates),
  /** Counts the writes: each is on condition of the one before. */
  version: z.number(),
  /** Which write it was; the store's own. */
  writer: z.optional(z.string()),
  /** How often SES was called. */
  attempt: z.number(),
  /** How often SES refused for a reason that may pass. */
  refusals: z.number(),
  /** How often the mail was sent again although its fate was unknown. */
  resends: z.number(),
  leaseUntil: z.optional(z.string()),
  notBefore: z.optional(z.string()),
  sentAt: z.optional(z.string()),
  sesMessageId: z.optional(z.string()),
  unknownAt: z.optional(z.string()),
  endedAt: z.optional(z.string()),
  reason: z.optional(z.string()),
});
export type LedgerEntry = z.output<typeof ledgerEntrySchema>;

const messagePrefix = "MESSAGE#";

/** Where a mail's ledger item stands; sending twice under one key is what it prevents. */
export function ledgerKey(owner: MailOwner, messageKey: string): Key {
  const pk = "contactId" in owner ? contactPk(owner.contactId) : `STAFF#${hashOfAddress(owner.staff.email)}`;
  return { pk, sk: `${messagePrefix}${messageKey}` };
}

/** What every event of a mail says of it. */
export function aboutMail({ messageKey, template, campaign, survey, requestedAt }: LedgerFacts) {
  return {
    ...{ messageKey, template, requestedAt },
    ...(campaign !== undefined && { campaign }),
    ...(survey !== undefined && { survey }),
  };
}

/** Longer than any time-out of the mail function, shorter than its queue's visibility time-out. */
const leaseMilliseconds = 90_000;
/** How long a mail of unknown fate waits for an event of SES. */
export const settlingMilliseconds = 24 * 3_600_000;
const maximumRefusals = 6;

/** What SES said of one call. */
export type SendOutcome =
  | { readonly kind: "sent"; readonly sesMessageId: string }
  /** It was surely not sent. `soon`: may pass, tried a few times; `later`: a rate or quota; `never`: cannot pass. */
  | { readonly kind: "refused"; readonly retry: "soon" | "later" | "never"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

/** What a worker that holds a request for this mail has to do. */
export type NextStep =
  | { readonly do: "send" }
  | { readonly do: "nothing" }
  | { readonly do: "wait" }
  | { readonly do: "postpone"; readonly until: string }
  | { readonly do: "write"; readonly entry: LedgerEntry };

/** Decides by the ledger alone; pure. */
export function nextStep(entry: LedgerEntry | undefined, now: Date): NextStep {
  if (entry === undefined) return { do: "send" };
  switch (entry.state) {
    case "CLAIMED":
      return isAhead(entry.notBefore, now) ? { do: "postpone", until: entry.notBefore } : { do: "send" };
    case "SENDING":
      if (isAhead(entry.leaseUntil, now)) return { do: "wait" };
      return { do: "write", entry: unknown(entry, "lease ran out", now) };
    case "UNKNOWN":
      if (entry.unknownAt !== undefined && !settlingIsOver(entry.unknownAt, now)) return { do: "nothing" };
      return mayResend(entry) ? { do: "send" } : { do: "write", entry: unconfirmed(entry, now) };
    default:
      return { do: "nothing" };
  }
}

/** The entry with which a worker takes the right to call SES once. */
export function sending(previous: LedgerEntry | undefined, key: Key, facts: LedgerFacts, now: Date): LedgerEntry {
  return {
    ...open(previous, key, facts),
    state: "SENDING",
    attempt: (previous?.attempt ?? 0) + 1,
    resends: (previous?.resends ?? 0) + (previous?.state === "UNKNOWN" ? 1 : 0),
    leaseUntil: new Date(now.getTime() + leaseMilliseconds).toISOString(),
  };
}

/** The entry of a mail that is not sent, and why. A mail that may have been sent before is not called skipped. */
export function skipped(
  previous: LedgerEntry | undefined,
  key: Key,
  facts: LedgerFacts,
  reason: string,
  now: Date,
): LedgerEntry {
  const ended = { ...open(previous, key, facts), reason, endedAt: now.toISOString() };
  if (previous?.state !== "UNKNOWN") return { ...ended, state: "SKIPPED" };
  return { ...ended, ...sinceOf(previous), state: "UNCONFIRMED" };
}

/** Why a mail to somebody who has been erased was not sent. */
export const erasedReason = "erased";

/** The entry of a mail to somebody who has been erased: that it was not sent, and nothing of whose it was. */
export function skippedAsErased(
  previous: LedgerEntry | undefined,
  { pk, sk }: Key,
  { stream, template, messageKey, correlationId, requestedAt }: LedgerFacts,
  now: Date,
): LedgerEntry {
  const { version = 0, attempt = 0, refusals = 0, resends = 0 } = previous ?? {};
  const facts = { stream, template, messageKey, correlationId, requestedAt };
  const counts = { version: version + 1, attempt, refusals, resends };
  return {
    pk,
    sk,
    kind: "message",
    state: "SKIPPED",
    reason: erasedReason,
    endedAt: now.toISOString(),
    ...facts,
    ...counts,
  };
}

/**
 * The entry after SES answered the call numbered `attempt`.
 *
 * @returns undefined when nothing is to be written: it is settled already, or the answer is to an older call.
 */
export function settled(entry: LedgerEntry, attempt: number, outcome: SendOutcome, now: Date): LedgerEntry | undefined {
  if (outcome.kind === "sent") return proved(entry, outcome.sesMessageId, now);
  if (entry.attempt !== attempt || (entry.state !== "SENDING" && entry.state !== "UNKNOWN")) return undefined;
  if (outcome.kind === "unknown") {
    return entry.state === "UNKNOWN" ? undefined : unknown(entry, outcome.reason, now);
  }
  // An earlier call of unknown fate stays unknown, whatever a later one was told.
  if (entry.resends > 0) return unconfirmed(entry, now);
  const refusals = entry.refusals + (outcome.retry === "soon" ? 1 : 0);
  if (outcome.retry === "never" || refusals >= maximumRefusals) {
    return { ...next(entry), state: "FAILED", refusals, reason: outcome.reason, endedAt: now.toISOString() };
  }
  const notBefore = new Date(now.getTime() + pauseAfter(outcome, entry.attempt)).toISOString();
  return { ...next(entry), state: "CLAIMED", refusals, reason: outcome.reason, notBefore };
}

/** The entry once SES proved the mail sent; undefined when that is known, or SES rejected it afterwards. */
export function proved(entry: LedgerEntry, sesMessageId: string, at: Date): LedgerEntry | undefined {
  if (entry.state === "SENT" || entry.state === "FAILED") return undefined;
  return { ...next(entry), state: "SENT", sesMessageId, sentAt: at.toISOString() };
}

/** The entry once SES accepted the mail and then would not send it; undefined when that is known. */
export function rejected(entry: LedgerEntry, reason: string, at: Date): LedgerEntry | undefined {
  if (entry.state === "FAILED") return undefined;
  const sentAt = entry.sentAt === undefined ? {} : { sentAt: entry.sentAt };
  return { ...next(entry), ...sentAt, state: "FAILED", reason, endedAt: at.toISOString() };
}

/** Doubles from a minute up to an hour; a rate is tried again within minutes, a daily quota by the hour. */
function pauseAfter({ retry, reason }: SendOutcome & { kind: "refused" }, attempt: number): number {
  if (retry === "later" && /quota|paused/i.test(reason)) return 3_600_000;
  return Math.min(60_000 * 2 ** Math.min(attempt - 1, 6), 3_600_000);
}

function open(previous: LedgerEntry | undefined, key: Key, facts: LedgerFacts): LedgerEntry {
  const counts = { version: 0, attempt: 0, refusals: 0, resends: 0 };
  // The address is that of this call: a contact's may have changed since the last one.
  return {
    ...next(previous ?? { ...key, kind: "message", state: "CLAIMED", ...counts, ...facts }),
    ...addressOf(facts),
  };
}

function addressOf({ addressHash }: LedgerFacts): Pick<LedgerFacts, "addressHash"> {
  return addressHash === undefined ? {} : { addressHash };
}

/** The next version, without what only holds in one state. */
function next(entry: LedgerEntry): LedgerEntry {
  const { leaseUntil, notBefore, unknownAt, reason, endedAt, sentAt, ...lasting } = entry;
  return { ...lasting, version: entry.version + 1 };
}

function unknown(entry: LedgerEntry, reason: string, now: Date): LedgerEntry {
  return { ...next(entry), state: "UNKNOWN", reason, unknownAt: now.toISOString() };
}

function unconfirmed(entry: LedgerEntry, now: Date): LedgerEntry {
  const ended = { reason: "no word from SES", endedAt: now.toISOString() };
  return { ...next(entry), ...sinceOf(entry), ...ended, state: "UNCONFIRMED" };
}

/** Since when its fate is unknown. */
function sinceOf({ unknownAt }: LedgerEntry): Pick<LedgerEntry, "unknownAt"> {
  return unknownAt === undefined ? {} : { unknownAt };
}

function mayResend(entry: LedgerEntry): boolean {
  return entry.stream === "transactional" && entry.resends === 0 && entry.again !== undefined;
}

function settlingIsOver(unknownAt: string, now: Date): boolean {
  return now.getTime() - Date.parse(unknownAt) >= settlingMilliseconds;
}

function isAhead(instant: string | undefined, now: Date): instant is string {
  return instant !== undefined && Date.parse(instant) > now.getTime();
}
