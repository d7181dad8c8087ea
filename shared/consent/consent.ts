import * as z from "zod/mini";
import { digestOf } from "../table/hash.ts";

const state = z.enum(["pending", "granted", "withdrawn"]);
const method = z.enum(["double-opt-in", "single-opt-in"]);

/** One earlier state, as proof of what was asked and answered when. */
const changeSchema = z.object({
  state,
  at: z.string(),
  method: z.optional(method),
  source: z.optional(z.string()),
  textVersion: z.optional(z.string()),
});

/** The consent of one address to marketing mail. Times are ISO 8601 UTC with milliseconds. */
export const consentSchema = z.object({
  addressHash: z.string(),
  state,
  contactId: z.string(),
  /** For sending. Absent when somebody withdrew whose consent we never had. */
  address: z.optional(z.string()),
  /** When the box was ticked that led to this state. */
  requestedAt: z.optional(z.string()),
  /** What the wording was, word for word, and which form showed it. */
  text: z.optional(z.string()),
  textVersion: z.optional(z.string()),
  source: z.optional(z.string()),
  method: z.optional(method),
  /** Names the confirmation mail: a new id asks for a new mail. */
  confirmationId: z.optional(z.string()),
  confirmationSentAt: z.optional(z.string()),
  pendingUntil: z.optional(z.string()),
  grantedAt: z.optional(z.string()),
  /** When a shop told us of it; absent when it was given to us. */
  heardAt: z.optional(z.string()),
  withdrawnAt: z.optional(z.string()),
  /** The person wants no marketing until then; the consent itself stands. */
  pausedUntil: z.optional(z.string()),
  /** When the person last used the preference centre. */
  preferencesAt: z.optional(z.string()),
  /** The last changes, newest first. */
  history: z.array(changeSchema),
  version: z.number(),
});
export type Consent = z.infer<typeof consentSchema>;

/** What a person did. `at` is when. */
export type ConsentRequest =
  | {
      readonly type: "tick";
      readonly at: string;
      readonly eventId: string;
      readonly addressHash: string;
      readonly address: string;
      readonly contactId: string;
      readonly text: string;
      readonly textVersion: string;
      readonly source: string;
      readonly doubleOptIn: boolean;
    }
  | {
      /** A shop says what the person decided there. */
      readonly type: "report";
      readonly decision: "subscribed" | "unsubscribed";
      /** False when the shop does not say when: it is then taken to be older than anything that we know. */
      readonly dated: boolean;
      /** The person confirmed it by its own mailbox, there. */
      readonly confirmed: boolean;
      readonly at: string;
      readonly heardAt: string;
      readonly addressHash: string;
      readonly address: string;
      readonly contactId: string;
      readonly source: string;
    }
  | {
      readonly type: "confirm" | "withdraw" | "pause" | "resume";
      readonly at: string;
      readonly addressHash: string;
      readonly contactId: string;
    };
type Tick = Extract<ConsentRequest, { type: "tick" }>;
type Report = Extract<ConsentRequest, { type: "report" }>;

const day = 86_400_000;
const pendingDays = 30;
const keptChanges = 10;

/**
 * What a request makes of a consent. Requests may come in any order and any number of times: each is judged by when it
 * was made, and in doubt a withdrawal wins.
 *
 * @returns the consent as it is to be written, or undefined when nothing changes.
 */
export function decide(current: Consent | undefined, request: ConsentRequest, now: Date): Consent | undefined {
  if (request.type === "report") return afterReport(current, request);
  if (request.type === "tick") return afterTick(current, request, now);
  if (request.type === "pause" || request.type === "resume") return afterPreference(current, request.type, request.at);
  return request.type === "confirm" ? afterConfirm(current, request.at) : afterWithdrawal(current, request);
}

/** Whether the person may still confirm. */
export function isPending(consent: Consent | undefined, now: Date): boolean {
  return consent?.state === "pending" && (consent.pendingUntil ?? "") > now.toISOString();
}

