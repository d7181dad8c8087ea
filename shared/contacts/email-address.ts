import { domainToASCII } from "node:url";
import { digestOf } from "../table/hash.ts";

/** An address that mail can be sent to, and the form of it that tells people apart. */
export interface EmailAddress {
  /** For sending: the local part as it was typed, the domain in ASCII and lower case. */
  readonly address: string;
  /** For identity: all in lower case. Two addresses are the same person's when this is the same. */
  readonly normalised: string;
}

const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const unicodeDomain = /^[\p{L}\p{M}\p{N}.-]+$/u;
const domainLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads an e-mail address as RFC 5321 writes it, tags, apostrophes, long top-level domains and IDN domains included.
 *
 * Refused although the RFC has them: quoted local parts (mail software reads them differently, which misroutes mail),
 * address literals such as `a@[192.0.2.1]`, and local parts outside ASCII (SES cannot send to them).
 *
 * @returns undefined for anything that is not one address.
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  const trimmed = text.trim();
  const at = trimmed.lastIndexOf("@");
  const local = trimmed.slice(0, Math.max(at, 0));
  const domain = asciiDomain(trimmed.slice(at + 1));
  if (domain === undefined || local.length > 64 || !localPart.test(local)) return undefined;
  const address = `${local}@${domain}`;
  return address.length > 254 ? undefined : { address, normalised: address.toLowerCase() };
}

function asciiDomain(text: string): string | undefined {
  if (text.length > 253 || !unicodeDomain.test(text)) return undefined;
  const ascii = domainToASCII(text).toLowerCase();
  const labels = ascii.split(".");
  const isNamed = /[a-z]/.test(labels.at(-1) ?? "");
  return labels.length >= 2 && isNamed && labels.every((label) => domainLabel.test(label)) ? ascii : undefined;
}

/**
 * The identity form of an address.
 *
 * @throws Error when it is not one; callers inside the product hold addresses that the door has read already.
 */
export function normaliseEmail(text: string): string {
  const parsed = parseEmailAddress(text);
  if (parsed === undefined) throw new Error("not an e-mail address");
  return parsed.normalised;
}

/** The hash under which consent and suppression of an address are kept: 32 hex digits. */
export function addressHash(email: string): string {
  return digestOf(["email", normaliseEmail(email)]);
}
