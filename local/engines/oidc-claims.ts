import { randomUUID } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import type { SigningKeys } from "./oidc-keys.ts";
import type { DevelopmentUser } from "./oidc-users.ts";

export const tokenLifetimeSeconds = 3600;

/** The claims by which a Cognito access token differs from others. It names its client, and has no audience. */
export function accessTokenClaims(user: DevelopmentUser, clientId: string, authTime: number) {
  return {
    ...(user.groups.length > 0 ? { "cognito:groups": [...user.groups] } : {}),
    client_id: clientId,
    token_use: "access",
    auth_time: authTime,
    username: user.username,
    version: 2,
    event_id: randomUUID(),
    origin_jti: randomUUID(),
  };
}

/** An access token as Cognito's, without a browser. */
export async function mintAccessToken(
  keys: SigningKeys,
  token: { user: DevelopmentUser; issuer: string; clientId: string; scopes: readonly string[]; nowMs: number },
): Promise<string> {
  const now = Math.floor(token.nowMs / 1000);
  return new SignJWT({ ...accessTokenClaims(token.user, token.clientId, now), scope: token.scopes.join(" ") })
    .setProtectedHeader({ alg: "RS256", kid: keys.publicJwk.kid ?? "" })
    .setSubject(token.user.sub)
    .setIssuer(token.issuer)
    .setIssuedAt(now)
    .setExpirationTime(now + tokenLifetimeSeconds)
    .setJti(randomUUID())
    .sign(await importJWK(keys.privateJwk, "RS256"));
}
