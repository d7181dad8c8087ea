import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import * as z from "zod";

const jwkSchema = z.looseObject({
  kty: z.literal("RSA"),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
  d: z.string(),
});

export interface SigningKeys {
  /** With the private part. */
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
}

/** The pool's RSA key, kept in the folder so that tokens stay valid over a restart. */
export async function loadKeys(dataDirectory: string | undefined): Promise<SigningKeys> {
  const path = dataDirectory === undefined ? undefined : join(dataDirectory, "sign-in-key.json");
  const stored =
    path !== undefined && existsSync(path) ? jwkSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
  const jwk = stored ?? (await newKey());
  if (path !== undefined && dataDirectory !== undefined && stored === undefined) {
    mkdirSync(dataDirectory, { recursive: true });
    writeFileSync(path, JSON.stringify(jwk), { mode: 0o600 });
  }
  const { kty, kid, n, e } = jwkSchema.parse(jwk);
  const usage = { alg: "RS256", use: "sig" };
  return { privateJwk: { ...jwk, ...usage }, publicJwk: { kty, kid, n, e, ...usage } };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk) };
}
