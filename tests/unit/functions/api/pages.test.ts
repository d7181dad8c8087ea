import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureTokenKeys } from "../../../../shared/email/token-key-store.ts";
import { signToken, type TokenClaims } from "../../../../shared/email/tokens.ts";
import { putForm } from "../../../../shared/forms/form-store.ts";
import type { Table } from "../../../../shared/table/client.ts";
import { engine } from "../../../support/engine.ts";
import { createTestTable } from "../../../support/table.ts";
import { itemsOf } from "../../../support/table-contents.ts";
import { definition, postEvent, problemOf } from "../../intake/door.ts";
import { invoke, standOn } from "./invoke.ts";

let table: Table;
let handler: unknown;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  standOn(engine.url, table, { PUBLIC_NAME: "Harbour <Ltd>", POSTAL_ADDRESS: "1 Harbour Street", TOPICS: "[]" });
  handler = (await import("../../../../functions/api/pages.ts")).handler;
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

async function get(routeKey: string, pathParameters: Record<string, string> = {}, more = {}) {
  const event = postEvent({ routeKey });
  return invoke(handler, { ...event, pathParameters, ...more });
}

describe("the hosted page of a form", () => {
  const show = (more = {}) => get("GET /f/{formId}", { formId: "contact" }, more);
  beforeEach(async () => {
    await putForm(table, "contact", { ...definition, title: "Talk <to> us" }, undefined);
  });

  it("is honest HTML: each control has its label, the box is empty, nothing needs a script", async () => {
    const { statusCode, headers, body } = await show();
    expect([statusCode, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(headers["content-security-policy"]).toContain("frame-ancestors https://www.example.com");
    expect(body).toContain("<h1>Talk &lt;to&gt; us</h1>");
    expect(body).toContain('<html lang="en">');
    expect(body).not.toMatch(/<script|checked|onclick/i);
    const labels = [...body.matchAll(/<label for="([^"]+)"/g)].map(([, name]) => name);
    const controls = [...body.matchAll(/<(?:input|select|textarea) id="([^"]+)"/g)].map(([, name]) => name);
    expect(controls).toEqual(labels);
    expect(body).toMatch(/<input id="email" name="email" type="email"[^>]* autocomplete="email" required/);
    expect(body).toContain("Harbour &lt;Ltd&gt;, 1 Harbour Street");
  });

  it("brings a nonce, its time, the campaign and where people came from, and a trap that people do not meet", async () => {
    const more = {
      queryStringParameters: { utm_source: '"fair"', fbclid: "x" },
      headers: { referer: "https://a.example/" },
    };
    const { body } = await show(more);
    const values = new Map(
      [...body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]),
    );
    expect(values.get("_nonce")).toMatch(/^[\w-]{24}$/);
    expect(Number(values.get("_at"))).toBeGreaterThan(0);
    expect([values.get("utm_source"), values.get("_referrer")]).toEqual(["&quot;fair&quot;", "https://a.example/"]);
    expect(body).toMatch(/<div class="trap" aria-hidden="true">[\s\S]*name="_website" tabindex="-1"/);
    expect((await show(more)).body).not.toBe(body);
  });

  it("thanks, and says that a mail is to be confirmed", async () => {
    const { statusCode, body } = await get("GET /f/{formId}/thanks", { formId: "contact" });
    expect([statusCode, body]).toEqual([200, expect.stringContaining("confirm")]);
  });

  it("of an unknown form is a page that says so", async () => {
    const { statusCode, headers } = await get("GET /f/{formId}", { formId: "no/where" });
    expect([statusCode, headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
  });
});

describe("a link of a mail", () => {
  const link = async (purpose: TokenClaims["purpose"]) =>
    signToken(await ensureTokenKeys(table), { purpose, addressHash: "hash", contactId: "c1", reference: "r1" });

  it.each([
    ["u", "unsubscribe"],
    ["c", "confirm"],
  ] as const)("/%s/ shows a button and does nothing; its post is kept, a double click once", async (path, purpose) => {
    const token = await link(purpose);
    const shown = await get(`GET /${path}/{token}`, { token });
    expect([shown.statusCode, shown.body]).toEqual([200, expect.stringContaining('<form method="post"><button>')]);
    expect(shown.headers["referrer-policy"]).toBe("no-referrer");
    expect(await itemsOf(table, "intake")).toEqual([]);

    vi.useFakeTimers({ now: new Date("2026-03-01T12:00:00Z"), toFake: ["Date"] });
    for (const _ of [1, 2]) {
      const done = await get(
        `POST /${path}/{token}`,
        { token },
        { body: "List-Unsubscribe=One-Click", isBase64Encoded: false },
      );
      expect(done.statusCode).toBe(200);
    }
    const payload = { addressHash: "hash", contactId: "c1", reference: "r1" };
    expect(await itemsOf(table, "intake")).toMatchObject([{ type: purpose, payload }]);
    vi.setSystemTime(new Date("2026-03-01T12:00:01Z"));
    await get(`POST /${path}/{token}`, { token });
    expect(await itemsOf(table, "intake")).toHaveLength(2);
    vi.useRealTimers();
  });

  it("that is not ours, or for something else, is a 404 page and does nothing", async () => {
    const tokens = [await link("confirm"), `${await link("unsubscribe")}x`, "v1.x.y", "../../etc/passwd", ""];
    for (const token of tokens) {
      for (const method of ["GET", "POST"]) {
        const { statusCode, headers } = await get(`${method} /u/{token}`, { token });
        expect([token, statusCode, headers["content-type"]]).toEqual([token, 404, "text/html; charset=utf-8"]);
      }
    }
    expect(await itemsOf(table, "intake")).toEqual([]);
  });

  it("is not valid before any mail was signed", async () => {
    const token = signToken([{ id: "k", secret: "x".repeat(44) }], {
      purpose: "unsubscribe",
      ...{ addressHash: "h", contactId: "c" },
    });
    expect((await get("POST /u/{token}", { token })).statusCode).toBe(404);
  });
});

describe("the reference", () => {
  it("is there for programs and for people", async () => {
    expect(problemOf(await get("GET /openapi.json")).openapi).toMatch(/^3\.1/);
    expect((await get("GET /docs")).body).toContain("/v1/track");
  });
});

describe("what no route matches", () => {
  const unmatched = (path: string) => get("$default", {}, { rawPath: path });
  it("is a 404, or a 405 where another method would do", async () => {
    const answers = await Promise.all(["/nowhere", "/v1/track", "/v1/forms/contact/submissions"].map(unmatched));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 405, 405]);
  });

  it("is a page for a browser, and a problem document for a program", async () => {
    const page = await get("$default", {}, { rawPath: "/<b>", headers: { accept: "text/html,*/*;q=0.8" } });
    expect([page.statusCode, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(page.body).toContain("There is nothing at /&lt;b&gt;.");
    expect((await unmatched("/nowhere")).headers["content-type"]).toBe("application/problem+json");
  });
});
