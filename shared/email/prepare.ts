import type { ConsentFacts } from "../consent/consent.ts";
import type { ConsentPolicy } from "../consent/policy.ts";
import { addressHash } from "../contacts/email-address.ts";
import type { Recommend } from "../recommendations/recommend-store.ts";
import type { Key } from "../table/item.ts";
import { type CapLimits, limitsFor } from "./cap.ts";
import type { Caps } from "./cap-store.ts";
import { type Compose, kindOf, type MailKind, streamOf, type TemplateOf } from "./compose.ts";
import { isCartGone, withCurrentCart } from "./current-cart.ts";
import type { TurnWish } from "./domain-pace.ts";
import type { ReadGate } from "./gate-store.ts";
import { type LedgerEntry, type LedgerFacts, sending, skipped, skippedAsErased } from "./ledger.ts";
import type { Ledger } from "./ledger-store.ts";
import { wantedFrom } from "./local-time.ts";
import type { MailMessage } from "./mail-message.ts";
import { maySend, tooOldAfter, type Verdict } from "./may-send.ts";
import type { Turn } from "./pace.ts";
import { allowedAt, type QuietHours } from "./quiet-hours.ts";
import { type Recipient, staffRecipient } from "./recipient.ts";
import type { ReadRecipient } from "./recipient-store.ts";
import { withRecommendations } from "./recommended-goods.ts";
import { UnsendableError } from "./render.ts";
import type { ReadyMail } from "./ses-sender.ts";
import { tagsOf } from "./ses-tags.ts";
import type { Suppression } from "./suppression.ts";
import type { Template } from "./templates/template.ts";

/** A consent, and the confirmation that a mail asks for. */
type MailConsent = ConsentFacts & { readonly confirmationId?: string | undefined };

/** When and how often marketing may reach a contact. */
export interface SendingRules {
  /** For contacts whose own zone is not known. */
  readonly timeZone: string;
  readonly quietHours: QuietHours;
  readonly cap: CapLimits;
  readonly consentPolicy: ConsentPolicy;
}

export interface PrepareDeps {
  readonly ledger: Ledger;
  readonly readRecipient: ReadRecipient;
  readonly readConsent: (addressHash: string) => Promise<MailConsent | undefined>;
  readonly readSuppression: (addressHash: string) => Promise<Suppression | undefined>;
  readonly readGate: ReadGate;
  /** @throws Error for an unknown one: the request waits in the dead-letter queue until the template exists. */
  readonly templateOf: TemplateOf;
  readonly compose: Compose;
  readonly caps: Caps;
  readonly recommend: Recommend;
  readonly rules: SendingRules;
  /** Gives a mail its turn under its recipient's domain's bound and the account's rate and quota. */
  readonly pace: (wish: TurnWish) => Promise<Turn>;
  readonly now: () => Date;
}

/** A request with the time it counts from. */
export type DatedMessage = MailMessage & { readonly requestedAt: string };

const hour = 3_600_000;
/** How long the profile of a new contact may take to appear: a stage may stand in its retry queue, or be redriven later. */
const patienceMilliseconds = 72 * hour;

export interface Attempt {
  /** To be written first: SENDING with the lease, or SKIPPED. */
  readonly entry: LedgerEntry;
  /** Absent when the mail may not go out. */
  readonly mail: ReadyMail | undefined;
}

/** A date is when to ask again; `inLine` is one that the mail's place in the line of its recipient's domain comes to. */
export type Prepared = Attempt | Date | { readonly inLine: Date } | "not yet" | "nothing to send";

/**
 * Reads all that decides, finds room under cap and rate, and makes the mail. Whatever had to wait for its turn is
 * decided once more, so that an exit or a withdrawal meanwhile still counts.
 */
