import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoLeads } from "../../scripts/demo/leads.ts";
import { sampleForm } from "../../scripts/sample.ts";
import { createApi } from "../../web/api.ts";
import { challengeOf, randomText } from "../../web/sign-in/pkce.ts";
import { openSession } from "../../web/sign-in/session.ts";
import { createBrowser } from "../support/browser.ts";
import { orderEvent, startTestStack, type TestStack } from "../support/stack.ts";
import { memoryStorage } from "../support/storage.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await stack.postLead(
    { email: "first@customers.example" },
    { headers: { "idempotency-key": "demo-lead-000000000000" } },
  );
  await stack.host.drain();
});
afterAll(async () => {
  try {
    await stack.host.drain();
    expect((await stack.contacts()).map(({ email }) => email)).toEqual(["first@customers.example"]);
  } finally {
    await stack.process.close();
  }
});

const hostile = demoLeads(sampleForm.id).filter(({ person }) => person === undefined);

describe("a post that is refused", () => {
  it.each(hostile.map((lead) => [lead.label, lead] as const))(
    "%s: says what, where and how to mend it, and stores nothing",
    async (_, lead) => {
      await stack.host.resetMeter();
      const response = await fetch(`${stack.publicUrl}${lead.path}`, lead.init);
      expect(response.status).toBe(lead.status);
      if (response.headers.get("content-type")?.startsWith("text/html")) {
        expect(await response.text()).toMatch(/<li>.+<\/li>[\s\S]*Nothing was stored/);
      } else if (lead.status >= 400) {
        const body = await response.json();
        expect(response.headers.get("content-type")).toContain("application/problem+json");
        expect(body).toMatchObject({
          status: lead.status,
          detail: expect.stringMatching(/.{10,}/),
          correlationId: expect.any(String),
        });
      }
      await stack.host.drain();
      expect((await stack.host.meter()).totals.calls["dynamodb:UpdateItem"] ?? 0).toBeLessThanOrEqual(1);
    },
  );

  it.each(["GET", "PUT", "DELETE", "PATCH"])("%s is not how a form is posted", async (method) => {
    const response = await fetch(`${stack.publicUrl}/v1/forms/${sampleForm.id}/submissions`, { method });
    expect([response.status, (await response.json()).code]).toEqual([405, "method_not_allowed"]);
  });

  it("too many from one address are held back for a while", async () => {
    const { rateLimit } = await (await stack.staff("admin", "GET", `/v1/forms/${sampleForm.id}`)).json();
    const statuses: number[] = [];
    let retryAfter: string | null = null;
    for (let index = 0; index <= rateLimit.submissions; index++) {
      const response = await stack.postLead(
        { email: "first@customers.example", message: "again" },
        { ip: "192.0.2.1" },
      );
      statuses.push(response.status);
      retryAfter = response.headers.get("retry-after");
    }
    expect(statuses.at(-1)).toBe(429);
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set([202]));
    expect(Number(retryAfter)).toBeGreaterThan(0);
  });
});

describe("an order event that is refused", () => {
  const order = () => orderEvent("mallory@customers.example", "m-1", new Date().toISOString());
  it.each([
    ["without a key", async () => stack.track("", order()), 401],
    ["with a wrong key", async () => stack.track("rk_wrong", order()), 401],
    ["of an event without a name", async () => stack.track(await stack.apiKey(), { ...order(), event: "" }), 422],
    ["without an e-mail", async () => stack.track(await stack.apiKey(), { ...order(), context: {} }), 422],
    [
      "from a clock two days ahead",
      async () =>
        stack.track(await stack.apiKey(), { ...order(), timestamp: new Date(Date.now() + 172_800_000).toISOString() }),
      422,
    ],
    [
      "with a negative price",
      async () =>
        stack.track(await stack.apiKey(), { ...order(), properties: { order_id: "1", currency: "USD", revenue: -1 } }),
      422,
    ],
  ] as const)("%s", async (_, send, status) => {
    expect((await send()).status).toBe(status);
  });
});

describe("a link that is not ours", () => {
  it.each(["u", "c"])("/%s/ answers 404 and does nothing", async (page) => {
    for (const token of ["x", "v1.u.forged.forged.forged", "..%2f..%2fetc%2fpasswd"]) {
      for (const method of ["GET", "POST"]) {
        const response = await fetch(`${stack.publicUrl}/${page}/${token}`, { method });
        expect([token, method, response.status]).toEqual([token, method, 404]);
        await response.arrayBuffer();
      }
    }
  });
});

