import { html } from "../http/html.ts";
import type { Reply } from "../http/reply.ts";

/** What the console must know before anybody has signed in. */
export interface ConsoleSettings {
  /** What the company calls itself. */
  readonly publicName: string;
  /** Who signs the staff in: an OpenID Connect issuer. */
  readonly issuer: string;
  readonly clientId: string;
  /** Origin of the token endpoint, if that is not the issuer's. */
  readonly tokenOrigin?: string | undefined;
  /** Changes with the files, so that a browser keeps them until then. */
  readonly filesVersion: string;
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%231a5fb4'/%3E%3Ccircle cx='10' cy='11' r='4' fill='white'/%3E%3Ccircle cx='22' cy='21' r='4' fill='white'/%3E%3Cpath d='M10 15v6h8' stroke='white' stroke-width='2.5' fill='none'/%3E%3C/svg%3E";

/** The console's one page: the same for everybody, without data. Its script does the rest. */
export function shellReply(settings: ConsoleSettings): Reply {
  const { publicName, issuer, clientId, filesVersion } = settings;
  const markup = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>Rapport · ${publicName}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="/console/console.css?v=${filesVersion}">
<script type="module" src="/console/console.js?v=${filesVersion}"></script>
</head>
<body>
<div id="console" data-public-name="${publicName}" data-issuer="${issuer}" data-client-id="${clientId}"></div>
<noscript><p>The console needs JavaScript. What it shows can be read over the API too.</p></noscript>
</body>
</html>
`;
  return {
    status: 200,
    html: markup.toString(),
    headers: {
      "content-security-policy": policyOf(settings),
      // The code of a sign-in stands in the address for a moment.
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": "camera=(), geolocation=(), microphone=()",
    },
  };
}

/** Own files only; calls go to the API beside the page and to who signs the staff in. */
function policyOf({ issuer, tokenOrigin }: ConsoleSettings): string {
  const reached = new Set(["'self'", new URL(issuer).origin, ...(tokenOrigin === undefined ? [] : [tokenOrigin])]);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src data:",
    `connect-src ${[...reached].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
