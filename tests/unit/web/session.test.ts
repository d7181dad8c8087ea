import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createApi } from "../../../web/api.ts";
import { isReturn, openSession } from "../../../web/sign-in/session.ts";
import { memoryStorage } from "../../support/storage.ts";

const issuer = "https://id.example";
const home = "https://api.example/console";
const start = Date.parse("2026-03-01T12:00:00Z");

let now: number;
let calls: { url: string; form: URLSearchParams }[];
let answer: (url: string, form: URLSearchParams) => { status?: number; body: unknown };
beforeEach(() => {
  now = start;
  calls = [];
});

const endpoints = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  end_session_endpoint: `${issuer}/logout`,
  revocation_endpoint: `${issuer}/revoke`,
};

async function fetch(url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  if (String(url).endsWith("openid-configuration")) return Response.json(endpoints);
  const form = new URLSearchParams(String(init.body ?? ""));
  calls.push({ url: String(url), form });
  const { status = 200, body } = answer(String(url), form);
  return Response.json(body, { status, headers: { "x-correlation-id": "c-1" } });
}

const idToken = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
const open = (storage = memoryStorage()) =>
  openSession({ issuer, clientId: "page", returnUrl: home, storage, fetch, now: () => now });
const returned = (query: Record<string, string>) => new URL(`${home}?${new URLSearchParams(query)}`);

/** Begins a sign-in, and answers its question and what the issuer would say to the code. */
async function begun(storage = memoryStorage(), claims: object = {}) {
  const session = open(storage);
  const question = new URL(await session.begin("/journeys/welcome")).searchParams;
  const nonce = question.get("nonce");
  const token = { iss: issuer, aud: "page", exp: start / 1000 + 3600, nonce, name: "Ada", ...claims };
  answer = () => ({ body: { access_token: "a-1", refresh_token: "r-1", expires_in: 3600, id_token: idToken(token) } });
  return { session, question, state: question.get("state") ?? "" };
}

async function signedIn() {
  const { session, state } = await begun();
  await session.finish(returned({ code: "c", state }));
  calls = [];
  return session;
}

describe("a sign-in", () => {
  it("asks with a challenge, a state and a nonce, each anew, and comes back to where it began", async () => {
    const { session, question, state } = await begun();
    expect(Object.fromEntries(question)).toMatchObject({
      response_type: "code",
      client_id: "page",
      redirect_uri: home,
      scope: "openid email profile rapport/read rapport/write",
      code_challenge_method: "S256",
    });
    expect(await session.finish(returned({ code: "code-1", state }))).toBe("/journeys/welcome");
    const { form } = calls[0] ?? { form: new URLSearchParams() };
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    expect(question.get("code_challenge")).toBe(challenge);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: "authorization_code",
      code: "code-1",
      redirect_uri: home,
    });
    expect([session.person(), await session.token()]).toEqual(["Ada", "a-1"]);
    const again = new URL(await session.begin("")).searchParams;
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(question.get(name)).toMatch(/^[\w-]{43}$/);
      expect(again.get(name)).not.toBe(question.get(name));
    }
  });

  it("ends once: who comes back again, or without having begun, is not signed in", async () => {
    const { session, state } = await begun();
    await expect(session.finish(returned({ code: "c", state: "other" }))).rejects.toThrow("did not begin in this tab");
    await expect(session.finish(returned({ code: "c", state }))).rejects.toThrow("did not begin in this tab");
    expect([calls, await session.token()]).toEqual([[], undefined]);
  });

  it.each([
    ["another issuer", { iss: "https://evil.example" }],
    ["another application", { aud: "other" }],
    ["another sign-in", { nonce: "old" }],
    ["the past", { exp: start / 1000 }],
  ])("with an ID token of %s is none", async (whose, claims) => {
    const { session, state } = await begun(memoryStorage(), claims);
    await expect(session.finish(returned({ code: "c", state }))).rejects.toThrow(`belongs to ${whose}`);
    expect(await session.token()).toBeUndefined();
  });

  it("that was refused says so", async () => {
    const { session, state } = await begun();
    const refused = returned({ error: "access_denied", error_description: "Not today", state });
    await expect(session.finish(refused)).rejects.toThrow("You were not signed in: Not today.");
  });

  it("is known by its address", () => {
    expect([returned({ code: "c", state: "s" }), returned({ error: "e", state: "s" })].map(isReturn)).toEqual([
      true,
      true,
    ]);
    expect([returned({}), returned({ code: "c" })].map(isReturn)).toEqual([false, false]);
  });
});

