import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { claimsAsStrings } from "../../../../local/api/claims.ts";
import { remoteKeys } from "../../../../local/api/keys.ts";
import { answerOf, createIssuer, ISSUER, movableClock, NOW, routeOf, startApi } from "./fixture.ts";

type Issuer = Awaited<ReturnType<typeof createIssuer>>;
let issuer: Issuer;
beforeAll(async () => {
  issuer = await createIssuer();
});

const authorizer = { issuer: ISSUER, audiences: ["console", "scripts"] };
const SECONDS = NOW / 1_000;

const start = (clock = movableClock()) =>
  startApi(
    {
      routes: [
        routeOf("GET /plain", { authorizer }),
        routeOf("GET /scoped", { authorizer, scopes: ["crm/read", "crm/write"] }),
      ],
    },
    { jwks: issuer.jwks, clock, respond: () => answerOf("in") },
  );
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe("the JWT authorizer", () => {
  it("lets a valid token in and hands its claims over as strings", async () => {
    const { send, calls } = await start();
    const token = await issuer.sign({
      sub: "u1",
      scope: "crm/read openid",
      "cognito:groups": ["managers", "sales"],
      email_verified: true,
    });

    expect((await send("/scoped", bearer(token))).status).toBe(200);
    expect((await send("/plain", { headers: { authorization: token } })).status).toBe(200);
    expect(calls[0]?.event.requestContext.authorizer).toEqual({
      jwt: {
        claims: {
          iss: ISSUER,
          client_id: "console",
          sub: "u1",
          scope: "crm/read openid",
          "cognito:groups": "[managers sales]",
          email_verified: "true",
          exp: String(SECONDS + 60),
          iat: String(SECONDS),
        },
        scopes: ["crm/read", "openid"],
      },
    });
    expect(calls[1]?.event.requestContext.authorizer.jwt.scopes).toBeNull();
  });

  it.each<[string, Parameters<Issuer["sign"]>, string]>([
    ["expired", [{ exp: SECONDS - 1 }], "the token has expired"],
    ["not yet valid", [{ nbf: SECONDS + 60 }], "the token is not yet valid"],
    ["issued in the future", [{ iat: SECONDS + 60 }], "the token is issued in the future"],
    ["of another issuer", [{ iss: "https://evil.example" }], "the token does not have a valid issuer"],
    ["for another client", [{ client_id: "other" }], "the token does not have a valid audience"],
    [
      "for another audience, its client notwithstanding",
      [{ aud: "other" }],
      "the token does not have a valid audience",
    ],
    ["signed by an unknown key", [{}, { kid: "unknown" }, "other"], "unable to find a key that matches the token"],
    ["forged", [{}, {}, "other"], "signature is invalid"],
    ["signed by an elliptic curve", [{}, { alg: "ES256", kid: "ec" }, "ec"], "the token has an invalid signing method"],
    ["without a key id", [{}, { kid: undefined as never }], "the token does not name its key"],
    ["without an end", [{ exp: undefined as never }], "the token does not have a valid exp"],
  ])("refuses a token that is %s", async (_, values, description) => {
    const { send, calls } = await start();
    const answer = await send("/plain", bearer(await issuer.sign(...values)));

    expect([answer.status, await answer.text()]).toEqual([401, '{"message":"Unauthorized"}']);
    expect(answer.headers.get("www-authenticate")).toBe(
      `Bearer scope="" error="invalid_token" error_description="${description}"`,
    );
    expect(calls).toEqual([]);
  });

  it("refuses a request without a token or with something else", async () => {
    const { send } = await start();

    const none = await send("/plain");
    expect([none.status, await none.text(), none.headers.get("www-authenticate")]).toEqual([
      401,
      '{"message":"Unauthorized"}',
      "Bearer",
    ]);
    expect((await send("/plain", bearer("abc"))).headers.get("www-authenticate")).toContain("the token is malformed");
    const unsigned = `${Buffer.from('{"alg":"none","kid":"rsa"}').toString("base64url")}.${Buffer.from("{}").toString("base64url")}.`;
    expect((await send("/plain", bearer(unsigned))).status).toBe(401);
  });

  it("takes aud before client_id, and any of several audiences", async () => {
    const { send } = await start();

    expect(
      (await send("/plain", bearer(await issuer.sign({ aud: ["x", "scripts"], client_id: "other" })))).status,
    ).toBe(200);
  });

  it.each([
    [{ scope: "crm/write" }, 200],
    [{ scp: ["crm/read"] }, 200],
    [{ scope: "crm/readwrite" }, 403],
    [{}, 403],
  ])("asks for one of the route's scopes: %j gives %i", async (claims, status) => {
    const { send } = await start();
    const answer = await send("/scoped", bearer(await issuer.sign(claims)));

    expect(answer.status).toBe(status);
    if (status === 403) expect(await answer.text()).toBe('{"message":"Forbidden"}');
  });

  it("goes by the host's clock", async () => {
    const clock = movableClock();
    const { send } = await start(clock);
    const token = await issuer.sign({});

    clock.advance(59_000);
    expect((await send("/plain", bearer(token))).status).toBe(200);
    clock.advance(2_000);
    expect((await send("/plain", bearer(token))).status).toBe(401);
  });

  it("finds keys by the issuer's discovery document, and asks again after the issuer was down", async () => {
    let up = false;
    const server = createServer((request, response) => {
      const url = `http://127.0.0.1:${portOf()}`;
      const body = request.url?.includes("openid-configuration") ? { jwks_uri: `${url}/keys` } : { keys: issuer.keys };
      response.writeHead(up ? 200 : 500).end(up ? JSON.stringify(body) : "down");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const portOf = () => (server.address() as AddressInfo).port;
    const keys = remoteKeys(`http://127.0.0.1:${portOf()}`);
    const { send } = await startApi({ routes: [routeOf("GET /plain", { authorizer })] }, { jwks: () => keys });
    const token = bearer(await issuer.sign({}));

    expect((await send("/plain", token)).headers.get("www-authenticate")).toContain(
      "OIDC discovery endpoint communication error",
    );
    up = true;
    expect((await send("/plain", token)).status).toBe(200);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

it.each([
  [["a", "b"], "[a b]"],
  [[], "[]"],
  [{ b: 1, a: ["x"] }, "map[a:[x] b:1]"],
  [1718722804, "1718722804"],
  [false, "false"],
])("a claim of %j is handed over as %s", (value, text) => {
  expect(claimsAsStrings({ claim: value })).toEqual({ claim: text });
});
