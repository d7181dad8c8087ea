import { beforeEach, describe, expect, it } from "vitest";
import { type Intake, intakeSchema } from "../../../shared/intake/intake.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { multipart, noon, openDoor, problemOf, urlencoded } from "./door.ts";

let door: Awaited<ReturnType<typeof openDoor>>;
beforeEach(async () => {
  door = await openDoor(await createTestTable(engine.url));
});

const email = "ada@example.com";
const later = (seconds: number) => new Date(noon.getTime() + seconds * 1000);
const html = { accept: "text/html,*/*" };

async function onlyForm(): Promise<Extract<Intake, { type: "form" }>> {
  const items = (await door.stored()).map((item) => intakeSchema.parse(item));
  const [item] = items;
  if (items.length !== 1 || item?.type !== "form") throw new Error(`${items.length} items`);
  return item;
}

describe("a post that fits its form", () => {
  it("is one intake item with what was filled in, agreed to and where", async () => {
    const result = await door.json(
      {
        email: " Ada.O'Hara+news@Example.COM ",
        firstName: "Ada\tB",
        message: "One\r\nTwo",
        seats: 12,
        terms: true,
        marketing: true,
        page: { url: "https://www.example.com/offer?utm_source=fair", referrer: "https://search.example/" },
      },
      { origin: "https://www.example.com" },
    );
    const { submissionId, ...rest } = problemOf(result);
    expect([result.statusCode, rest]).toEqual([202, { status: "accepted" }]);
    expect(result.headers?.["access-control-allow-origin"]).toBe("https://www.example.com");
    expect(await onlyForm()).toEqual({
      pk: `INTAKE#${submissionId}`,
      sk: "INTAKE",
      kind: "intake",
      type: "form",
      intakeId: submissionId,
      receivedAt: noon.toISOString(),
      occurredAt: noon.toISOString(),
      bodyHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      expiresAt: noon.getTime() / 1000 + 90 * 86_400,
      payload: {
        formId: "contact",
        formVersion: 1,
        fields: {
          email: "Ada.O'Hara+news@example.com",
          firstName: "Ada B",
          message: "One\nTwo",
          seats: "12",
          terms: "yes",
        },
        marketing: true,
        consent: { text: "Yes, send me news.", version: "2026-03", doubleOptIn: true },
        page: { url: "https://www.example.com/offer", referrer: "https://search.example/", utmSource: "fair" },
      },
    });
  });

  it.each([
    ["urlencoded", urlencoded(`email=${email}&firstName=Jos%C3%A9&marketing=on&utm_source=mail&terms=`, html)],
    ["multipart", { ...multipart({ email, firstName: "José", marketing: "on", utm_source: "mail" }), ...{} }],
  ])("comes from a plain HTML form (%s) as well, and is sent on", async (_, posted) => {
    const result = await door.post(posted);
    expect([result.statusCode, result.headers?.location]).toEqual([303, "/f/contact/thanks"]);
    expect((await onlyForm()).payload).toMatchObject({
      fields: { email, firstName: "José" },
      marketing: true,
      page: { utmSource: "mail" },
    });
  });

  it("keeps no consent where the box was left empty", async () => {
    await door.json({ email, marketing: false });
    const { payload } = await onlyForm();
    expect([payload.marketing, payload.consent]).toEqual([false, undefined]);
  });

  it("of an ordinary size fits one write unit", async () => {
    const page = {
      url: "https://www.example.com/offer",
      referrer: "https://search.example/",
      utm_source: "newsletter",
    };
    const message = "I would like to know more about your offer, please call me back tomorrow.";
    await door.json({ email, firstName: "Ada", message, marketing: true, page });
    expect(JSON.stringify(await onlyForm()).length).toBeLessThan(1_024);
  });

  it("never fails for what a campaign put into its address", async () => {
    const page = {
      url: `https://x.example/?utm_term=${"t".repeat(5_000)}`,
      utm_campaign: `a\u0000${"😀".repeat(400)}`,
    };
    expect((await door.json({ email, page })).statusCode).toBe(202);
    expect((await onlyForm()).payload.page?.utmCampaign).toMatch(/^a(😀)+\ufffd?$/u);
  });
});

describe("the same post again", () => {
  const key = { "idempotency-key": "0123456789abcdef" };
  const nonce = "n".repeat(24);

  it.each<[string, object, Record<string, string>, number, number]>([
    ["with its key, after an hour", {}, key, 3_600, 1],
    ["from the same page, after an hour", { _nonce: nonce }, {}, 3_600, 1],
    ["within the same ten minutes", {}, {}, 599, 1],
    ["later", {}, {}, 600, 2],
  ])("%s", async (_, more, headers, seconds, items) => {
    const first = await door.json({ email, ...more }, headers);
    door.clock.now = later(seconds);
    const second = await door.json({ email, ...more }, headers);
    expect([first.statusCode, second.statusCode]).toEqual([202, 202]);
    expect(second.body === first.body).toBe(items === 1);
    expect(await door.stored()).toHaveLength(items);
  });

  it("is a new one when somebody goes back and corrects it", async () => {
    await door.json({ email: "ada@exmaple.com", _nonce: nonce });
    expect((await door.json({ email, _nonce: nonce })).statusCode).toBe(202);
    expect(await door.stored()).toHaveLength(2);
  });

  it("sent many times at once is one", async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => door.json({ email }, key)));
    expect(new Set(results.map(({ body }) => body)).size).toBe(1);
    expect(await door.stored()).toHaveLength(1);
  });

  it("with one key at two forms is two", async () => {
    const other = await openDoor(await createTestTable(engine.url));
    await door.json({ email }, key);
    expect((await other.json({ email }, key)).statusCode).toBe(202);
  });
});