describe("a token", () => {
  it("is renewed a minute before it ends, once for all who ask", async () => {
    const session = await signedIn();
    now += 3_539_000;
    expect(await session.token()).toBe("a-1");
    now += 2_000;
    answer = () => ({ body: { access_token: "a-2", expires_in: 3600 } });
    expect(await Promise.all([session.token(), session.token()])).toEqual(["a-2", "a-2"]);
    expect(calls.map(({ form }) => form.get("refresh_token"))).toEqual(["r-1"]);
    now += 3_600_000;
    await session.token();
    expect(calls.at(-1)?.form.get("refresh_token")).toBe("r-1");
  });

  it("that cannot be renewed is forgotten, but not because the issuer is out of reach", async () => {
    const session = await signedIn();
    now += 3_600_000;
    answer = () => {
      throw new TypeError("fetch failed");
    };
    await expect(session.token()).rejects.toThrow("cannot be reached");
    expect(session.person()).toBe("Ada");
    answer = () => ({ status: 400, body: { error: "invalid_grant" } });
    expect([await session.token(), session.person()]).toEqual([undefined, undefined]);
  });

  it("is taken back at sign-out, even where that cannot be told", async () => {
    const session = await signedIn();
    answer = () => {
      throw new TypeError("fetch failed");
    };
    const address = new URL(await session.end());
    expect(calls.map(({ url, form }) => [url, form.get("token")])).toEqual([[`${issuer}/revoke`, "r-1"]]);
    expect([address.origin + address.pathname, address.searchParams.get("logout_uri")]).toEqual([
      `${issuer}/logout`,
      home,
    ]);
    expect(await session.token()).toBeUndefined();
  });

  it("outlives a reload of the tab, but not a storage that somebody broke", async () => {
    const storage = memoryStorage();
    const { session, state } = await begun(storage);
    await session.finish(returned({ code: "c", state }));
    expect(await open(storage).token()).toBe("a-1");
    storage.setItem("rapport.session", "{");
    expect(await open(storage).token()).toBeUndefined();
  });
});

describe("the API", () => {
  it("is asked at the declared path with the token, what is in it encoded", async () => {
    const api = createApi("https://api.example", await signedIn(), fetch);
    answer = () => ({ body: { id: "x" } });
    await api.get("/v1/journeys/{id}", { id: "a/b" }, { version: "2" });
    expect(calls.map(({ url }) => url)).toEqual(["https://api.example/v1/journeys/a%2Fb?version=2"]);
  });

  it("is asked once more with a new token after a 401, and then says to sign in", async () => {
    const api = createApi("https://api.example", await signedIn(), fetch);
    answer = (url) =>
      url.endsWith("/token")
        ? { body: { access_token: "a-2", expires_in: 3600 } }
        : { status: 401, body: { message: "Unauthorized" } };
    await expect(api.get("/v1/journeys")).rejects.toMatchObject({ status: 401, title: "You are signed out" });
    expect(calls.map(({ url }) => new URL(url).pathname)).toEqual(["/v1/journeys", "/token", "/v1/journeys"]);
  });

  it.each([
    [
      403,
      { message: "Forbidden" },
      { title: "You may not see this", message: expect.stringContaining("another role") },
    ],
    [403, { detail: "This needs one of the roles admin." }, { message: expect.stringContaining("roles admin") }],
    [
      404,
      { title: "Not found", detail: "There is no journey x." },
      { title: "Not found", message: "There is no journey x." },
    ],
    [503, { message: "Service Unavailable" }, { title: "Something went wrong on our side", correlationId: "c-1" }],
    [500, { title: "T", detail: "D", correlationId: "own" }, { title: "T", message: "D", correlationId: "own" }],
  ])("answers %i %j as %j", async (status, body, expected) => {
    const api = createApi("https://api.example", await signedIn(), fetch);
    answer = () => ({ status, body });
    await expect(api.get("/v1/journeys")).rejects.toMatchObject({ status, ...expected });
  });

  it("is not asked by who is not signed in", async () => {
    await expect(createApi("https://api.example", open(), fetch).get("/v1/journeys")).rejects.toMatchObject({
      status: 401,
    });
    expect(calls).toEqual([]);
  });
});
