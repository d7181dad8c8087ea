import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanLine, cleanText, greetingName } from "../../../shared/email/clean-text.ts";
import { type MergeValues, renderMail } from "../../../shared/email/render.ts";
import { exampleData } from "../../../shared/email/templates/example.ts";
import type { Template } from "../../../shared/email/templates/template.ts";
import { templateOf, templates } from "../../../shared/email/templates/templates.ts";
import { shippedSurveys } from "../../../shared/surveys/shipped.ts";
import { surveyMailOf } from "../../../shared/surveys/survey-mail.ts";

const values: MergeValues = {
  firstName: "Ann",
  publicName: "Bäckerei <Sonne> & Söhne",
  postalAddress: "Hauptstraße 1\n12345 Ort",
  unsubscribeUrl: "",
  preferencesUrl: "https://mail.example/p/v1.a.b",
  confirmUrl: "https://mail.example/c/v1.a.b",
};

describe.each([...templates.values()])("the template $id", (template) => {
  const marketing = template.stream === "marketing";
  const survey = shippedSurveys.get(template.survey ?? "");
  const own = {
    ...values,
    unsubscribeUrl: marketing ? "https://mail.example/u/v1.a.b" : "",
    ...(survey !== undefined && { survey: surveyMailOf(survey, "https://mail.example/s/v1.a.b", "en") }),
  };
  const mail = renderMail(template, own, exampleData);

  test("greets by name, and without a name never with a hole", () => {
    expect(mail.html).toContain("Hello Ann,");
    const nameless = renderMail(template, { ...own, firstName: "" }, exampleData);
    expect(nameless.html).toContain("Hello,");
    expect(nameless.text).toContain("Hello,");
  });

  test("escapes values in HTML and not in text or subject", () => {
    expect(mail.html).toContain("Bäckerei &lt;Sonne&gt; &amp; Söhne");
    expect(mail.html).not.toContain("<Sonne>");
    expect(mail.text).toContain("Bäckerei <Sonne> & Söhne");
    expect(mail.subject).not.toContain("&lt;");
    if (template.subject.includes("publicName")) expect(mail.subject).toContain("Bäckerei <Sonne> & Söhne");
  });

  test("names the sender's postal address, on one line", () => {
    expect(mail.html).toContain("Hauptstraße 1 12345 Ort");
    expect(mail.text).toContain("Hauptstraße 1 12345 Ort");
  });

  test("offers to unsubscribe just when it is marketing", () => {
    expect(mail.html.includes("Unsubscribe")).toBe(marketing);
    expect(mail.text.includes("https://mail.example/u/v1.a.b")).toBe(marketing);
  });

  test("is a readable page: language, title, width, roles of its tables, both colour schemes, small", () => {
    expect(mail.html).toMatch(/<html lang="en"/);
    expect(mail.html).toMatch(/<title>[^<]+<\/title>/);
    expect(mail.html).toContain("max-width:600px");
    expect(mail.html).toContain("prefers-color-scheme: dark");
    const tables = mail.html.match(/<table\b[^>]*>/g) ?? [];
    expect(tables.every((table) => table.includes('role="presentation"'))).toBe(true);
    expect(Buffer.byteLength(mail.html)).toBeLessThan(10_000);
  });

  test("leaves no Liquid behind, and does not let clicks on its control links be counted", () => {
    expect(mail.html + mail.text + mail.subject).not.toMatch(/\{\{|\{%/);
    const links = mail.html.match(/<a\b[^>]*>/g) ?? [];
    const control = links.filter((link) => /mail\.example\/[ucp]\//.test(link));
    expect(control.every((link) => link.includes("ses:no-track"))).toBe(true);
    expect(control.length).toBe(marketing ? 2 : Number(template.asksForConsent));
  });
});

test("a template may name the link to unsubscribe as other systems do, and no request replaces it", () => {
  const html = '<a href="{{ unsubscribe_url }}" ses:no-track>Stop</a>';
  const own = { ...values, unsubscribeUrl: "https://mail.example/u/v1.a.b" };
  const mail = renderMail({ ...templateOf("welcome"), html }, own, { unsubscribe_url: "https://evil.example/" });
  expect(mail.html).toContain('<a href="https://mail.example/u/v1.a.b" ses:no-track>Stop</a>');
});

test("the confirmation has one button, and its link also in text", () => {
  const mail = renderMail(templateOf("confirm-subscription"), values, {});
  expect(mail.html.match(/<a\b/g)).toHaveLength(1);
  expect(mail.html).toContain('href="https://mail.example/c/v1.a.b"');
  expect(mail.text).toContain("\nhttps://mail.example/c/v1.a.b\n");
});

test("the acknowledgement names the form when it is told", () => {
  const mail = renderMail(templateOf("form-acknowledgement"), values, { formTitle: "Offer <b>" });
  expect(mail.html).toContain("“Offer &lt;b&gt;”");
});

describe("rendering", () => {
  const template: Template = {
    ...templateOf("welcome"),
    html: "{{ note }}",
    text: "{{ note }}",
    subject: "News {{ note }}",
  };

  test("merges any text without an element, a control character or a second header line", async () => {
    await fc.assert(
      fc.property(fc.string({ unit: "binary" }), (note) => {
        const mail = renderMail(template, values, { note });
        const body = mail.html.slice(
          mail.html.indexOf('line-height:1.5">') + 17,
          mail.html.indexOf('</td></tr>\n<tr><td class="foot"'),
        );
        expect(body).not.toMatch(/[<>"]/);
        expect(`${mail.html}${mail.text}`).not.toMatch(/(?![\n\t])\p{Cc}/u);
        expect(mail.subject).not.toMatch(/\p{Cc}|\p{Zl}|\p{Zp}/u);
      }),
      { numRuns: 300 },
    );
  });

  test("does not run Liquid that came in as data", () => {
    const mail = renderMail(template, values, { note: "{{ publicName }}{% raw %}" });
    expect(mail.text).toContain("{{ publicName }}{% raw %}");
  });

  test("does not let a request's data replace our links", () => {
    const mail = renderMail(templateOf("confirm-subscription"), values, { confirmUrl: "https://evil.example" });
    expect(mail.html).not.toContain("evil.example");
  });

  test("fails for a value that is missing and for a filter that does not exist", () => {
    expect(() => renderMail(template, values, {})).toThrow("note");
    expect(() => renderMail({ ...template, html: "{{ firstName | shout }}" }, values, { note: "" })).toThrow("shout");
  });

  test("fails above 102 KB of HTML, which mailboxes cut", () => {
    expect(() => renderMail(template, values, { note: "x".repeat(100_000) })).not.toThrow();
    expect(() => renderMail(template, values, { note: "x".repeat(105_000) })).toThrow("102 KB");
  });
});

test.each([
  ["Ann", "Ann"],
  ["  Anne-Marie  O'Neil ", "Anne-Marie O'Neil"],
  ["李", "李"],
  ["Dr. Ann", "Dr. Ann"],
  ["Ann\r\nBcc: x", "Ann Bcc: x"],
  [undefined, ""],
  ["", ""],
  ["...", ""],
  ["Win http://spam.example", ""],
  ["www.spam.example", ""],
  ["spam.example now", ""],
  ["ann@example.com", ""],
  ["<b>Ann</b>", ""],
  ["x".repeat(61), ""],
])("the name %j is greeted as %j", (given, expected) => {
  expect(greetingName(given)).toBe(expected);
});

test("cleaning keeps letters, emoji and line feeds, and removes what hides or reorders", () => {
  expect(cleanText("a\r\nb\u0000\u0007\u202Ec\u200Bd 👩‍💻\ud800")).toBe("a\nbcd 👩‍💻\ufffd");
  expect(cleanLine("a\r\n b\t c")).toBe("a b c");
  expect(cleanLine("x".repeat(300))).toHaveLength(200);
});
