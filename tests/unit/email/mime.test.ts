import * as fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, test } from "vitest";
import { type Envelope, rawMessage } from "../../../shared/email/mime.ts";

const envelope: Envelope = {
  from: "Rapport <hello@example.com>",
  to: { name: "Ann Example", address: "ann@example.org" },
  mail: { subject: "Hello", html: "<p>Grüße &amp; more</p>", text: "Grüße & more\n" },
  date: new Date("2026-03-01T10:00:00.000Z"),
};

async function parsed(more: Partial<Envelope> = {}) {
  const raw = Buffer.from(await rawMessage({ ...envelope, ...more }));
  const head = raw.subarray(0, raw.indexOf("\r\n\r\n")).toString("latin1");
  const mail = await PostalMime.parse(raw);
  const header = (name: string) => mail.headers.filter(({ key }) => key === name).map(({ value }) => value);
  return { raw, head, mail, header };
}

describe("a raw message", () => {
  test("carries text and HTML as alternatives", async () => {
    const { mail, head } = await parsed();
    expect(head).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(mail.text?.trimEnd()).toBe("Grüße & more");
    expect(mail.html?.trim()).toBe("<p>Grüße &amp; more</p>");
    expect(mail.subject).toBe("Hello");
    expect(mail.from).toMatchObject({ name: "Rapport", address: "hello@example.com" });
    expect(mail.to).toMatchObject([{ name: "Ann Example", address: "ann@example.org" }]);
    expect(mail.date).toBe("2026-03-01T10:00:00.000Z");
  });

  test("leaves the Message-ID to SES and tells robots not to answer", async () => {
    const { header } = await parsed();
    expect(header("message-id")).toEqual([]);
    expect(header("auto-submitted")).toEqual(["auto-generated"]);
  });

  test("is 7-bit, with CRLF and no line over 998 bytes", async () => {
    const { raw } = await parsed({
      mail: { subject: "ä".repeat(190), html: `<p>${"ü ".repeat(3_000)}</p>`, text: "€".repeat(5_000) },
    });
    expect(raw.every((byte) => byte < 0x80)).toBe(true);
    const lines = raw.toString("latin1").split("\r\n");
    expect(lines.every((line) => !line.includes("\n") && line.length <= 998)).toBe(true);
  });

  test("carries the images of prepared content beside the HTML", async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
    const images = [{ cid: "trend", contentType: "image/png", base64: png.toString("base64") }];
    const html = '<p><img src="cid:trend" alt="Leads rise"></p>';
    const { mail, raw } = await parsed({ mail: { subject: "Digest", html, text: "Leads rise", images } });
    expect(raw.toString("latin1")).toContain("multipart/related");
    expect(mail.html).toContain('src="cid:trend"');
    expect(mail.attachments).toMatchObject([{ mimeType: "image/png", contentId: "<trend>", disposition: "inline" }]);
    const [image] = mail.attachments;
    expect(image?.content instanceof ArrayBuffer && Buffer.from(image.content).equals(png)).toBe(true);
  });

  test.each(["Zoë Müller", "山田太郎", "Ann 🎂", 'Ann "the" <Baker>, Ltd.'])(
    "brings the name %j back unchanged",
    async (name) => {
      const { mail } = await parsed({
        to: { name, address: "ann@example.org" },
        mail: { ...envelope.mail, subject: name },
      });
      expect(mail.to).toMatchObject([{ name, address: "ann@example.org" }]);
      expect(mail.subject).toBe(name);
    },
  );

  test("shows no mark that reorders text, and no subject over 200 characters", async () => {
    const to = { name: "Ann\u202egnp", address: "ann@example.org" };
    const { mail } = await parsed({ to, mail: { ...envelope.mail, subject: "x".repeat(300) } });
    expect(mail.to).toMatchObject([{ name: "Anngnp" }]);
    expect(mail.subject).toHaveLength(200);
  });

  test("without a name has the bare address", async () => {
    const { head } = await parsed({ to: { name: "", address: "ann@example.org" } });
    expect(head).toMatch(/^To: ann@example\.org$/m);
  });
});

describe("the headers to unsubscribe", () => {
  const unsubscribeUrl = `https://mail.example/u/v1.${"A".repeat(190)}.${"B".repeat(43)}`;

  test("stand on marketing mail, the link in one piece", async () => {
    const { head, header } = await parsed({ unsubscribeUrl });
    expect(head).toContain(`List-Unsubscribe: <${unsubscribeUrl}>`);
    expect(header("list-unsubscribe-post")).toEqual(["List-Unsubscribe=One-Click"]);
  });

  test("stand on no other mail", async () => {
    const { header } = await parsed();
    expect(header("list-unsubscribe")).toEqual([]);
    expect(header("list-unsubscribe-post")).toEqual([]);
  });
});

test("no name and no subject can add a header or a recipient", async () => {
  const expected = (await parsed()).mail.headers.map(({ key }) => key).sort();
  const piece = fc.constantFrom(
    "\r\n",
    "\n",
    "\r",
    "\u0000",
    "\u0085",
    "\u2028",
    "Bcc: eve@evil.example",
    "<eve@evil.example>",
    ",",
    '"',
    "\\",
    "=?utf-8?q?=0ABcc:_x?=",
    "(",
    ";",
  );
  const hostile = fc
    .array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 8 })
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (name, subject) => {
      const { mail } = await parsed({
        to: { name, address: "ann@example.org" },
        mail: { ...envelope.mail, subject: `S ${subject}` },
      });
      expect(mail.headers.map(({ key }) => key).sort()).toEqual(expected);
      expect(mail.to?.map(({ address }) => address)).toEqual(["ann@example.org"]);
      expect(mail.bcc).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});
