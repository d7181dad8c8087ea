import * as z from "zod/mini";
import { addressHash } from "../contacts/email-address.ts";
import type { Due } from "../due/due.ts";
import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";
import { type Compose, kindOf, type MailKind, streamOf, type TemplateOf } from "./compose.ts";
import { type LedgerEntry, type LedgerFacts, ledgerKey, nextStep, sending, settled, skipped } from "./ledger.ts";
import type { Ledger } from "./ledger-store.ts";
import type { MailMessage } from "./mail-message.ts";
import { type ConsentFacts, maySend } from "./may-send.ts";
import { type Recipient, staffRecipient } from "./recipient.ts";
import type { ReadRecipient } from "./recipient-store.ts";
import { UnsendableError } from "./render.ts";
import type { RunGate } from "./run-gate.ts";
import type { ReadRunGate } from "./run-gate-store.ts";
import type { SendMail } from "./ses-sender.ts";
import { tagsOf } from "./ses-tags.ts";
import type { Suppression } from "./suppression.ts";

export interface DeliveryDeps {
  readonly ledger: Ledger;
  readonly readRecipient: ReadRecipient;
  readonly readConsent: (
    addressHash: string,
  ) => Promise<(ConsentFacts & { confirmationId?: string | undefined }) | undefined>;
  readonly readSuppression: (addressHash: string) => Promise<Suppression | undefined>;
  readonly readRunGate: ReadRunGate;
  /** @throws Error for an unknown one: the request waits in the dead-letter queue until the template exists. */
  readonly templateOf: TemplateOf;
  readonly compose: Compose;
  readonly send: SendMail;
  readonly putDue: (due: Due) => Promise<void>;
  readonly now: () => Date;
}

/** `put back`: another worker is at it, or the request is too large to wait elsewhere; the queue brings it again. */
export type Delivered = "sent" | "not sent" | "put back";

/** A request with the time it counts from. */
export type DatedMessage = MailMessage & { readonly requestedAt: string };

const minute = 60_000;
/** How long the profile of a new contact may take to appear: a stage may stand in its retry queue, or be redriven later. */
const patienceMilliseconds = 72 * 60 * minute;
/** Items of the table end at 400 KB; a larger request stays with the queue. */
const largestDueMessage = 300_000;

/**
 * Brings one requested mail a step further: at most one call of SES, each write of the ledger conditional, so that any
 * number of deliveries of the same request, at once or after a crash, send at most once.
 *
 * All that can fail is done before the lease is taken; between the lease and SES stands nothing, so that a crash leaves
 * the mail's fate unknown only when SES was really being called.
 */
export async function deliver(deps: DeliveryDeps, message: DatedMessage): Promise<Delivered> {
  const key = ledgerKey(message.owner, message.messageKey);
  let entry = await deps.ledger.read(key);
  for (;;) {
    const step = nextStep(entry, deps.now());
    if (step.do === "nothing") return entry?.state === "SENT" ? "sent" : "not sent";
    if (step.do === "wait") return "put back";
    if (step.do === "postpone") return postpone(deps, message, key, new Date(step.until));
    const attempt = step.do === "write" ? undefined : await prepare(deps, message, key, entry);
    if (attempt === "nothing to send") return "not sent";
    if (attempt === "not yet") return postpone(deps, message, key, lookAgainAt(message, deps.now()));
    if (attempt instanceof Date) return postpone(deps, message, key, attempt);
    const wanted = step.do === "write" ? step.entry : attempt?.entry;
    if (wanted === undefined) return "not sent";
    const written = await deps.ledger.write(wanted);
    if (written === "written") {
      return attempt?.mail === undefined ? "not sent" : callSes(deps, message, wanted, attempt.mail);
    }
    entry = written;
  }
}

/** A profile comes within a second, or after a fault that lasts: the pause grows with the wait. */
function lookAgainAt({ requestedAt }: DatedMessage, now: Date): Date {
  const waited = now.getTime() - Date.parse(requestedAt);
  return new Date(now.getTime() + Math.min(Math.max(waited, minute), 60 * minute));
}

interface Attempt {
  /** To be written first: SENDING with the lease, or SKIPPED. */
  readonly entry: LedgerEntry;
  /** Absent when the mail may not go out. */
  readonly mail: Parameters<SendMail>[0] | undefined;
}

