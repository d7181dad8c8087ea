/** Where an OpenID Connect issuer answers. */
export interface Issuer {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly end_session_endpoint?: string;
  readonly revocation_endpoint?: string;
}

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** A sign-in that did not work out, in words for who tried. */
export class SignInError extends Error {}

/** @throws SignInError when the issuer cannot be reached or is not who it should be. */
export async function discover(fetch: Fetch, issuer: string): Promise<Issuer> {
  const response = await reach(fetch, `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const found: Issuer = await response.json();
  if (found.issuer.replace(/\/$/, "") !== issuer.replace(/\/$/, "")) {
    throw new SignInError(`The sign-in service says that it is ${found.issuer}, but ${issuer} is expected.`);
  }
  return found;
}

/** What the token endpoint hands out. */
export interface Granted {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
}

/** @throws SignInError when the issuer refuses, which a code or refresh token that was used or is too old makes it do. */
export async function requestTokens(fetch: Fetch, { token_endpoint }: Issuer, form: Record<string, string>) {
  const response = await reach(fetch, token_endpoint, { method: "POST", body: new URLSearchParams(form) });
  if (!response.ok) {
    const { error = `status ${response.status}` } = await response.json().catch(() => ({}));
    throw new SignInError(`The sign-in service refused (${error}). Sign in again.`);
  }
  const granted: Granted = await response.json();
  return granted;
}

async function reach(fetch: Fetch, url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { credentials: "omit", cache: "no-store", ...init });
  } catch (cause) {
    throw new SignInError("The sign-in service cannot be reached. Look at your connection and try again.", { cause });
  }
}

export interface Claims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly nonce?: string;
  readonly name?: string;
  readonly email?: string;
  readonly "cognito:username"?: string;
}

/**
 * The claims of an ID token. Its signature is not checked: it came from the issuer itself over TLS, and only names the
 * person on the page (OpenID Connect Core, 3.1.3.7).
 *
 * @throws SignInError for a token of somebody else, for somebody else, or of another sign-in.
 */
export function claimsOf(idToken: string, expected: { issuer: string; clientId: string; nonce: string; now: number }) {
  const claims = decode(idToken);
  const wrong =
    claims.iss.replace(/\/$/, "") !== expected.issuer.replace(/\/$/, "")
      ? "another issuer"
      : ![claims.aud].flat().includes(expected.clientId)
        ? "another application"
        : claims.nonce !== expected.nonce
          ? "another sign-in"
          : claims.exp * 1000 <= expected.now
            ? "the past"
            : undefined;
  if (wrong !== undefined) throw new SignInError(`The sign-in belongs to ${wrong}. Sign in again.`);
  return claims;
}

function decode(token: string): Claims {
  try {
    const [, payload = ""] = token.split(".");
    const bytes = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0))));
  } catch (cause) {
    throw new SignInError("The sign-in service sent something that is no ID token. Sign in again.", { cause });
  }
}
