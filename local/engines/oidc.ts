import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { JWK } from "jose";
import type Provider from "oidc-provider";
import type { UserPoolModel } from "../assembly/model.ts";
import type { Clock } from "../interfaces.ts";
import { mintAccessToken } from "./oidc-claims.ts";
import { loadKeys } from "./oidc-keys.ts";
import { logOut } from "./oidc-logout.ts";
import { messagePage, signInPage, welcomePage } from "./oidc-page.ts";
import { createProvider, interactionPath } from "./oidc-provider.ts";
import { type DevelopmentUser, developmentUsers, findUser } from "./oidc-users.ts";
import { host } from "./ports.ts";

export interface SignInEngine {
  readonly issuer: string;
  readonly users: readonly DevelopmentUser[];
  /** Public keys, as the address in the issuer's configuration shows them. */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** An access token of a development user for the pool's first client and all its scopes; undefined: no such user. */
  token(username: string, options?: { readonly scopes?: readonly string[] }): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Starts the sign-in server that stands for the user pool. */
export async function startOidc(options: {
  port: number;
  pool: UserPoolModel;
  clock: Clock;
  dataDirectory?: string;
}): Promise<SignInEngine> {
  const { pool, clock } = options;
  const issuer = `http://${host}:${options.port}`;
  const users = developmentUsers(pool);
  const keys = await loadKeys(options.dataDirectory);
  const provider = createProvider({ issuer, pool, users, keys });
  const answer = provider.callback();
  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? "/", issuer);
    if (path === "/") return sendHtml(response, welcomePage(issuer, users));
    if (path === "/logout") {
      const wrong = logOut(pool, searchParams, response);
      return wrong && sendHtml(response, messagePage("Not signed out", `${wrong}.`), 400);
    }
    if (path.startsWith(`${interactionPath}/`)) {
      interact(provider, users, request, response).catch(() => {
        sendHtml(
          response,
          messagePage("Sign in", "This sign-in has ended. Go back to the application and start again."),
          400,
        );
      });
      return undefined;
    }
    return answer(request, response);
  });
  await listen(server, options.port);
  return {
    issuer,
    users,
    jwks: { keys: [keys.publicJwk] },
    token: async (username, { scopes } = {}) => {
      const user = findUser(users, username);
      if (user === undefined) return undefined;
      const client = pool.clients[0];
      const token = { user, issuer, clientId: client?.id ?? "development", scopes: scopes ?? client?.scopes ?? [] };
      return mintAccessToken(keys, { ...token, nowMs: clock.now() });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The page with the users, and what its buttons do. */
async function interact(
  provider: Provider,
  users: readonly DevelopmentUser[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") {
    await provider.interactionDetails(request, response);
    return sendHtml(response, signInPage(users, request.url ?? ""));
  }
  const user = findUser(users, new URLSearchParams(await readBody(request)).get("username") ?? "");
  const result = user === undefined ? { error: "access_denied" } : { login: { accountId: user.sub } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

function sendHtml(response: ServerResponse, html: string, status = 200): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(html);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
}
