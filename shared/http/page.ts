import { createHash } from "node:crypto";
import { Html, html } from "./html.ts";
import type { Reply } from "./reply.ts";

const css =
  ":root{color-scheme:light dark}" +
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:0 auto;padding:2rem 1rem}" +
  "h1{font-size:1.5rem;line-height:1.2}label,legend{display:block;font-weight:600;margin-top:1rem}" +
  "input,select,textarea,button{font:inherit;box-sizing:border-box;padding:.5rem;width:100%}" +
  "textarea{min-height:8rem}.tick{display:flex;gap:.5rem;align-items:start;margin-top:1rem}" +
  ".tick input{width:1.25rem;height:1.25rem;flex:none;margin:.125rem 0}.tick label{margin:0;font-weight:400}" +
  "button{width:auto;padding:.6rem 1.5rem;margin-top:1.5rem;cursor:pointer}" +
  ".trap{position:absolute;left:-100vw;width:1px;height:1px;overflow:hidden}" +
  ".hint,footer{font-size:.875rem;opacity:.8}footer{margin-top:3rem}";
const cssHash = createHash("sha256").update(css).digest("base64");
// Made without the tag: what is escaped would no longer fit the hash.
const style = new Html([`<style>${css}</style>`], []);

/** A public page: no script, no outside resource. */
export interface Page {
  readonly status?: number;
  readonly title: string;
  readonly language?: string;
  readonly body: Html;
  readonly footer?: string;
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
  const { status = 200, title, language = "en", body, footer, formTargets = [], frameAncestors = [] } = page;
  const markup = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
${style}
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
${footer !== undefined && html`<footer>${footer}</footer>`}
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
