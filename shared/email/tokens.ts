import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";
import { DomainError } from "../errors.ts";

/** A key that signs links; `secret` is base64 of at least 32 random bytes. */
export const tokenKeySchema = z.object({ id: z.string(), secret: z.string().check(z.minLength(43)) });
export type TokenKey = z.output<typeof tokenKeySchema>;
/** Newest first: the first signs, all verify. */
export type TokenKeys = readonly TokenKey[];

const text = z.string().check(z.minLength(1));
const claimsSchema = z.object({
  purpose: z.enum(["unsubscribe", "confirm", "preferences"]),
  addressHash: text,
  contactId: text,
  /** Confirmation id of a `confirm` token, message key of the others. */
  reference: z.optional(text),
});
export type TokenClaims = z.output<typeof claimsSchema>;

const version = "v1";
const letters = { unsubscribe: "u", confirm: "c", preferences: "p" } as const;
const purposes = { u: "unsubscribe", c: "confirm", p: "preferences" } as const;
/** The claims on the wire: a short tuple, since the token stands in a link. */
const wireSchema = z.union([
  z.tuple([z.enum(["u", "c", "p"]), text, text]),
  z.tuple([z.enum(["u", "c", "p"]), text, text, text]),
]);

/**
 * Signs the claims of a link: `v1.<claims>.<HMAC-SHA256>`, URL-safe. Such a token never expires.
 *
 * @throws Error when there is no key.
 */
export function signToken(keys: TokenKeys, claims: TokenClaims): string {
  const wire = [letters[claims.purpose], claims.addressHash, claims.contactId];
  if (claims.reference !== undefined) wire.push(claims.reference);
  return signWire(keys, wire);
}

/** Signs a tuple whose first member tells what it is for. */
export function signWire(keys: TokenKeys, wire: readonly string[]): string {
  const [newest] = keys;
  if (newest === undefined) throw new Error("There is no key to sign links with.");
  const signed = `${version}.${Buffer.from(JSON.stringify(wire)).toString("base64url")}`;
  return `${signed}.${macOf(newest, signed).toString("base64url")}`;
}

/**
 * The claims of a token that one of the keys has signed.
 *
 * @throws DomainError invalid_token for any other text; it never says what was wrong.
 */
export function verifyToken(keys: TokenKeys, token: string): TokenClaims {
  return claimsOf(verifyWire(keys, token));
}

/**
 * The tuple of a token that one of the keys has signed.
 *
 * @throws DomainError invalid_token for any other text.
 */
export function verifyWire(keys: TokenKeys, token: string): unknown {
  const parts = /^(v1\.([A-Za-z0-9_-]{1,2000}))\.([A-Za-z0-9_-]{43})$/.exec(token);
  const [, signed, body, mac] = parts ?? [];
  if (signed === undefined || body === undefined || mac === undefined) throw invalid();
  const given = Buffer.from(mac, "base64url");
  // Every key is tried, so that the time taken tells nothing about which one fits.
  const matches = keys.filter((key) => timingSafeEqual(macOf(key, signed), given));
  if (matches.length === 0 || given.toString("base64url") !== mac) throw invalid();
  return JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
}

function claimsOf(signed: unknown): TokenClaims {
  const wire = wireSchema.safeParse(signed);
  if (!wire.success) throw invalid();
  const [letter, addressHash, contactId, reference] = wire.data;
  return { purpose: purposes[letter], addressHash, contactId, ...(reference !== undefined && { reference }) };
}

function macOf(key: TokenKey, signed: string): Buffer {
  return createHmac("sha256", Buffer.from(key.secret, "base64")).update(signed).digest();
}

function invalid(): DomainError {
  return new DomainError("invalid_token", "This link is not valid. Open the link of the e-mail once more, unchanged.");
}
