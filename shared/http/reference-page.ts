import { type Html, html } from "./html.ts";
import { type OpenApiDocument, openApiDocument } from "./openapi.ts";
import { pageReply } from "./page.ts";
import type { Reply } from "./reply.ts";
import type { RouteDeclaration } from "./route.ts";
import { routes } from "./routes.ts";

/** The API's reference, made from the same routes as the OpenAPI document; the schemas unfold without a script. */
export function referencePage(): Reply {
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  const { paths } = openApiDocument();
  return pageReply({
    title: "Rapport API",
    wide: true,
    body: html`<p>Public routes take leads and events, at the address of this page. Staff routes have an address of their own and
need an access token (<code>Authorization: Bearer …</code>). Errors are problem documents (RFC 9457). For programs:
<a href="/openapi.json">openapi.json</a>.</p>
<nav aria-label="Sections"><ul class="jump">${tags.map((tag) => html`<li><a href="#${tag}">${tag}</a></li>`)}</ul></nav>
${tags.map((tag) => section(tag, paths))}`,
  });
}

function section(tag: string, paths: OpenApiDocument["paths"]): Html {
  const members = routes.filter((route) => route.tag === tag);
  return html`<section id="${tag}"><h2>${tag}</h2>${members.map((route) => operation(route, paths))}</section>`;
}

function operation(route: RouteDeclaration, paths: OpenApiDocument["paths"]): Html {
  const details = JSON.stringify(paths[route.path]?.[route.method.toLowerCase()], undefined, 2);
  return html`<article id="${route.operationId}"><h3><code>${route.method} ${route.path}</code></h3>
<p>${prose(route.summary)}.${route.description !== undefined && html` ${prose(route.description)}`}</p>
<p class="hint">${accessOf(route)}</p>
<details><summary>Parameters, body and answers</summary><pre>${details}</pre></details></article>`;
}

/** Text with what stands between backticks as code. */
function prose(text: string): Html[] {
  return text.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function accessOf({ security, roles, scopes, api }: RouteDeclaration): string {
  if (security === "apiKey")
    return "Needs an API key: HTTP Basic with the key as user name and no password, or Bearer.";
  if (security === "token") return "Needs nothing but the signed link from a mail.";
  if (api === "public" || security === "none") return "Open to everyone.";
  return `Needs the scope ${scopes.join(" or ")}; for ${roles.length === 0 ? "every role" : roles.join(", ")}.`;
}