describe("the staff API", () => {
  const call = (authorization: string | undefined, method = "GET", path = "/v1/contacts") =>
    fetch(`${stack.staffUrl}${path}`, { method, headers: authorization === undefined ? {} : { authorization } });

  it("refuses a missing, a malformed and a forged token as the gateway does", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const forged = await new SignJWT({ scope: "rapport/read", "cognito:groups": ["admin"] })
      .setProtectedHeader({ alg: "RS256", kid: "forged" })
      .setIssuer("http://nowhere.example")
      .setExpirationTime("1h")
      .sign(privateKey);
    const [head, payload] = (await stack.host.token("sales")).split(".");
    const tampered = `${head}.${payload?.slice(0, -2)}AA.c2lnbmF0dXJl`;
    for (const authorization of [undefined, "Bearer", "Bearer x.y.z", `Bearer ${forged}`, `Bearer ${tampered}`]) {
      const response = await call(authorization);
      expect([authorization?.slice(0, 12), response.status, await response.json()]).toEqual([
        authorization?.slice(0, 12),
        401,
        { message: "Unauthorized" },
      ]);
    }
  });

  it("refuses a token once it has expired", async () => {
    const token = await stack.host.token("sales");
    expect((await call(`Bearer ${token}`)).status).toBe(200);
    await stack.host.advance("25h", "6h");
    expect((await call(`Bearer ${token}`)).status).toBe(401);
    expect((await call(`Bearer ${await stack.host.token("sales")}`)).status).toBe(200);
  });

  it.each([
    ["sales", "PUT", `/v1/forms/${sampleForm.id}`],
    ["support", "PUT", "/v1/targets/new-leads/month"],
    ["marketer", "PUT", "/v1/targets/new-leads/month"],
    ["sales", "PUT", "/v1/stage-rules"],
    ["partner", "POST", "/v1/actions"],
    ["sales", "POST", "/v1/actions/theme.price.0123456789abcdef0123/tell"],
    ["sales", "POST", "/v1/reviews/quarter-2026-07-01/close"],
    ["manager", "POST", "/v1/api-keys"],
    ["partner", "GET", "/v1/contacts"],
  ])("does not let %s %s %s", async (user, method, path) => {
    const response = await stack.staff(user, method, path, { body: method === "GET" ? undefined : {} });
    expect(response.status).toBe(403);
  });

  it.each([
    ["a forged cursor", "/v1/contacts?cursor=eyJhIjoxfQ", 422],
    ["too large a page", "/v1/contacts?limit=101", 422],
    ["a filter that does not exist", "/v1/contacts?name=Ada", 422],
    ["a contact that does not exist", "/v1/contacts/nobody", 404],
    ["a KPI that does not exist", "/v1/targets/happiness/month", 404],
    ["a period that does not exist", "/v1/kpis?period=decade", 422],
    ["a date that does not exist", "/v1/kpis?date=2026-02-30", 422],
    ["what explains a month that still runs", "/v1/kpis/orders/contributions?by=source&date=2999-01-01", 422],
    ["what explains a KPI by what it is not kept by", "/v1/kpis/arpu/contributions?by=source", 422],
    ["actions in no state", "/v1/actions?state=perhaps", 422],
    ["an action that does not exist", "/v1/actions/theme.price.0123456789abcdef0123", 404],
    ["a review that does not exist", "/v1/reviews/quarter-1999-01-01", 404],
    ["a review of what is not reviewed", "/v1/reviews/week-2026-01-05", 422],
    ["alarms in no state", "/v1/alarms?state=loud", 422],
    ["a funnel by what it is not kept by", "/v1/funnel?by=colour", 422],
    ["a path that does not exist", "/v1/everything", 404],
  ])("refuses %s", async (_, path, status) => {
    const response = await stack.staff("manager", "GET", path);
    expect([response.status, (await response.json()).status]).toEqual([status, status]);
  });

  it("refuses a change that was made from an old version, and names the current one", async () => {
    const path = "/v1/targets/new-leads/month";
    const {
      version,
      kpi: _,
      period: ____,
      updatedAt: __,
      updatedBy: ___,
      ...target
    } = await (await stack.staff("manager", "GET", path)).json();
    const change = (ifMatch: string | undefined) =>
      stack.staff("manager", "PUT", path, {
        body: { ...target, target: 500 },
        headers: ifMatch === undefined ? {} : { "if-match": ifMatch },
      });
    expect((await change(undefined)).status).toBe(409);
    expect((await change(`"${version}"`)).status).toBe(200);
    const stale = await change(`"${version}"`);
    expect([stale.status, (await stale.json()).detail]).toEqual([409, expect.stringContaining(String(version + 1))]);
  });
});

