import { describe, expect, it } from "vitest";
import { consoleHandlers } from "../../../shared/console/console-handlers.ts";
import { shellReply } from "../../../shared/console/shell.ts";
import { createRouter } from "../../../shared/http/router.ts";
import { consoleRoutes } from "../../../shared/http/routes/console.ts";
import { postEvent } from "../intake/door.ts";

const settings = {
  publicName: 'Harbour "<Ltd>',
  issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool",
  clientId: "client",
  tokenOrigin: "https://rapport.auth.us-east-1.amazoncognito.com",
};
const files = { "console.js": "start();", "console.css": "body{}" };

function get(routeKey: string, pathParameters: Record<string, string> = {}, own: typeof files = files) {
  const handlers = consoleHandlers({ settings, files: own });
  const router = createRouter({ routes: consoleRoutes, handlers, onFault: expect.fail });
  return router({ ...postEvent({ routeKey }), pathParameters });
}

describe("the console's page", () => {
  it("may run its own script only, and call only its API and the sign-in", async () => {
    const { headers = {} } = await get("GET /console");
    expect(String(headers["content-security-policy"]).split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src data:",
      "connect-src 'self' https://cognito-idp.us-east-1.amazonaws.com https://rapport.auth.us-east-1.amazoncognito.com",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
    });
  });

  it("holds no script, no style and no data of its own, and what it names is escaped", async () => {
    const { body = "" } = await get("GET /console");
    expect(body).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]* src=)|https?:\/\/(?!cognito|www\.w3\.org)/i);
    expect(body).toContain('data-public-name="Harbour &quot;&lt;Ltd&gt;"');
    expect(body).toContain('data-client-id="client"');
  });

  it("asks for new files when they have changed", async () => {
    const addresses = async (own: typeof files) =>
      [...String((await get("GET /console", {}, own)).body).matchAll(/\/console\/[\w.]+\?v=\w+/g)].map(String);
    const before = await addresses(files);
    expect(before).toHaveLength(2);
    expect(await addresses({ ...files })).toEqual(before);
    expect(await addresses({ ...files, "console.css": "main{}" })).not.toEqual(before);
  });

  it("asks no one for tokens but the issuer, where that has no other token endpoint", () => {
    const { headers } = shellReply({ ...settings, tokenOrigin: undefined, filesVersion: "1" });
    expect(headers?.["content-security-policy"]).toContain(
      "connect-src 'self' https://cognito-idp.us-east-1.amazonaws.com;",
    );
  });
});

describe("the console's files", () => {
  it.each([
    ["console.js", "text/javascript; charset=utf-8", "start();"],
    ["console.css", "text/css; charset=utf-8", "body{}"],
  ])("%s comes with its type, and is kept until it changes", async (file, type, text) => {
    const { statusCode, headers, body } = await get("GET /console/{file}", { file });
    expect([statusCode, body]).toEqual([200, text]);
    expect(headers).toMatchObject({
      "content-type": type,
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    });
  });

  it.each(["none.js", "constructor", "__proto__", "../index.js"])("there is no %s", async (file) => {
    const { statusCode, headers } = await get("GET /console/{file}", { file });
    expect([statusCode, headers?.["content-type"]]).toEqual([404, "application/problem+json"]);
  });
});
