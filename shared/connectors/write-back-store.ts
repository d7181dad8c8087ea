import { readConsent } from "../consent/consent-store.ts";
import { addressHash as hashOf } from "../contacts/email-address.ts";
import { putDue } from "../due/due-store.ts";
import { readRecipientFrom } from "../email/recipient-store.ts";
import { readSuppression } from "../email/suppression-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { WithdrawalMessage } from "./connector-message.ts";
import { connectors } from "./connectors.ts";
import { openShop, type ShopDependencies } from "./shop-access-store.ts";
import { ShopBusy } from "./shop-error.ts";
import { getSource } from "./source-store.ts";

export interface WriteBackDependencies extends ShopDependencies {
  readonly now: () => Date;
}

/**
 * Withdraws a person's consent in a connected shop, where it is still given. What the shop says of it afterwards is
 * no news here, and what the person decided in the shop later stands.
 *
 * @throws ShopRefusal when the shop will not; ShopBusy when it could not for most of a day
 */
export async function writeBack(deps: WriteBackDependencies, message: WithdrawalMessage): Promise<void> {
  const { table } = deps;
  const source = await getSource(table, message.source);
  // Nobody is mailed from a shop that was removed meanwhile.
  if (source?.address === undefined || !source.connected) return;
  const api = connectors[source.connector].consents;
  if (api === undefined || !(await isStillWithdrawn(table, message.addressHash))) return;
  const address = await addressBehind(table, message);
  if (address === undefined) return;
  try {
    const shop = await openShop(deps, message.source);
    const ask = ({ path, body }: { path: string; body?: unknown }) => shop.ask(path, body);
    const known = api.readFound(await ask(api.find(address)));
    if (known === undefined || !known.subscribed || (known.at ?? "") > message.at) return;
    api.readWithdrawn(await ask(api.withdraw(known.customerId, message.at)));
  } catch (error) {
    if (!(error instanceof ShopBusy) || message.tries >= mostTries) throw error;
    await tryLater(deps, message, error.retryAfterSeconds);
  }
}

async function isStillWithdrawn(table: Table, addressHash: string): Promise<boolean> {
  if ((await readConsent(table, addressHash))?.state === "withdrawn") return true;
  return (await readSuppression(table, addressHash))?.reason === "complaint";
}

/** The address that was withdrawn, as long as it is the contact's. */
async function addressBehind(table: Table, { addressHash, contactId }: WithdrawalMessage): Promise<string | undefined> {
  const recipient = await readRecipientFrom(table)(contactId);
  if (typeof recipient === "string" || hashOf(recipient.address) !== addressHash) return undefined;
  return recipient.address;
}

/** Minutes: 1, 2, 4 … 512: seventeen hours in all. */
const mostTries = 10;

async function tryLater(
  { table, now }: WriteBackDependencies,
  message: WithdrawalMessage,
  retryAfterSeconds = 0,
): Promise<void> {
  const waitSeconds = Math.max(60 * 2 ** message.tries, Math.min(retryAfterSeconds, 3600));
  const { source, addressHash, at, tries } = message;
  await putDue(table, {
    at: new Date(now().getTime() + waitSeconds * 1000),
    id: digestOf(["withdrawal", source, addressHash, at, String(tries)]),
    queue: "connectors",
    body: { ...message, tries: tries + 1 },
    contactId: message.contactId,
  });
}
