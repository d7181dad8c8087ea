import { eventSchema } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { type Intake, intakeSchema } from "../intake/intake.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type Alias, aliasesOf, userAlias } from "./alias.ts";
import { findJoined, fixContact, putWaiting } from "./alias-store.ts";
import { foldEvent } from "./contact-store.ts";
import { normaliseEmail } from "./email-address.ts";
import { claimEmail } from "./identity-store.ts";
import { eventOf } from "./intake-event.ts";
import { orderOrigin } from "./order-keys.ts";
import { claimOrder } from "./order-store.ts";
import { concernsProfile } from "./profile.ts";

/** Fixes on an intake item whose it is, before anything else is made of it; a fact of nobody known waits. */
export function resolveStage({ table, newId }: { readonly table: Table; readonly newId: () => string }): Stage {
  return {
    name: "resolve",
    kind: "intake",
    wants: ({ item }) => item.contactId === undefined,
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
  if (intake.type !== "track") return intake.payload.contactId;
  const { email, source, userId } = intake.payload;
  if (email === undefined) return firstJoined(table, aliasesOf(intake.payload));
  // Who is known by an account and gives a new address stays one contact.
  const known = userId === undefined ? undefined : await findJoined(table, userAlias(source, userId).joined);
  return claimEmail(table, normaliseEmail(email), known === undefined ? newId : () => known);
}

async function firstJoined(table: Table, aliases: readonly Alias[]): Promise<string | undefined> {
  for (const { joined } of aliases) {
    const contactId = await findJoined(table, joined);
    if (contactId !== undefined) return contactId;
  }
  return undefined;
}

/** Puts what arrived on the timeline of its contact; of two messages that tell of one order, the first. */
export function appendStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "append",
    kind: "intake",
    wants: ({ item, previous }) => item.contactId !== undefined && previous?.contactId === undefined,
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      const event = eventOf(intake);
      if (event === undefined) throw new Error("the intake has no contact yet");
      const origin = intake.type === "track" ? orderOrigin(intake.payload) : undefined;
      if (intake.type === "track" && origin !== undefined) {
        if ((await claimOrder(table, origin, intake)) === "told before") return;
      }
      await putEvent(table, event);
    },
  };
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
