import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRoutes } from "../../../../local/api/routes.ts";
import { routeOf } from "./fixture.ts";

const find = compileRoutes(
  [
    "$default",
    "ANY /{proxy+}",
    "GET /pets/{proxy+}",
    "GET /pets/dog/{id}",
    "GET /pets/dog/1",
    "ANY /pets/dog/{id}",
    "POST /v1/forms/{formId}/submissions",
    "GET /",
  ].map((key) => routeOf(key)),
);

describe("the route of a request", () => {
  it.each([
    ["GET", "/pets/dog/1", "GET /pets/dog/1", {}],
    ["GET", "/pets/dog/2", "GET /pets/dog/{id}", { id: "2" }],
    ["PUT", "/pets/dog/1", "ANY /pets/dog/{id}", { id: "1" }],
    ["GET", "/pets/cat/5", "GET /pets/{proxy+}", { proxy: "cat/5" }],
    ["GET", "/pets/dog/2/toys", "GET /pets/{proxy+}", { proxy: "dog/2/toys" }],
    ["POST", "/pets/cat/5", "ANY /{proxy+}", { proxy: "pets/cat/5" }],
    ["POST", "/v1/forms/a%2Fb%20%C3%BC/submissions", "POST /v1/forms/{formId}/submissions", { formId: "a/b ü" }],
    ["GET", "/v1/forms/x/submissions", "ANY /{proxy+}", { proxy: "v1/forms/x/submissions" }],
    ["GET", "/pets/dog/%zz", "GET /pets/dog/{id}", { id: "%zz" }],
    ["GET", "/", "GET /", {}],
    ["POST", "/", "$default", {}],
    ["GET", "/pets/dog/", "GET /pets/{proxy+}", { proxy: "dog/" }],
  ])("%s %s is %s", (method, path, routeKey, pathParameters) => {
    const match = find(method, path);
    expect(match?.route.routeKey).toBe(routeKey);
    expect(match?.pathParameters).toEqual(pathParameters);
  });

  it("is none where nothing matches and there is no $default", () => {
    const strict = compileRoutes([routeOf("GET /a"), routeOf("GET /a/{id}")]);
    expect(strict("POST", "/a")).toBeUndefined();
    expect(strict("GET", "/a/")).toBeUndefined();
    expect(strict("GET", "/a/b/c")).toBeUndefined();
  });

  it("gives a parameter as it was before it was encoded", () => {
    const one = compileRoutes([routeOf("GET /x/{id}")]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (id) => {
        expect(one("GET", `/x/${encodeURIComponent(id)}`)?.pathParameters).toEqual({ id });
      }),
    );
  });
});
