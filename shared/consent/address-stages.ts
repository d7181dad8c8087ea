import { isDeepStrictEqual } from "node:util";
import { otherAddresses } from "../contacts/address-rules.ts";
import { type Contact, contactSchema } from "../contacts/contact.ts";
import { getContact } from "../contacts/contact-store.ts";
import { addressHash } from "../contacts/email-address.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { actsOf, type Consent, consentSchema } from "./consent.ts";
import { applyToConsent, readConsent } from "./consent-store.ts";

interface Dependencies {
  readonly table: Table;
  readonly now: () => Date;
}

/** What a contact withdraws at an address that is not, or no longer, the main one holds for the main one. */
export function withdrawalStage({ table, now }: Dependencies): Stage {
  return {
    name: "withdrawal",
    kind: "consent",
    wants: ({ item, previous }) => item.withdrawnAt !== undefined && item.version !== previous?.version,
    async run({ item }) {
      const consent = consentSchema.parse(item);
      const contact = await getContact(table, consent.contactId, { consistent: true });
      if (contact !== undefined) await withdraw({ table, now }, contact, consent);
    },
  };
}

/**
 * A new main address begins with what was withdrawn at the others. What was granted there is not taken along: nobody has
 * said yes at the new address. Whichever of the two stages comes second sees what the first one's item says.
 */
export function newAddressStage({ table, now }: Dependencies): Stage {
  return {
    name: "new-address",
    kind: "contact",
    wants: ({ item, previous }) =>
      item.addresses !== undefined && !isDeepStrictEqual(addressesIn(item), addressesIn(previous)),
    async run({ item }) {
      const contact = contactSchema.parse(item);
      for (const other of otherAddresses(contact)) {
        const consent = await readConsent(table, addressHash(other));
        if (consent !== undefined) await withdraw({ table, now }, contact, consent);
      }
    },
  };
}

function addressesIn(item: Readonly<Record<string, unknown>> | undefined): unknown {
  return [item?.email, item?.addresses];
}

/** Withdraws at the contact's main address what a consent of another one withdraws. */
async function withdraw({ table, now }: Dependencies, { contactId, email }: Contact, other: Consent): Promise<void> {
  const acts = actsOf(other).filter(({ type }) => type === "withdraw");
  if (email === undefined || acts.length === 0) return;
  const main = addressHash(email.value);
  if (main === other.addressHash) return;
  await applyToConsent(table, { addressHash: main, address: email.value, contactId, acts }, now());
}
