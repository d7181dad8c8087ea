import { createHmac, timingSafeEqual } from "node:crypto";

/** HMAC-SHA256 of some bytes, in the encoding that the sender uses. */
export function hmacOf(secret: string, content: string | Buffer, encoding: "base64" | "hex"): string {
  return createHmac("sha256", secret).update(content).digest(encoding);
}

/** Whether a text is the one expected, in a time that does not tell how much of it is right. */
export function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given, "utf8"), Buffer.from(expected, "utf8")];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether any of the secrets signed the body: while a secret is exchanged, the old one and the new one do. */
export function isSigned(secrets: readonly string[], given: string | undefined, body: Buffer): boolean {
  if (given === undefined) return false;
  // Every secret is tried, so that the time does not tell which one it was.
  return secrets.map((secret) => sameText(given, hmacOf(secret, body, "base64"))).includes(true);
}
