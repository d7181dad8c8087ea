import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import * as z from "zod";

const discovery = z.object({ jwks_uri: z.url() });

/** Finds an issuer's signing keys by its discovery document, as the authorizer does. */
export function remoteKeys(issuer: string): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    keys ??= discover(issuer);
    try {
      return await (await keys)(header, token);
    } catch (error) {
      // An issuer that was not up yet is asked again.
      if (!(error instanceof Error && "code" in error)) keys = undefined;
      throw error;
    }
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  return createRemoteJWKSet(new URL(discovery.parse(await answer.json()).jwks_uri));
}
