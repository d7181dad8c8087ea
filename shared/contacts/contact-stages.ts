import { contactOf, eventSchema } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { feedbackOwner } from "../feedback/feedback-stages.ts";
import { type Intake, intakeSchema, type TrackPayload } from "../intake/intake.ts";
import { refuseLateFact } from "../privacy/late-fact-store.ts";
import { readErasedOwner } from "../privacy/refusal-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type Alias, aliasesOf, userAlias } from "./alias.ts";
import { findJoined, fixContact, putWaiting } from "./alias-store.ts";
import { foldEvent, isErased } from "./contact-store.ts";
import { addressHash, normaliseEmail } from "./email-address.ts";
import { claimEmail, findByEmail } from "./identity-store.ts";
import { eventOf } from "./intake-event.ts";
import { orderOf, orderOrigin } from "./order-keys.ts";
import { claimOrder, putRepeated } from "./order-store.ts";
import { concernsProfile } from "./profile.ts";

/** Fixes on an intake item whose it is, before anything else is made of it; a fact of nobody known waits. */
export function resolveStage({ table, newId }: { readonly table: Table; readonly newId: () => string }): Stage {
  return {
    name: "resolve",
    kind: "intake",
    // A request by law is nobody's fact, and a digest is a colleague's: they make nobody known.
    wants: ({ item }) => item.contactId === undefined && item.type !== "privacy" && item.type !== "digestStop",
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      const contactId = await contactBehind(table, intake, newId);
      if (contactId !== undefined) await fixContact(table, intake.intakeId, contactId);
      else if (intake.type === "track") {
        for (const alias of aliasesOf(intake.payload)) await putWaiting(table, alias, intake);
      }
    },
  };
}

async function contactBehind(table: Table, intake: Intake, newId: () => string): Promise<string | undefined> {
  if (intake.type === "form") return claimEmail(table, normaliseEmail(intake.payload.fields.email), newId);
  if (intake.type === "message") return claimEmail(table, normaliseEmail(intake.payload.email), newId);
  if (intake.type === "privacy" || intake.type === "digestStop") return undefined;
  if (intake.type === "feedback") return feedbackOwner(table, intake.payload);
  if (intake.type !== "track") return intake.payload.contactId;
  const { email, source, userId } = intake.payload;
  const owner = await erasedOwnerOf(table, intake.payload);
  if (owner !== undefined) return owner;
  if (email === undefined) return firstJoined(table, aliasesOf(intake.payload));
  const address = normaliseEmail(email);
  const holder = await findByEmail(table, address);
  // History alone may bring what is older than whoever has the address today.
  if (holder !== undefined && !intake.imported) return holder;
  const erased = await readErasedOwner(table, addressHash(address));
  if (erased !== undefined && intake.occurredAt < erased.at) return erased.contactId;
  // Who is known by an account and gives a new address stays one contact.
  const known = userId === undefined ? undefined : await findJoined(table, userAlias(source, userId).joined);
  return claimEmail(table, address, known === undefined ? newId : () => known);
}

/** What is told late of an order is its buyer's, also when the buyer has been erased: it makes nobody new of them. */
async function erasedOwnerOf(table: Table, payload: TrackPayload): Promise<string | undefined> {
  const order = orderOf(payload);
  const owner = order === undefined ? undefined : await findJoined(table, order);
  return owner !== undefined && (await isErased(table, owner)) ? owner : undefined;
}

async function firstJoined(table: Table, aliases: readonly Alias[]): Promise<string | undefined> {
  for (const { joined } of aliases) {
    const contactId = await findJoined(table, joined);
    if (contactId !== undefined) return contactId;
  }
  return undefined;
}

/**
 * Puts what arrived on the timeline of its contact; of two messages that tell of one order, the first. What arrives for
 * somebody who has been erased is refused.
 */
export function appendStage({ table, now }: { readonly table: Table; readonly now: () => Date }): Stage {
  return {
    name: "append",
    kind: "intake",
    wants: ({ item, previous }) => item.contactId !== undefined && previous?.contactId === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      const event = eventOf(intake);
      if (event === undefined) throw new Error("the intake has no contact yet");
      const contactId = contactOf(event);
      const erased = await isErased(table, contactId);
      // An order that is refused is taken as well: what is told of it later is nobody's, and no night misses it.
      const order = await orderTold(table, intake);
      if (erased) await refuseLateFact(table, contactId, intake, now());
      else if (order === "told before") await putRepeated(table, contactId, intake);
      else await putEvent(table, event);
    },
  };
}

async function orderTold(table: Table, intake: Intake): Promise<"claimed" | "told before" | undefined> {
  const origin = intake.type === "track" ? orderOrigin(intake.payload) : undefined;
  return intake.type === "track" && origin !== undefined ? claimOrder(table, origin, intake) : undefined;
}

/** Folds an event into its contact's profile; the first one creates the contact. */
export function foldStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "fold",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && concernsProfile(item),
    run: ({ item }) => foldEvent(table, eventSchema.parse(item)),
  };
}
