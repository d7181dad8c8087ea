import Provider, { type Configuration, errors } from "oidc-provider";
import type { UserPoolModel } from "../assembly/model.ts";
import { accessTokenClaims, tokenLifetimeSeconds } from "./oidc-claims.ts";
import type { SigningKeys } from "./oidc-keys.ts";
import { memoryStore } from "./oidc-store.ts";
import type { DevelopmentUser } from "./oidc-users.ts";

export const interactionPath = "/interaction";

/** Every access token is for this one resource: the APIs that trust the pool. Cognito has no such notion. */
const resource = "urn:local:apis";
const openIdScopes = ["openid", "email", "profile", "phone", "offline_access"];

export function createProvider(options: {
  issuer: string;
  pool: UserPoolModel;
  users: readonly DevelopmentUser[];
  keys: SigningKeys;
}): Provider {
  const { issuer, pool, users, keys } = options;
  return new Provider(issuer, configuration(pool, users, keys));
}

function configuration(pool: UserPoolModel, users: readonly DevelopmentUser[], keys: SigningKeys): Configuration {
  const find = (sub: string) => users.find((user) => user.sub === sub);
  const apiScopes = [...new Set(pool.clients.flatMap(({ scopes }) => scopes))].filter(
    (it) => !openIdScopes.includes(it),
  );
  const routes = { authorization: "/oauth2/authorize", token: "/oauth2/token", userinfo: "/oauth2/userInfo" };
  return {
    adapter: memoryStore(),
    jwks: { keys: [keys.privateJwk] },
    routes: { ...routes, end_session: "/logout", jwks: "/.well-known/jwks.json", revocation: "/oauth2/revoke" },
    clients: pool.clients.map((client) => ({
      client_id: client.id,
      application_type: "web",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      redirect_uris: [...client.callbackUrls],
      post_logout_redirect_uris: [...client.logoutUrls],
    })),
    clientBasedCORS: () => true,
    pkce: { required: () => true },
    scopes: openIdScopes,
    claims: {
      openid: ["sub", "cognito:username", "cognito:groups"],
      email: ["email", "email_verified"],
      profile: ["name"],
    },
    conformIdTokenClaims: false,
    ttl: {
      AccessToken: tokenLifetimeSeconds,
      AuthorizationCode: 300,
      IdToken: tokenLifetimeSeconds,
      Interaction: 3600,
      Grant: 30 * 24 * 3600,
      Session: 24 * 3600,
      RefreshToken: 30 * 24 * 3600,
    },
    issueRefreshToken: async () => true,
    cookies: { keys: [keys.publicJwk.kid ?? "development"] },
    interactions: { url: (_, interaction) => `${interactionPath}/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, indicator) => {
          if (indicator !== resource) throw new errors.InvalidTarget();
          return {
            scope: [...openIdScopes, ...apiScopes].join(" "),
            accessTokenFormat: "jwt",
            accessTokenTTL: tokenLifetimeSeconds,
            jwt: { sign: { alg: "RS256" } },
          };
        },
      },
    },
    findAccount: (_, sub) => {
      const user = find(sub);
      if (user === undefined) return undefined;
      return {
        accountId: sub,
        claims: () => ({
          sub,
          name: user.name,
          email: user.email,
          email_verified: true,
          "cognito:username": user.username,
          ...(user.groups.length > 0 ? { "cognito:groups": [...user.groups] } : {}),
        }),
      };
    },
    // A click on a user is the consent: the grant holds everything that the client may ask for.
    loadExistingGrant: async (context) => {
      const { client, session, provider } = context.oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(openIdScopes.join(" "));
      grant.addResourceScope(resource, [...openIdScopes, ...apiScopes].join(" "));
      await grant.save();
      return grant;
    },
    formats: {
      customizers: {
        jwt: (_, token, jwt) => {
          const user = "accountId" in token && token.accountId !== undefined ? find(token.accountId) : undefined;
          const { payload } = jwt;
          if (user === undefined) return;
          // Cognito's access tokens have no audience; the library insists on one, so it stays where JSON does not see it.
          Object.defineProperty(payload, "aud", { value: payload.aud, enumerable: false });
          Object.assign(payload, accessTokenClaims(user, String(payload.client_id), Number(payload.iat)));
        },
      },
    },
  };
}
