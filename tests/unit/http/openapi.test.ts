import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../../shared/http/openapi.ts";
import { referencePage } from "../../../shared/http/reference-page.ts";
import { routeKeyOf } from "../../../shared/http/route.ts";
import { routes } from "../../../shared/http/routes.ts";

describe("the declared routes", () => {
  it("have each their own operation id and key", () => {
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length);
    expect(new Set(routes.map((route) => `${route.api} ${routeKeyOf(route)}`)).size).toBe(routes.length);
  });

  it("guard every staff route but the console's own files by scopes and roles, and no public one by either", () => {
    for (const route of routes) {
      const guarded = route.scopes.length > 0 && route.roles.length > 0 && route.security === "jwt";
      const isGuarded = route.api === "staff" && route.function !== "console";
      expect([route.operationId, guarded]).toEqual([route.operationId, isGuarded]);
    }
  });

  it("declare a schema for each parameter in their path", () => {
    const { paths } = openApiDocument();
    for (const route of routes) {
      const names = [...route.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      const operation = paths[route.path]?.[route.method.toLowerCase()] as {
        parameters?: { name: string; in: string }[];
      };
      const declared = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === "path")
        .map(({ name }) => name);
      expect([route.path, declared]).toEqual([route.path, names]);
    }
  });
});

describe("the OpenAPI document", () => {
  it("is valid by an independent validator", async () => {
    const result = await new Validator().validate(structuredClone(openApiDocument()) as Record<string, unknown>);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it("is refused by that validator once it is broken", async () => {
    const broken = { ...openApiDocument(), paths: { "/v1/broken": { get: { responses: 7 } } } };
    expect((await new Validator().validate(structuredClone(broken) as Record<string, unknown>)).valid).toBe(false);
  });

  it("shows the schema of every JSON answer of the staff API", () => {
    for (const route of routes.filter(({ security }) => security === "jwt")) {
      for (const [status, response] of Object.entries(route.responses)) {
        const isJson = status !== "204" && !("mediaType" in response && response.mediaType === "text/html");
        const told = !isJson || response.schema !== undefined;
        expect([route.operationId, status, told]).toEqual([route.operationId, status, true]);
      }
    }
  });
});

it("shows every route on the reference page, escaped", () => {
  const { html = "" } = referencePage();
  for (const route of routes) expect(html).toContain(`<code>${route.method} ${route.path}</code>`);
  expect(html).not.toContain("<script");
});