export async function prepare(
  deps: PrepareDeps,
  message: DatedMessage,
  key: Key,
  previous: LedgerEntry | undefined,
): Promise<Prepared> {
  const asked = { ...message, ...(message.close === true && previous?.again) };
  const wanted = await kindOf(asked, deps.templateOf);
  const kind = message.campaign?.type === "broadcast" ? asBroadcast(wanted) : wanted;
  if (kind === undefined || (message.close === true && previous === undefined)) return "nothing to send";
  const first = await decide(deps, message, kind);
  if (first === "not yet") return "not yet";
  const skip = async ({ hash, verdict }: Decided, reason: string): Promise<Attempt> => {
    if (verdict.send === false && verdict.reason === "erased") {
      return { entry: skippedAsErased(previous, key, factsOf(message, kind, hash), deps.now()), mail: undefined };
    }
    await releaseRoom(deps, message, kind);
    return { entry: skipped(previous, key, factsOf(message, kind, hash), reason, deps.now()), mail: undefined };
  };
  if (first.verdict.send === "later") return first.verdict.at;
  if (!first.verdict.send) return skip(first, first.verdict.reason);
  const room = await findRoom(deps, message, kind, first);
  if (room === "never") return skip(first, "frequency cap");
  if (room instanceof Date) return room;
  const turn = await deps.pace({
    stream: streamOf(kind),
    address: first.recipient?.address ?? "",
    urgent: isUrgent(kind),
    stoodInLine: message.stoodInLine === true,
  });
  if (typeof turn === "object") return turn.reason === "domain" ? { inLine: turn.at } : turn.at;
  const last = turn === "waited" ? await decide(deps, message, kind) : first;
  if (last === "not yet") return "not yet";
  if (last.verdict.send === "later") return last.verdict.at;
  if (!last.verdict.send) return skip(last, last.verdict.reason);
  const { recipient, hash, consent } = last;
  if (recipient === undefined) return "nothing to send";
  const now = deps.now();
  const composed = await composedOrReason(deps.compose, {
    kind: await withCurrentGoods(deps, kind, recipient, message.owner),
    recipient,
    contactId: "contactId" in message.owner ? message.owner.contactId : undefined,
    messageKey: message.messageKey,
    confirmationId: consent?.confirmationId,
    now,
  });
  if (typeof composed === "string") return skip(last, composed);
  const survey = "template" in kind ? kind.template.survey : undefined;
  const facts = { ...factsOf(message, kind, hash), ...(survey !== undefined && invitationTo(survey, now)) };
  const entry = sending(previous, key, facts, deps.now());
  return { entry, mail: { ...composed, tags: tagsOf(key) } };
}

/** What goes to a whole segment is marketing that lets other mail go first, whatever its template has become since. */
function asBroadcast(kind: MailKind | undefined): MailKind | undefined {
  if (kind === undefined || !("template" in kind)) return kind;
  const { atOnce: _, ...template } = kind.template;
  return { ...kind, template: { ...template, stream: "marketing", priority: "broadcast" } };
}

interface Decided {
  /** Since when the mail is wanted. */
  readonly wantedAt: Date;
  readonly verdict: Verdict;
  readonly recipient: Recipient | undefined;
  readonly hash: string | undefined;
  readonly consent: MailConsent | undefined;
}

/** Recipient, suppression, consent and what asked for the mail as they are now, each by a consistent read. */
async function decide(deps: PrepareDeps, message: DatedMessage, kind: MailKind): Promise<Decided | "not yet"> {
  const found = await recipientFor(deps, message);
  const now = deps.now();
  const requestedAt = new Date(message.requestedAt);
  if (found === "absent" && now.getTime() - requestedAt.getTime() < patienceMilliseconds) return "not yet";
  const recipient = typeof found === "string" ? undefined : found;
  const hash = recipient && addressHash(recipient.address);
  const wantedAt = wantedFrom(message, recipient?.timeZone ?? deps.rules.timeZone);
  const known = { wantedAt, recipient, hash };
  if (wantedAt > now) return { ...known, verdict: { send: "later", at: wantedAt }, consent: undefined };
  const [gate, suppression, consent] = await Promise.all([
    deps.readGate(message),
    hash === undefined ? undefined : deps.readSuppression(hash),
    hash === undefined ? undefined : readConsentFor(deps, kind, hash),
  ]);
  const verdict = maySend({
    stream: streamOf(kind),
    topic: "template" in kind ? kind.template.topic : undefined,
    asksForConsent: "template" in kind && kind.template.asksForConsent,
    erased: found === "erased",
    reachable: recipient !== undefined,
    suppression,
    consent,
    policy: deps.rules.consentPolicy,
    relation: recipient?.relation,
    cartGone: "template" in kind && isCartGone(kind.template, kind.data, recipient?.carts),
    gate,
    notAfter: tooOldAfter(streamOf(kind), wantedAt, message.notAfter),
    now,
  });
  return { ...known, verdict, consent };
}

/** Marketing that answers nothing keeps quiet hours and the cap; what answers the reader's own act does not wait. */
export function cappedTemplate(kind: MailKind): Template | undefined {
  return "template" in kind && kind.template.stream === "marketing" && kind.template.atOnce !== true
    ? kind.template
    : undefined;
}

