import * as z from "zod/mini";
import { addressHash } from "../contacts/email-address.ts";
import { signWire, type TokenKeys, verifyWire } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import type { Subscription } from "./subscription.ts";

/** What a digest's link to stop it says: which, and for whom. */
export interface StopLink {
  readonly digestId: string;
  readonly addressHash: string;
}

const letter = "d";
const wireSchema = z.tuple([z.literal(letter), z.string(), z.string()]);

/** The path of the link, `/d/<token>`. It never expires. */
export function stopPath(keys: TokenKeys, { id, recipient }: Pick<Subscription, "id" | "recipient">): string {
  return `/d/${signWire(keys, [letter, id, addressHash(recipient.email)])}`;
}

/**
 * The link that a token of ours says.
 *
 * @throws DomainError invalid_token for any other token, also one that we signed for something else.
 */
export function stopLinkOf(keys: TokenKeys, token: string): StopLink {
  const wire = wireSchema.safeParse(verifyWire(keys, token));
  if (!wire.success)
    throw new DomainError("invalid_token", "This link is not valid. Open the link of the e-mail once more, unchanged.");
  const [, digestId, hash] = wire.data;
  return { digestId, addressHash: hash };
}

/** Whether a link is the recipient's: what somebody else got before does not stop it. */
export function isFor(link: StopLink, { recipient }: Pick<Subscription, "recipient">): boolean {
  return addressHash(recipient.email) === link.addressHash;
}
