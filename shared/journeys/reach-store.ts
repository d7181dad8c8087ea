import { readConsent } from "../consent/consent-store.ts";
import { addressHash } from "../contacts/email-address.ts";
import { readCap } from "../email/cap-store.ts";
import type { Recipient } from "../email/recipient.ts";
import { readSuppression } from "../email/suppression-store.ts";
import type { Table } from "../table/client.ts";
import type { Reach } from "./foreseen.ts";

/** What decides whether mail may go to a contact, each by a consistent read. */
export async function readReach(table: Table, contactId: string, recipient: Recipient): Promise<Reach> {
  const hash = addressHash(recipient.address);
  const [suppression, consent, cap] = await Promise.all([
    readSuppression(table, hash),
    readConsent(table, hash),
    readCap(table, contactId),
  ]);
  return { recipient, suppression, consent, cap };
}
