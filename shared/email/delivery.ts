import type { Due } from "../due/due.ts";
import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";
import { type LedgerEntry, ledgerKey, nextStep, settled } from "./ledger.ts";
import { contactOfOwner } from "./mail-message.ts";
import { type DatedMessage, type PrepareDeps, prepare } from "./prepare.ts";
import type { SendMail } from "./ses-sender.ts";

export type { DatedMessage } from "./prepare.ts";

export interface DeliveryDeps extends PrepareDeps {
  readonly send: SendMail;
  readonly putDue: (due: Due) => Promise<void>;
}

/** `put back`: another worker is at it, or the request is too large to wait elsewhere; the queue brings it again. */
export type Delivered = "sent" | "not sent" | "put back";

const minute = 60_000;
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
    if (attempt !== undefined && "inLine" in attempt) {
      return postpone(deps, { ...message, stoodInLine: true }, key, attempt.inLine);
    }
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
      if (entry?.state === "FAILED") await releaseRoom(deps, message);
      return outcome.kind === "sent" ? "sent" : "not sent";
    }
    current = written;
  }
}

/** Who got nothing has room for another mail. A crash before this leaves the room taken, which costs that other mail a day. */
async function releaseRoom({ caps }: DeliveryDeps, { owner, messageKey }: DatedMessage): Promise<void> {
  if ("contactId" in owner) await caps.release(owner.contactId, messageKey);
}

/** Lets a request wait as a due item, under an id that makes a second one of the same wait the same item. */
async function postpone(deps: DeliveryDeps, message: DatedMessage, key: Key, at: Date): Promise<Delivered> {
  if (Buffer.byteLength(JSON.stringify(message)) > largestDueMessage) return "put back";
  const id = digestOf([key.pk, key.sk]);
  await deps.putDue({ at, id, queue: "mail", body: message, ...contactOfOwner(message.owner) });
  return "not sent";
}