/** Reads all that decides, and makes the mail; a date is when to ask again. */
async function prepare(
  deps: DeliveryDeps,
  message: DatedMessage,
  key: Key,
  previous: LedgerEntry | undefined,
): Promise<Attempt | Date | "not yet" | "nothing to send"> {
  const asked = { ...message, ...(message.close === true && previous?.again) };
  const kind = await kindOf(asked, deps.templateOf);
  if (kind === undefined || (message.close === true && previous === undefined)) return "nothing to send";
  const found = await recipientFor(deps, message);
  const now = deps.now();
  const requestedAt = new Date(message.requestedAt);
  if (found === "absent" && now.getTime() - requestedAt.getTime() < patienceMilliseconds) return "not yet";
  const recipient = typeof found === "string" ? undefined : found;
  const hash = recipient && addressHash(recipient.address);
  const [run, suppression, consent] = await Promise.all([
    readRunGateFor(deps, message),
    hash === undefined ? undefined : deps.readSuppression(hash),
    hash === undefined ? undefined : readConsentFor(deps, kind, hash),
  ]);
  const facts = factsOf(message, kind, hash);
  const verdict = maySend({
    stream: facts.stream,
    asksForConsent: "template" in kind && kind.template.asksForConsent,
    reachable: recipient !== undefined,
    suppression,
    consent,
    run,
    requestedAt,
    now,
  });
  if (verdict.send === "later") return verdict.at;
  if (!verdict.send) return { entry: skipped(previous, key, facts, verdict.reason, now), mail: undefined };
  if (recipient === undefined) return "nothing to send";
  const composed = await composedOrReason(deps.compose, {
    kind: withCurrentCart(kind, recipient),
    recipient,
    contactId: "contactId" in message.owner ? message.owner.contactId : undefined,
    messageKey: message.messageKey,
    confirmationId: consent?.confirmationId,
    now,
  });
  if (typeof composed === "string") return { entry: skipped(previous, key, facts, composed, now), mail: undefined };
  return { entry: sending(previous, key, facts, deps.now()), mail: { ...composed, tags: tagsOf(key) } };
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

/** The cart as it is now rather than as it was when the mail was asked for. */
function withCurrentCart(kind: MailKind, { carts }: Recipient): MailKind {
  if (!("template" in kind)) return kind;
  const remembered = cartSchema.safeParse(kind.data.cart).data;
  const id = remembered?.id ?? remembered?.cartId;
  const current = id === undefined ? undefined : cartSchema.safeParse(carts?.[id]).data;
  if (current === undefined) return kind;
  return { ...kind, data: { ...kind.data, cart: { ...remembered, ...current } } };
}

const cartSchema = z.looseObject({ id: z.optional(z.string()), cartId: z.optional(z.string()) });

function recipientFor(deps: DeliveryDeps, { owner }: MailMessage): ReturnType<ReadRecipient> {
  if ("contactId" in owner) return deps.readRecipient(owner.contactId);
  const recipient: Recipient | "no address" = staffRecipient(owner.staff) ?? "no address";
  return Promise.resolve(recipient);
}

function readRunGateFor(deps: DeliveryDeps, { owner, run }: MailMessage): RunGate | Promise<RunGate> {
  return run === undefined || !("contactId" in owner) ? "open" : deps.readRunGate(owner.contactId, run.sk);
}

/** Consent concerns marketing, and the mail that asks for it; no other mail pays for the read. */
function readConsentFor(deps: DeliveryDeps, kind: MailKind, hash: string) {
  const concerns = "template" in kind && (kind.template.stream === "marketing" || kind.template.asksForConsent);
  return concerns ? deps.readConsent(hash) : undefined;
}

async function callSes(
  deps: DeliveryDeps,
  message: DatedMessage,
  lease: LedgerEntry,
  mail: Parameters<SendMail>[0],
): Promise<Delivered> {
  const outcome = await deps.send(mail);
  let current = lease;
  for (;;) {
    const entry = settled(current, lease.attempt, outcome, deps.now());
    const written = entry === undefined ? "written" : await deps.ledger.write(entry);
    if (written === "written") {
      if (entry?.state === "CLAIMED" && entry.notBefore !== undefined) {
        return postpone(deps, message, entry, new Date(entry.notBefore));
      }
      return outcome.kind === "sent" ? "sent" : "not sent";
    }
    current = written;
  }
}

/** Lets a request wait as a due item, under an id that makes a second one of the same wait the same item. */
async function postpone(deps: DeliveryDeps, message: DatedMessage, key: Key, at: Date): Promise<Delivered> {
  if (Buffer.byteLength(JSON.stringify(message)) > largestDueMessage) return "put back";
  await deps.putDue({ at, id: digestOf([key.pk, key.sk]), queue: "mail", body: message });
  return "not sent";
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
    ...(hash !== undefined && { addressHash: hash }),
    correlationId: message.correlationId,
    requestedAt: message.requestedAt,
  };
}
