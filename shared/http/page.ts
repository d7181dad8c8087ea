import { createHash } from "node:crypto";
import type { House } from "./house.ts";
import { Html, html } from "./html.ts";
import { css } from "./page-style.ts";
import type { Reply } from "./reply.ts";

const cssHash = createHash("sha256").update(css).digest("base64");
// Made without the tag: what is escaped would no longer fit the hash.
const style = new Html([`<style>${css}</style>`], []);

/** A public page: no script, no outside resource. */
export interface Page {
  readonly status?: number;
  readonly title: string;
  readonly language?: string;
  readonly body: Html;
  /** Whose page it is: the name stands above it, the name and the postal address below. */
  readonly house?: House;
  /** For a page that is read like a document. */
  readonly wide?: boolean;
  /** What the page asks to mend: says so in the window's title, which is read out first. */
  readonly refused?: boolean;
  /** Where the page's forms may lead, besides here: a redirect after a post counts too. */
  readonly formTargets?: readonly string[];
  /** Sites that may show the page in a frame. */
  readonly frameAncestors?: readonly string[];
  /** `no-referrer` for pages whose address is a secret. */
  readonly referrerPolicy?: "no-referrer" | "same-origin";
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer that shows a page, with a policy that lets it do nothing but show itself and post its form. */
export function pageReply(page: Page): Reply {
  const { status = 200, title, language = "en", body, house, formTargets = [], frameAncestors = [] } = page;
  const markup = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.refused === true && "Not sent: "}${title}${house !== undefined && ` · ${house.publicName}`}</title>
${style}
</head>
<body>
<div class="${page.wide === true ? "page wide" : "page"}">
${house !== undefined && html`<header><p class="brand">${house.publicName}</p></header>`}
<main>
<h1>${title}</h1>
${body}
</main>
${house !== undefined && html`<footer>${house.publicName}, ${house.postalAddress}</footer>`}
</div>
</body>
</html>
`;
  return {
    status,
    html: markup.toString(),
    headers: {
      "content-security-policy": policyOf(formTargets, frameAncestors),
      "referrer-policy": page.referrerPolicy ?? "same-origin",
      ...page.headers,
    },
  };
}

function policyOf(formTargets: readonly string[], frameAncestors: readonly string[]): string {
  const ancestors = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(" ");
  return [
    "default-src 'none'",
    `style-src 'sha256-${cssHash}'`,
    ["form-action 'self'", ...formTargets].join(" "),
    "base-uri 'none'",
    `frame-ancestors ${ancestors}`,
  ].join("; ");
}