/** What answers the reader, or is more urgent than a broadcast. */
function isUrgent(kind: MailKind): boolean {
  if (!("template" in kind)) return false;
  const { atOnce, priority = "broadcast" } = kind.template;
  return atOnce === true || priority !== "broadcast";
}

async function findRoom(
  { rules, caps, now }: PrepareDeps,
  { owner, messageKey, notAfter }: DatedMessage,
  kind: MailKind,
  { recipient, consent, wantedAt }: Decided,
): Promise<"granted" | "never" | Date> {
  const template = cappedTemplate(kind);
  if (template === undefined || !("contactId" in owner)) return "granted";
  const allowed = allowedAt(now(), recipient?.timeZone ?? rules.timeZone, rules.quietHours);
  const until = tooOldAfter("marketing", wantedAt, notAfter);
  if (allowed > until) return allowed;
  const verdict = await caps.claim(owner.contactId, {
    key: messageKey,
    priority: template.priority ?? "broadcast",
    until,
    notBefore: allowed,
    now: now(),
    limits: limitsFor(rules.cap, consent?.frequency?.value),
  });
  return typeof verdict === "object" ? verdict.at : verdict;
}

async function releaseRoom({ caps }: PrepareDeps, { owner, messageKey }: DatedMessage, kind: MailKind): Promise<void> {
  if (cappedTemplate(kind) !== undefined && "contactId" in owner) await caps.release(owner.contactId, messageKey);
}

/** A template that lacks a value is a mail not sent, with the reason; what else cannot be rendered waits for a remedy. */
async function composedOrReason(compose: Compose, occasion: Parameters<Compose>[0]) {
  try {
    return await compose(occasion);
  } catch (error) {
    if (error instanceof UnsendableError && "template" in occasion.kind) return error.message;
    throw error;
  }
}

/** The cart as it is now, and what goes with it or the order, for a template that shows that and was given none. */
async function withCurrentGoods(
  { recommend }: PrepareDeps,
  kind: MailKind,
  recipient: Recipient,
  owner: MailMessage["owner"],
): Promise<MailKind> {
  if (!("template" in kind)) return kind;
  const data = withCurrentCart(kind.template, kind.data, recipient.carts);
  if (!("contactId" in owner)) return { ...kind, data };
  const { contactId } = owner;
  return { ...kind, data: await withRecommendations(kind.template, data, () => recommend(contactId, data)) };
}

async function recipientFor(deps: PrepareDeps, { owner, to }: MailMessage): ReturnType<ReadRecipient> {
  if ("contactId" in owner) {
    const found = await deps.readRecipient(owner.contactId);
    if (to === undefined || found === "erased") return found;
    return { ...(typeof found === "object" ? found : { name: "", firstName: "" }), address: to };
  }
  const recipient: Recipient | "no address" = staffRecipient(owner.staff) ?? "no address";
  return recipient;
}

/** Consent concerns marketing, and the mail that asks for it; no other mail pays for the read. */
function readConsentFor(deps: PrepareDeps, kind: MailKind, hash: string) {
  const concerns = "template" in kind && (kind.template.stream === "marketing" || kind.template.asksForConsent);
  return concerns ? deps.readConsent(hash) : undefined;
}

/** What the ledger keeps of an invitation: its links name the instant to the second. */
function invitationTo(id: string, now: Date): Pick<LedgerFacts, "survey"> {
  return { survey: { id, invitedAt: `${now.toISOString().slice(0, 19)}.000Z` } };
}

/** Data above this many characters is not kept for sending again: an entry is to stay within one write unit. */
const largestAgain = 300;

function factsOf(message: DatedMessage, kind: MailKind, hash: string | undefined): LedgerFacts {
  const stream = streamOf(kind);
  const again =
    "template" in kind ? { templateId: kind.template.id, ...(message.data && { data: message.data }) } : undefined;
  const keepsAgain = again !== undefined && stream === "transactional" && JSON.stringify(again).length <= largestAgain;
  return {
    stream,
    template: "template" in kind ? `${kind.template.id}@${kind.template.version}` : "prepared",
    ...(keepsAgain && { again }),
    ...("staff" in message.owner && { staff: message.owner.staff }),
    messageKey: message.messageKey,
    ...(message.campaign !== undefined && { campaign: message.campaign }),
    ...(hash !== undefined && { addressHash: hash }),
    correlationId: message.correlationId,
    requestedAt: message.requestedAt,
  };
}
