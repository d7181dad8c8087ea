import {
  type Claims,
  claimsOf,
  discover,
  type Fetch,
  type Granted,
  type Issuer,
  requestTokens,
  SignInError,
} from "./issuer.ts";
import { challengeOf, randomText } from "./pkce.ts";

/** What may be changed is decided by the person's group. */
const scope = "openid email profile rapport/read rapport/write";

/** A token is renewed this long before it ends, so that none ends on its way. */
const aheadMs = 60_000;

export interface SessionParts {
  readonly issuer: string;
  readonly clientId: string;
  /** Where sign-in and sign-out return to. */
  readonly returnUrl: string;
  /** Kept as long as the tab is: `sessionStorage`. */
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly fetch: Fetch;
  readonly now: () => number;
}

export interface Session {
  /** Who is signed in, as far as known. */
  person(): string | undefined;
  /** The address of a sign-in that leads back to a place of the console. */
  begin(place: string): Promise<string>;
  /**
   * Ends a sign-in with the address that it came back to.
   *
   * @returns the place that it began at.
   * @throws SignInError when it was refused, is not ours, or came back before.
   */
  finish(address: URL): Promise<string>;
  /** An access token that lasts a while, or undefined: nobody is signed in. */
  token(): Promise<string | undefined>;
  /** Asks for a new token, whatever the old one's age; of several who ask, one does. False: sign in again. */
  renew(): Promise<boolean>;
  /** Forgets the tokens, here and at the issuer. The address ends the issuer's own session, too. */
  end(): Promise<string>;
}

interface Kept {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly endsAt: number;
  readonly person?: string;
}

interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly place: string;
}

/** A person's sign-in by authorization code with PKCE (RFC 7636), from a page that keeps no secret. */
export function openSession(parts: SessionParts): Session {
  const { issuer, clientId, returnUrl, storage, fetch, now } = parts;
  const kept = slot<Kept>(storage, "rapport.session");
  const begun = slot<Begun>(storage, "rapport.sign-in");
  let found: Promise<Issuer> | undefined;
  let renewing: Promise<boolean> | undefined;

  const endpoints = () => {
    found ??= discover(fetch, issuer).catch((error) => {
      found = undefined;
      throw error;
    });
    return found;
  };

  function keep(granted: Granted, before?: Kept, claims?: Claims): void {
    const refreshToken = granted.refresh_token ?? before?.refreshToken;
    const person = claims === undefined ? before?.person : personOf(claims);
    kept.set({
      accessToken: granted.access_token,
      endsAt: now() + granted.expires_in * 1000,
      ...(refreshToken !== undefined && { refreshToken }),
      ...(person !== undefined && { person }),
    });
  }

  async function renew(): Promise<boolean> {
    const before = kept.get();
    if (before?.refreshToken === undefined) return false;
    try {
      const form = { grant_type: "refresh_token", client_id: clientId, refresh_token: before.refreshToken };
      keep(await requestTokens(fetch, await endpoints(), form), before);
      return true;
    } catch (error) {
      // Out of reach is not signed out.
      if (!(error instanceof SignInError) || error.cause !== undefined) throw error;
      kept.clear();
      return false;
    }
  }

  const session: Session = {
    person: () => kept.get()?.person,

    async begin(place) {
      const { authorization_endpoint } = await endpoints();
      const sign = { state: randomText(), nonce: randomText(), verifier: randomText(), place };
      begun.set(sign);
      const address = new URL(authorization_endpoint);
      address.search = new URLSearchParams({
        response_type: "code",
        client_id: clientId,
        redirect_uri: returnUrl,
        scope,
        state: sign.state,
        nonce: sign.nonce,
        code_challenge: await challengeOf(sign.verifier),
        code_challenge_method: "S256",
      }).toString();
      return address.href;
    },

    async finish({ searchParams }) {
      const sign = begun.get();
      begun.clear();
      if (sign === undefined || searchParams.get("state") !== sign.state) {
        throw new SignInError("This sign-in did not begin in this tab, or has ended already. Sign in again.");
      }
      const refusal = searchParams.get("error");
      if (refusal !== null) {
        throw new SignInError(`You were not signed in: ${searchParams.get("error_description") ?? refusal}.`);
      }
      const granted = await requestTokens(fetch, await endpoints(), {
        grant_type: "authorization_code",
        client_id: clientId,
        redirect_uri: returnUrl,
        code: searchParams.get("code") ?? "",
        code_verifier: sign.verifier,
      });
      const claims = claimsOf(granted.id_token ?? "", { issuer, clientId, nonce: sign.nonce, now: now() });
      keep(granted, undefined, claims);
      return sign.place;
    },

    async token() {
      const current = kept.get();
      if (current === undefined) return undefined;
      if (current.endsAt - aheadMs > now()) return current.accessToken;
      return (await session.renew()) ? kept.get()?.accessToken : undefined;
    },

    renew() {
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      return renewing;
    },

    async end() {
      const before = kept.get();
      kept.clear();
      const { end_session_endpoint, revocation_endpoint } = await endpoints();
      if (before?.refreshToken !== undefined && revocation_endpoint !== undefined) {
        const form = { client_id: clientId, token: before.refreshToken, token_type_hint: "refresh_token" };
        // It ends by itself, too; signing out goes on.
        await fetch(revocation_endpoint, { method: "POST", body: new URLSearchParams(form) }).catch(() => undefined);
      }
      if (end_session_endpoint === undefined) return returnUrl;
      const address = new URL(end_session_endpoint);
      // Cognito asks for `logout_uri`, every other issuer for what OpenID Connect names it.
      address.search = new URLSearchParams({
        client_id: clientId,
        logout_uri: returnUrl,
        post_logout_redirect_uri: returnUrl,
      }).toString();
      return address.href;
    },
  };
  return session;
}

/** True for the address that a sign-in came back to. */
export function isReturn({ searchParams }: URL): boolean {
  return searchParams.has("state") && (searchParams.has("code") || searchParams.has("error"));
}

function personOf({ name, email, "cognito:username": username }: Claims): string | undefined {
  return name ?? email ?? username;
}

/** One value of the storage; what is not as we wrote it is as good as nothing. */
function slot<Value>(storage: SessionParts["storage"], name: string) {
  return {
    get(): Value | undefined {
      try {
        const text = storage.getItem(name);
        return text === null ? undefined : JSON.parse(text);
      } catch {
        return undefined;
      }
    },
    set: (value: Value) => storage.setItem(name, JSON.stringify(value)),
    clear: () => storage.removeItem(name),
  };
}
