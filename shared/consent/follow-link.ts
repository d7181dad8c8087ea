import { type TokenClaims, type TokenKeys, verifyToken } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import type { Choice } from "../intake/intake.ts";
import { intakeIdOf } from "../intake/intake-keys.ts";
import { putIntake } from "../intake/intake-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";

type Purpose = TokenClaims["purpose"];

/**
 * What a link says, if we signed it for this purpose.
 *
 * @throws DomainError invalid_token for any other.
 */
export function claimsOf(keys: TokenKeys, purpose: Purpose, token: string): TokenClaims {
  const claims = verifyToken(keys, token);
  if (claims.purpose === purpose) return claims;
  throw new DomainError("invalid_token", "This link is not valid. Open the link of the e-mail once more, unchanged.");
}

const windowMilliseconds = 1_000;

/**
 * Keeps, by one durable write, that a person pressed the button behind a link. Presses within the same second are one (a
 * double click); later ones count anew, since the same link must work again for who came back a minute ago.
 */
export async function followLink(
  table: Table,
  claims: TokenClaims,
  now: Date,
  choice: Choice = { choice: "all" },
): Promise<void> {
  const { purpose, addressHash, contactId, reference } = claims;
  const said = digestOf([
    purpose,
    addressHash,
    contactId,
    reference ?? "",
    ...(purpose === "preferences" ? [JSON.stringify(choice)] : []),
  ]);
  const link = { addressHash, contactId, ...(reference !== undefined && { reference }) };
  const arrival = {
    intakeId: intakeIdOf(["link", String(Math.floor(now.getTime() / windowMilliseconds))], said),
    bodyHash: said,
    receivedAt: now,
  };
  if (purpose === "preferences") await putIntake(table, { ...arrival, type: purpose, payload: { ...link, ...choice } });
  else await putIntake(table, { ...arrival, type: purpose, payload: link });
}
