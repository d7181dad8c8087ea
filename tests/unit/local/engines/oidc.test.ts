import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { createClock } from "../../../../local/clock.ts";
import { type SignInEngine, startOidc } from "../../../../local/engines/oidc.ts";
import { choosePorts } from "../../../../local/engines/ports.ts";
import { createBrowser } from "../../../support/browser.ts";

const callback = "http://localhost:5173/signed-in";
const pool = {
  id: "us-east-1_local",
  issuer: "",
  clients: [
    {
      id: "console",
      scopes: ["openid", "email", "shop/read", "shop/write"],
      callbackUrls: [callback],
      logoutUrls: [callback],
    },
  ],
  groups: ["admin", "managers"],
};

describe("the sign-in server", () => {
  let engine: SignInEngine | undefined;
  const start = async (dataDirectory?: string) => {
    const { signIn: port } = await choosePorts("random", 0);
    engine = await startOidc({ port, pool, clock: createClock(), ...(dataDirectory ? { dataDirectory } : {}) });
    return engine;
  };
  const verify = (token: string, { jwks }: SignInEngine) =>
    jwtVerify(token, createLocalJWKSet({ keys: [...jwks.keys] }));

  afterEach(() => engine?.close());

  it("mints access tokens with the claims of Cognito's", async () => {
    const server = await start();
    const token = (await server.token("admin")) ?? "";
    const { payload } = await verify(token, server);
    expect(payload).toMatchObject({
      iss: server.issuer,
      client_id: "console",
      token_use: "access",
      scope: "openid email shop/read shop/write",
      "cognito:groups": ["admin"],
      username: "admin",
      version: 2,
    });
    expect(payload).not.toHaveProperty("aud");
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "RS256" });
  });

  it("finds a user by the name of the role, and nobody by another", async () => {
    const server = await start();
    expect(server.users.map(({ username }) => username)).toEqual(["admin", "managers"]);
    expect(await server.token("Manager")).toBeDefined();
    expect(await server.token("stranger")).toBeUndefined();
  });

  /** Signs in by a click and answers the token request of the code that comes back. */
  const signIn = async (server: SignInEngine, username: string) => {
    const browser = createBrowser();
    const verifier = randomBytes(32).toString("base64url");
    const question = new URLSearchParams({
      client_id: "console",
      response_type: "code",
      scope: "openid email shop/read",
      redirect_uri: callback,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      state: "kept",
    });
    const toPage = await browser.get(`${server.issuer}/oauth2/authorize?${question}`);
    const page = await browser.get(toPage.location);
    const clicked = await browser.post(toPage.location, { username });
    const back = new URL((await browser.get(clicked.location)).location).searchParams;
    const exchange = (code_verifier: string) =>
      browser.post(`${server.issuer}/oauth2/token`, {
        grant_type: "authorization_code",
        client_id: "console",
        redirect_uri: callback,
        code: back.get("code") ?? "",
        code_verifier,
      });
    return { page, back, verifier, exchange };
  };

  it("signs a person in by a click, and hands out tokens for the code and its proof key", async () => {
    const server = await start();
    const { page, back, verifier, exchange } = await signIn(server, "managers");
    expect(page.body).toContain("there is no password");
    expect(back.get("state")).toBe("kept");
    const granted = await exchange(verifier);
    expect(granted.status).toBe(200);
    const { access_token, id_token } = JSON.parse(granted.body);
    const access = (await verify(access_token, server)).payload;
    expect(access).toMatchObject({
      username: "managers",
      scope: "openid email shop/read",
      "cognito:groups": ["managers"],
    });
    expect(access).not.toHaveProperty("aud");
    const identity = (await verify(id_token, server)).payload;
    expect(identity).toMatchObject({ aud: "console", email: "managers@example.com", sub: access.sub });
  });

  it("refuses a code without its proof key", async () => {
    const server = await start();
    const { exchange } = await signIn(server, "admin");
    expect((await exchange(randomBytes(32).toString("base64url"))).status).toBe(400);
  });

  it("takes a code once", async () => {
    const server = await start();
    const { verifier, exchange } = await signIn(server, "admin");
    expect((await exchange(verifier)).status).toBe(200);
    const again = await exchange(verifier);
    expect([again.status, JSON.parse(again.body).error]).toEqual([400, "invalid_grant"]);
  });

  it("sends nobody to an address that is not the client's", async () => {
    const server = await start();
    const question = new URLSearchParams({
      client_id: "console",
      response_type: "code",
      scope: "openid",
      redirect_uri: "https://evil.example/",
      code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    });
    const page = await createBrowser().get(`${server.issuer}/oauth2/authorize?${question}`);
    expect([page.status, page.location]).toEqual([400, ""]);
  });

  it.each([
    ["another client", { client_id: "other", logout_uri: callback }],
    ["another address", { client_id: "console", logout_uri: "https://evil.example/" }],
    ["no address", { client_id: "console" }],
  ])("signs nobody out for %s", async (_case, query) => {
    const server = await start();
    const page = await createBrowser().get(`${server.issuer}/logout?${new URLSearchParams(query)}`);
    expect([page.status, page.location, page.body]).toEqual([400, "", expect.stringContaining("Not signed out")]);
  });

  it("refuses whom it does not know", async () => {
    const server = await start();
    expect((await signIn(server, "stranger")).back.get("error")).toBe("access_denied");
  });

  it("keeps its key, so that tokens outlive a restart", async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), "sign-in-"));
    const first = await start(dataDirectory);
    const token = (await first.token("admin")) ?? "";
    await first.close();
    const second = await start(dataDirectory);
    expect((await verify(token, second)).payload.username).toBe("admin");
  });

  it("publishes its discovery document and its public key alone", async () => {
    const server = await start();
    const discovery = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({ issuer: server.issuer, token_endpoint: `${server.issuer}/oauth2/token` });
    const { keys } = await (await fetch(discovery.jwks_uri)).json();
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty("d");
  });
});