describe("the console's sign-in", () => {
  /** A tab of the console in which somebody signs in, by the settings that its page carries. */
  async function openConsole() {
    const page = await fetch(`${stack.staffUrl}/console`);
    const html = await page.text();
    const setting = (name: string) => new RegExp(`data-${name}="([^"]+)"`).exec(html)?.[1] ?? "";
    const [issuer, clientId] = [setting("issuer"), setting("client-id")];
    const opened = Date.parse((await stack.host.state()).clock.now);
    const session = openSession({
      issuer,
      clientId,
      returnUrl: `${stack.staffUrl}/console`,
      storage: memoryStorage(),
      fetch,
      now: () => opened,
    });
    const browser = createBrowser();
    /** Clicks on a user at the issuer; where that sends the browser back to. */
    const click = async (address: string, username: string) => {
      const toUsers = await browser.get(address);
      const clicked = await browser.post(toUsers.location, { username });
      return new URL((await browser.get(clicked.location)).location);
    };
    const exchange = (form: Record<string, string>) =>
      browser.post(`${issuer}/oauth2/token`, {
        grant_type: "authorization_code",
        client_id: clientId,
        redirect_uri: `${stack.staffUrl}/console`,
        ...form,
      });
    return { page, html, session, browser, click, exchange, issuer, clientId };
  }

  it("starts from a page without data that needs no token, with the script and style that it names", async () => {
    const { page, html } = await openConsole();
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self'; /);
    const files = [...html.matchAll(/"(\/console\/[^"]+)"/g)].map(([, file]) => `${stack.staffUrl}${file}`);
    const types = await Promise.all(files.map(async (file) => (await fetch(file)).headers.get("content-type")));
    expect(types).toEqual(["text/css; charset=utf-8", "text/javascript; charset=utf-8"]);
    expect((await fetch(`${stack.staffUrl}/console/index.js`)).status).toBe(404);
  });

  it("lets a marketer read, renews what has ended, and is over after sign-out", async () => {
    const { session, click, browser } = await openConsole();
    const back = await click(await session.begin("/journeys"), "marketer");
    expect(`${back.origin}${back.pathname}`).toBe(`${stack.staffUrl}/console`);
    expect(await session.finish(back)).toBe("/journeys");
    const api = createApi(stack.staffUrl, session, fetch);
    expect((await api.get("/v1/journeys")).items.map(({ id }) => id)).toContain("welcome");
    const { definition, published } = await api.get("/v1/journeys/{id}", { id: "welcome" });
    expect(published).toEqual(definition);
    expect((await api.get("/v1/journeys/{id}", { id: "lead-nurture" })).published).toBeNull();
    const first = await session.token();
    await stack.host.advance("2h", "2h");
    // The session's own clock stands still, so only the gateway's refusal tells it.
    await api.get("/v1/journeys/{id}/report", { id: "welcome" });
    expect(await session.token()).not.toBe(first);
    const out = await browser.get(await session.end());
    expect(out.location).toBe(`${stack.staffUrl}/console`);
    const again = await browser.get(await session.begin("/journeys"));
    expect((await browser.get(again.location)).body).toContain("there is no password");
  });

  it("reads nothing for whom the role does not allow it", async () => {
    const { session, click } = await openConsole();
    await session.finish(await click(await session.begin(""), "partner"));
    const refused = createApi(stack.staffUrl, session, fetch).get("/v1/journeys");
    await expect(refused).rejects.toMatchObject({ status: 403, title: "You may not see this" });
  });

  it("takes a code once, with its own verifier and address, within five minutes", async () => {
    const { exchange, issuer, clientId } = await openConsole();
    const verifier = randomText();
    const question = {
      response_type: "code",
      client_id: clientId,
      scope: "openid rapport/read",
      redirect_uri: `${stack.staffUrl}/console`,
      code_challenge: await challengeOf(verifier),
      code_challenge_method: "S256",
    };
    const ask = (more = {}) => `${issuer}/oauth2/authorize?${new URLSearchParams({ ...question, ...more })}`;
    const code = async () => {
      const { click } = await openConsole();
      return (await click(ask(), "marketer")).searchParams.get("code") ?? "";
    };
    const outcome = async (form: Record<string, string>) => {
      const { status, body } = await exchange({ code_verifier: verifier, ...form });
      return [status, JSON.parse(body).error];
    };
    const refused = [400, "invalid_grant"];
    expect(await outcome({ code: await code(), code_verifier: randomText() })).toEqual(refused);
    expect(await outcome({ code: await code(), redirect_uri: "https://evil.example/" })).toEqual(refused);
    const once = await code();
    expect(await outcome({ code: once })).toEqual([200, undefined]);
    expect(await outcome({ code: once })).toEqual(refused);
    const old = await code();
    await stack.host.advance("6m", "6m");
    expect(await outcome({ code: old })).toEqual(refused);
    expect((await createBrowser().get(ask({ redirect_uri: "https://evil.example/" }))).status).toBe(400);
  });
});
