import { createEvent, type Event, type EventFacts } from "../events/event.ts";
import { contactIdOf } from "../events/event-keys.ts";
import type { Key } from "../table/item.ts";
import { aboutMail, erasedReason, type LedgerEntry, proved, rejected } from "./ledger.ts";
import type { Ledger } from "./ledger-store.ts";
import { isMachine, type Reading } from "./machine.ts";
import type { MailFact } from "./ses-event.ts";
import { ledgerKeyOfTags } from "./ses-tags.ts";

export interface FeedbackDeps {
  readonly ledger: Ledger;
  readonly putEvent: (event: Event) => Promise<unknown>;
  readonly isErased: (contactId: string) => Promise<boolean>;
  readonly now: () => Date;
}

/** `foreign`: not a mail of ours, or one whose ledger item is gone; `erased`: gone since its reader was erased. */
export type Feedback = "recorded" | "erased" | "foreign";

/**
 * Records what SES says of a mail: the ledger learns that it was sent or rejected, the contact's timeline the rest.
 * Recording the same again changes nothing.
 */
export async function recordFeedback(deps: FeedbackDeps, fact: MailFact): Promise<Feedback> {
  const key = ledgerKeyOfTags(fact.tags);
  const entry = key && (await deps.ledger.read(key));
  if (key === undefined) return "foreign";
  if (entry === undefined || entry.reason === erasedReason) {
    const isErased = key.pk.startsWith("CONTACT#") && (await deps.isErased(contactIdOf(key.pk)));
    return isErased ? "erased" : "foreign";
  }
  await settle(deps.ledger, entry, fact);
  const facts = key.pk.startsWith("CONTACT#") ? eventFacts(fact, entry) : undefined;
  if (facts !== undefined) {
    await deps.putEvent(
      createEvent({
        contactId: contactIdOf(key.pk),
        origin: originOf(fact),
        occurredAt: fact.at.toISOString(),
        receivedAt: deps.now().toISOString(),
        source: "mail",
        ...facts,
        properties: { ...aboutMail(entry), ...facts.properties },
      }),
    );
  }
  return "recorded";
}

/** Any event proves that SES took the mail; a rejection, that it then did not send it. */
async function settle(ledger: Ledger, read: LedgerEntry, fact: MailFact): Promise<void> {
  let entry = read;
  for (;;) {
    const settled = afterFact(entry, fact);
    const written = settled === undefined ? "written" : await ledger.write(settled);
    if (written === "written") return;
    entry = written;
  }
}

function afterFact(entry: LedgerEntry, fact: MailFact): LedgerEntry | undefined {
  if (fact.type === "reject") return rejected(entry, fact.reason, fact.at);
  // Staff have no timeline, so the ledger itself says that a mail came back.
  if (fact.type === "bounce" && fact.bounceType === "Permanent" && entry.staff !== undefined) {
    return rejected(entry, "bounced", fact.at);
  }
  return proved(entry, fact.sesMessageId, fact.sentAt);
}

type Told = Pick<EventFacts, "name" | "properties">;

function eventFacts(fact: MailFact, { addressHash }: Key & Pick<LedgerEntry, "addressHash">): Told | undefined {
  switch (fact.type) {
    case "delivery":
      return { name: "Email Delivered", properties: {} };
    case "open":
      return { name: "Email Opened", properties: machineOf(fact) };
    case "click":
      return {
        name: "Email Link Clicked",
        properties: { link: withoutToken(fact.link).slice(0, 500), ...machineOf(fact) },
      };
    case "bounce": {
      const { bounceType, bounceSubType } = fact;
      return { name: "Email Bounced", properties: { bounceType, bounceSubType: bounceSubType ?? "", addressHash } };
    }
    case "complaint":
      return { name: "Email Marked as Spam", properties: { feedbackType: fact.feedbackType ?? "", addressHash } };
    default:
      return undefined;
  }
}

/** What is surely no person's is told apart. */
function machineOf(reading: Reading): { readonly machine?: true } {
  return isMachine(reading) ? { machine: true } : {};
}

/** The same mail, kind, instant and link are the same event, however often SES tells it. */
function originOf(fact: MailFact): string[] {
  const link = fact.type === "click" ? [fact.link] : [];
  return ["ses", fact.sesMessageId, fact.type, fact.at.toISOString(), ...link];
}

/** Whoever may read a timeline may not act for the contact by a signed link. */
function withoutToken(link: string): string {
  return link.replaceAll(/\bv1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}/g, "…");
}
