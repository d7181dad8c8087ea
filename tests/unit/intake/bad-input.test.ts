import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { multipart, openDoor, type Posted, problemOf, urlencoded } from "./door.ts";

let door: Awaited<ReturnType<typeof openDoor>>;
beforeEach(async () => {
  door = await openDoor(await createTestTable(engine.url));
});

const type = { "content-type": "application/json" };
const raw = (body: string | Buffer, headers: Record<string, string> = type): Posted => ({ body, headers });
const json = (body: unknown, headers: Record<string, string> = {}) =>
  raw(JSON.stringify(body), { ...type, ...headers });
const email = "eve@example.net";
const asJson = { accept: "application/json" };
const form = (posted: Posted): Posted => ({ ...posted, headers: { ...posted.headers, ...asJson } });

type Refusal = readonly [what: string, posted: Posted, status: number, code: string, pointer?: string];

const refusals: readonly Refusal[] = [
  ["malformed JSON", raw('{"email":'), 400, "malformed_json"],
  ["an empty body", raw(""), 400, "malformed_json"],
  ["bytes that are not UTF-8", raw(Buffer.from([0x7b, 0xff, 0x7d])), 400, "malformed_json"],
  ["JSON 10,000 levels deep", raw(`{"email":${"[".repeat(10_000)}${"]".repeat(10_000)}}`), 400, "malformed_json"],
  ["a __proto__ member", raw(`{"email":"${email}","__proto__":{"admin":true}}`), 400, "malformed_json"],
  ["a constructor member", raw(`{"email":"${email}","page":{"constructor":1}}`), 400, "malformed_json"],
  ["a JSON list", raw("[]"), 422, "invalid_input", ""],
  ["a JSON text", raw('"x"'), 422, "invalid_input", ""],
  ["another media type", raw(`email\n${email}`, { "content-type": "text/csv" }), 415, "unsupported_media_type"],
  ["no media type", raw(`{"email":"${email}"}`, {}), 415, "unsupported_media_type"],
  ["a body of 64 KB and a byte", raw("x".repeat(65_537)), 413, "payload_too_large"],
  ["an unknown form", { ...json({ email }), form: "nowhere" }, 404, "not_found"],
  ["an id that no form can have", { ...json({ email }), form: "x".repeat(3_000) }, 404, "not_found"],
  ["no e-mail", json({ firstName: "Eve" }), 422, "invalid_input", "/email"],
  ["a blank e-mail", json({ email: "  " }), 422, "invalid_input", "/email"],
  ["an e-mail that is none", json({ email: "eve@" }), 422, "invalid_input", "/email"],
  ["two e-mails", json({ email: `${email}, ${email}` }), 422, "invalid_input", "/email"],
  ["a header in the e-mail", json({ email: `${email}\r\nBcc: all@example.net` }), 422, "invalid_input", "/email"],
  ["a header in a name", json({ email, firstName: "Eve\r\nBcc: all@x.example" }), 422, "invalid_input", "/firstName"],
  ["a line separator in a name", json({ email, firstName: "Eve\u2028x" }), 422, "invalid_input", "/firstName"],
  ["a NUL in a name", json({ email, firstName: "Eve\u0000" }), 422, "invalid_input", "/firstName"],
  ["an escape in a message", json({ email, message: "a\u001b[31m" }), 422, "invalid_input", "/message"],
  ["half a character", raw(`{"email":"${email}","firstName":"\\ud800"}`), 422, "invalid_input", "/firstName"],
  ["a name too long", json({ email, firstName: "x".repeat(81) }), 422, "invalid_input", "/firstName"],
  ["an object for a name", json({ email, firstName: { first: "Eve" } }), 422, "invalid_input", "/firstName"],
  ["a number beyond numbers", json({ email, seats: "many" }), 422, "invalid_input", "/seats"],
  ["a day that is none", json({ email, start: "2026-02-30" }), 422, "invalid_input", "/start"],
  ["a script for an address", json({ email, website: "javascript:alert(1)" }), 422, "invalid_input", "/website"],
  ["letters for a telephone", json({ email, phone: "call me" }), 422, "invalid_input", "/phone"],
  ["an option that is not offered", json({ email, interest: "All" }), 422, "invalid_input", "/interest"],
  ["a box half ticked", json({ email, terms: "perhaps" }), 422, "invalid_input", "/terms"],
  ["consent half given", json({ email, marketing: "perhaps" }), 422, "invalid_input", "/marketing"],
  ["a field the form does not have", json({ email, admin: "true" }), 422, "invalid_input", "/admin"],
  ["a member twice in JSON", raw(`{"email":"${email}","email":"m@x.example"}`), 422, "invalid_input", "/email"],
  ["a field twice in a form", form(urlencoded(`email=${email}&email=m@x.example`)), 422, "invalid_input", "/email"],
  ["a prototype key in a form", form(urlencoded(`email=${email}&__proto__=1`)), 422, "invalid_input", "/__proto__"],
  ["a file", form(multipart({ email }, "cv.txt")), 422, "invalid_input", "/cv"],
  [
    "a broken multipart body",
    raw("--b", { "content-type": "multipart/form-data; boundary=b", ...asJson }),
    422,
    "invalid_input",
    "",
  ],
  [
    "multipart without a boundary",
    raw("x", { "content-type": "multipart/form-data", ...asJson }),
    422,
    "invalid_input",
    "",
  ],
  ["a site that is not listed", json({ email }, { origin: "https://evil.example" }), 403, "origin_not_allowed"],
  ["a page of no origin", json({ email }, { origin: "null" }), 403, "origin_not_allowed"],
  [
    "a short idempotency key",
    json({ email }, { "idempotency-key": "abc" }),
    422,
    "invalid_input",
    "/headers/idempotency-key",
  ],
];