describe("programs", () => {
  it("that fill in the hidden field look accepted, and nothing is stored", async () => {
    const result = await door.json({ email, _website: "https://spam.example" });
    expect([result.statusCode, Object.keys(problemOf(result))]).toEqual([202, ["status", "submissionId"]]);
    expect([await door.stored(), await door.counted(), door.trapped]).toEqual([[], [], ["contact"]]);
  });

  it("that are faster than a person are told to come again", async () => {
    const result = await door.json({ email, _at: String(noon.getTime() - 500) });
    expect([result.statusCode, result.headers?.["retry-after"]]).toEqual([422, "2"]);
    expect(problemOf(result).errors[0]).toMatchObject({ pointer: "/_at", code: "too_fast" });
    expect(await door.stored()).toEqual([]);
  });

  it("are told from people with autofill by one more click, which loses nothing", async () => {
    const body = `email=${email}&firstName=%22%3E%3Cb%3E&_at=${noon.getTime() - 500}`;
    const page = await door.post(urlencoded(body, html));
    expect(page.statusCode).toBe(422);
    const inputs = [...String(page.body).matchAll(/name="([^"]+)" value="([^"]*)"/g)];
    expect(inputs.map(([, name, value]) => [name, value])).toEqual([
      ["email", email],
      ["firstName", "&quot;&gt;&lt;b&gt;"],
      ["_at", String(noon.getTime() - 500)],
    ]);
    door.clock.now = later(4);
    expect((await door.post(urlencoded(body, html))).statusCode).toBe(303);
    expect(await door.stored()).toHaveLength(1);
  });

  it.each([
    ["in good time", noon.getTime() - 2_000],
    ["by a clock that runs ahead", noon.getTime() + 60_000],
    ["without a time", ""],
  ])("are not suspected %s", async (_, startedAt) => {
    expect((await door.json({ email, _at: startedAt })).statusCode).toBe(202);
  });
});

describe("too many posts from one address", () => {
  it("are held back until the window ends, form by form and sender by sender", async () => {
    door = await openDoor(await createTestTable(engine.url), { rateLimit: { submissions: 2, perSeconds: 60 } });
    const send = (index: number, ip = "192.0.2.7") =>
      door.post({
        body: JSON.stringify({ email, message: String(index) }),
        headers: { "content-type": "application/json" },
        ip,
      });
    expect([(await send(1)).statusCode, (await send(2)).statusCode]).toEqual([202, 202]);
    door.clock.now = later(20);
    const third = await send(3);
    expect([third.statusCode, third.headers?.["retry-after"], problemOf(third).code]).toEqual([
      429,
      "40",
      "rate_limited",
    ]);
    expect((await send(3, "192.0.2.8")).statusCode).toBe(202);
    door.clock.now = later(60);
    expect((await send(3)).statusCode).toBe(202);
    for (const counter of await door.counted()) {
      expect(JSON.stringify(counter)).not.toContain("192.0.2");
      expect(counter.expiresAt).toBeGreaterThan(noon.getTime() / 1000);
    }
  });
});

describe("sites", () => {
  it.each([
    ["a listed site", "https://www.example.com", 202, "https://www.example.com"],
    ["our own hosted page", "https://api.example.com", 202, undefined],
    ["any other", "https://evil.example", 403, undefined],
  ])("%s", async (_, origin, status, allowed) => {
    const result = await door.json({ email }, { origin });
    expect([result.statusCode, result.headers?.["access-control-allow-origin"]]).toEqual([status, allowed]);
  });

  it("read why a post was refused: errors carry the same headers", async () => {
    const result = await door.json({ email: "x" }, { origin: "https://www.example.com" });
    expect([result.statusCode, result.headers?.["access-control-allow-origin"]]).toEqual([
      422,
      "https://www.example.com",
    ]);
  });

  it("of any kind may post to a form that lists *", async () => {
    door = await openDoor(await createTestTable(engine.url), { origins: ["*"] });
    const result = await door.json({ email }, { origin: "null" });
    expect([result.statusCode, result.headers?.["access-control-allow-origin"]]).toEqual([202, "*"]);
  });

  it.each([
    ["https://www.example.com", 204],
    ["https://evil.example", 403],
  ])("%s asks first and is answered %i", async (origin, status) => {
    const routeKey = "OPTIONS /v1/forms/{formId}/submissions";
    const result = await door.post({ routeKey, headers: { origin } });
    expect(result.statusCode).toBe(status);
    if (status === 204) expect(result.headers?.["access-control-allow-headers"]).toContain("idempotency-key");
  });
});

it("sends people on to the form's own page", async () => {
  door = await openDoor(await createTestTable(engine.url), { thankYouUrl: "https://www.example.com/thanks" });
  const result = await door.post(urlencoded(`email=${email}`, html));
  expect([result.statusCode, result.headers?.location]).toEqual([303, "https://www.example.com/thanks"]);
});