function afterTick(current: Consent | undefined, tick: Tick, now: Date): Consent | undefined {
  if (current?.state === "granted" || tick.at <= (current?.withdrawnAt ?? "")) return undefined;
  const { at, eventId, doubleOptIn, type: _, ...asked } = tick;
  const requested = { requestedAt: at, ...asked };
  // Anyone can type an address: who withdrew once comes back by their own mailbox only.
  if (!doubleOptIn && current?.withdrawnAt === undefined) {
    return changed(current, { ...requested, state: "granted", method: "single-opt-in", grantedAt: at }, at);
  }
  if (current?.state === "pending" && at <= (current.requestedAt ?? "")) return undefined;
  const mailedLately = now.getTime() - Date.parse(current?.confirmationSentAt ?? "1970-01-01") < day;
  if (mailedLately && isPending(current, now)) return undefined;
  const pending = {
    ...requested,
    state: "pending",
    method: "double-opt-in",
    pendingUntil: new Date(now.getTime() + pendingDays * day).toISOString(),
    // One mail per address and day: who comes back sooner confirms by the mail that is there.
    ...(!mailedLately && {
      confirmationId: digestOf(["confirmation", tick.addressHash, eventId]),
      confirmationSentAt: now.toISOString(),
    }),
  } as const;
  return changed(current, pending, at);
}

/**
 * A shop's word. What it says of a subscription never undoes a withdrawal, unless the person confirmed it there later:
 * a colleague, an import or an old delivery would say the same.
 */
function afterReport(current: Consent | undefined, report: Report): Consent | undefined {
  const { decision, dated, confirmed, at, heardAt, addressHash, address, contactId, source } = report;
  if (decision === "unsubscribed") return afterWithdrawal(current, { at, addressHash, contactId });
  const withdrawnAt = current?.withdrawnAt;
  const later = dated && confirmed && at > (withdrawnAt ?? "");
  if (current?.state === "granted" || (withdrawnAt !== undefined && !later)) return undefined;
  const method = confirmed ? "double-opt-in" : "single-opt-in";
  const granted = { state: "granted", method, source, requestedAt: at, grantedAt: at, heardAt } as const;
  return changed(current, { ...granted, addressHash, address, contactId }, at);
}

/** Any of our links confirms what is pending, also that of an earlier mail: only the owner of the address has them. */
function afterConfirm(current: Consent | undefined, at: string): Consent | undefined {
  if (current?.state !== "pending") return undefined;
  if (at < (current.requestedAt ?? "") || at > (current.pendingUntil ?? "")) return undefined;
  return changed(current, { ...current, state: "granted", grantedAt: at }, at);
}

function afterWithdrawal(
  current: Consent | undefined,
  { at, addressHash, contactId }: Pick<ConsentRequest, "at" | "addressHash" | "contactId">,
): Consent | undefined {
  if (current?.state === "withdrawn" && at <= (current.withdrawnAt ?? "")) return undefined;
  const confirmedSince = current?.method !== "single-opt-in" && at < (current?.requestedAt ?? "");
  if (confirmedSince) return undefined;
  return changed(current, { state: "withdrawn", addressHash, contactId, withdrawnAt: at }, at);
}

const pauseDays = 30;

/**
 * A choice made behind a link of the person's own mailbox: the latest counts. It can end a withdrawal, as the person's own
 * later act, but never makes a consent of nothing.
 */
function afterPreference(current: Consent | undefined, type: "pause" | "resume", at: string): Consent | undefined {
  if (current === undefined || at <= (current.preferencesAt ?? "")) return undefined;
  const { pausedUntil: _, ...rest } = current;
  if (type === "pause") {
    if (current.state !== "granted") return undefined;
    const pausedUntil = new Date(Date.parse(at) + pauseDays * day).toISOString();
    return changed(current, { ...rest, preferencesAt: at, pausedUntil }, at);
  }
  if (current.state === "granted") return withoutPause(current, at);
  const wasGranted =
    current.state === "withdrawn" && current.grantedAt !== undefined && at > (current.withdrawnAt ?? "");
  if (!wasGranted) return undefined;
  return { ...withoutPause(current, at), state: "granted", method: "double-opt-in", grantedAt: at, requestedAt: at };
}

function withoutPause(current: Consent, at: string): Consent {
  const { pausedUntil: _, ...kept } = changed(current, { ...current, preferencesAt: at }, at);
  return kept;
}

type Change = Pick<Consent, "state" | "addressHash" | "contactId"> & Partial<Consent>;

function changed(current: Consent | undefined, change: Change, at: string): Consent {
  const next = { ...current, ...change };
  const { state, method, source, textVersion } = next;
  const history = [{ state, at, method, source, textVersion }, ...(current?.history ?? [])].slice(0, keptChanges);
  return { ...next, history, version: (current?.version ?? 0) + 1 };
}