describe("the door", () => {
  const cases = refusals.map(([what, posted, status, code, pointer]) => ({ what, posted, status, code, pointer }));
  it.each(cases)("refuses $what and writes nothing", async ({ posted, status, code, pointer }) => {
    const result = await door.post(posted);
    const problem = problemOf(result);
    expect([result.statusCode, problem.status, problem.code]).toEqual([status, status, code]);
    if (pointer !== undefined) expect(problem.errors[0].pointer).toBe(pointer);
    expect(result.headers?.["content-type"]).toBe("application/problem+json");
    expect([await door.stored(), await door.counted(), door.faults]).toEqual([[], [], []]);
  });

  it("tells every violation of a post at once, each at its place", async () => {
    const { errors } = problemOf(await door.json({ firstName: "\u0007", seats: "x", nickname: "E" }));
    expect(errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])).toEqual([
      ["/nickname", "unknown_field"],
      ["/email", "missing"],
      ["/firstName", "invalid_characters"],
      ["/seats", "invalid_number"],
    ]);
  });

  it("shows a browser the form again: what was typed, and each mistake beside its field", async () => {
    const typed =
      "email=%22%3E%3Cb%3E&firstName=Ada&message=%0AHi%3C%2Ftextarea%3E&interest=A+question&seats=x&marketing=yes";
    const hidden = "_nonce=0123456789abcdef&_at=1700000000000&utm_source=fair&_website=";
    const result = await door.post(urlencoded(`${typed}&${hidden}&%3Cb%3E=1`, { accept: "text/html" }));
    expect([result.statusCode, result.headers?.["content-type"]]).toEqual([422, "text/html; charset=utf-8"]);
    expect(result.headers?.["content-security-policy"]).toContain("frame-ancestors https://www.example.com");
    const body = String(result.body);
    expect(body).toContain("<title>Not sent: Talk to us · Harbour &lt;Ltd&gt;</title>");
    expect(body).toMatch(/<li><a href="#email">E-mail<\/a>: Enter an e-mail address[\s\S]*Nothing was stored/);
    expect(body).toMatch(
      /<input id="email"[^>]* value="&quot;&gt;&lt;b&gt;"[^>]* aria-invalid="true" aria-describedby="email-wrong"/,
    );
    expect(body).toContain('<p class="wrong" id="email-wrong">Enter an e-mail address such as name@example.com.</p>');
    expect(body).toContain('id="seats-wrong"');
    expect(body).not.toContain('id="firstName-wrong"');
    expect(body).toMatch(/<input id="firstName"[^>]* value="Ada"/);
    expect(body).toMatch(/<textarea id="message"[^>]*>\n\nHi&lt;\/textarea&gt;<\/textarea>/);
    expect(body).toContain("<option selected>A question</option>");
    expect(body).toMatch(/<input id="marketing"[^>]* checked/);
    expect(body).not.toMatch(/<input id="terms"[^>]* checked/);
    const kept = new Map([...body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((m) => [m[1], m[2]]));
    expect(Object.fromEntries(kept)).toMatchObject({
      _nonce: "a-nonce-that-is-fresh",
      _at: "1700000000000",
      utm_source: "fair",
    });
    expect(body).toMatch(/<input id="_website" name="_website" tabindex="-1" autocomplete="off">/);
    expect(body).toContain("no field named &quot;&lt;b&gt;&quot;");
    expect(body).not.toContain("<b>");
    expect(await door.stored()).toEqual([]);
  });

  it("shows a browser a page when the post cannot be read at all", async () => {
    const result = await door.post({ body: "x", headers: { "content-type": "text/plain", accept: "text/html" } });
    expect([result.statusCode, result.headers?.["content-type"]]).toEqual([415, "text/html; charset=utf-8"]);
    expect(result.body).toContain("Nothing was stored");
  });

  it("refuses a key that came before with another body, and keeps what it has", async () => {
    const key = { "idempotency-key": "0123456789abcdef" };
    expect((await door.json({ email }, key)).statusCode).toBe(202);
    const before = await door.stored();
    const result = await door.json({ email: "mallory@example.net" }, key);
    expect([result.statusCode, problemOf(result).code]).toEqual([422, "idempotency_key_reused"]);
    expect(await door.stored()).toEqual(before);
  });

  it("has no other method than POST", async () => {
    const result = await door.post({ routeKey: "$default" });
    expect([404, 405]).toContain(result.statusCode);
  });
});

describe("whatever bytes come", () => {
  const types = fc.constantFrom(
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "text/plain",
    "",
  );

  it("the door never fails", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), types, fc.string(), async (bytes, contentType, accept) => {
        const headers = { "content-type": contentType, accept };
        const { statusCode } = await door.post({ body: Buffer.from(bytes), headers });
        expect(statusCode).toBeLessThan(500);
        const tracked = await door.track(Buffer.from(bytes).toString("latin1"));
        expect(tracked.statusCode).toBeLessThan(500);
      }),
      { numRuns: 400 },
    );
    expect(door.faults).toEqual([]);
  });

  it("the door never fails on values of any kind in the right places", async () => {
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue(), fc.double(), fc.constant("x\ud800"));
    const names = ["email", "firstName", "message", "seats", "marketing", "page", "_nonce", "_at", "utm_source"];
    const fields = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(fields, fc.boolean(), async (given, hasEmail) => {
        const { statusCode } = await door.json(hasEmail ? { ...given, email } : given);
        expect([202, 400, 422]).toContain(statusCode);
      }),
      { numRuns: 300 },
    );
    expect(door.faults).toEqual([]);
  });
});
