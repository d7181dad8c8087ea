import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { html } from "../../../shared/http/html.ts";
import { pageReply } from "../../../shared/http/page.ts";

it("escapes every value, in elements and in attributes, and leaves markup of its own alone", () => {
  const inner = html`<b>${"<i>"}</b>`;
  expect(String(html`<p title="${`"'&`}">${["a&b", inner, 3]}${false}${undefined}</p>`)).toBe(
    `<p title="&quot;&#39;&amp;">a&amp;b<b>&lt;i&gt;</b>3</p>`,
  );
});

it("lets no text out of its place", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const inside = String(html`<p title="${text}">`).slice('<p title="'.length, -'">'.length);
      expect(inside).not.toMatch(/[<>"']/);
    }),
  );
});

it("sends pages that may do nothing but show themselves and post their form", () => {
  const reply = pageReply({ title: "T", body: html`<p>x</p>`, formTargets: ["https://www.example.com"] });
  const css = /<style>([^<]*)<\/style>/.exec(reply.html ?? "")?.[1] ?? "";
  const hash = createHash("sha256").update(css).digest("base64");
  expect(reply.headers?.["content-security-policy"]).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self' https://www.example.com; base-uri 'none'; frame-ancestors 'none'`,
  );
  expect(css).toContain(".trap");
});
