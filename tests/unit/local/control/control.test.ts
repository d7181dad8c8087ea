import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseDuration } from "../../../../local/control/duration.ts";
import { duration, parse } from "../../../../local/control/route.ts";
import { match, routes } from "../../../../local/control/server.ts";

describe("a time in a request", () => {
  it.each([
    ["25h", 90_000_000],
    ["1m", 60_000],
    ["1d12h", 129_600_000],
    ["1.5h", 5_400_000],
    ["1500ms", 1500],
    ["2w", 1_209_600_000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "5", "h", "-1h", "1 h", "1y"])('"%s" is refused', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(() => parse(duration, text)).toThrow(/is not a time such as 25h/);
  });
});

describe("a path of the control endpoint", () => {
  it("gives the values in the place of its parameters", () => {
    expect(match("/_local/mail/{id}/open", "/_local/mail/a%2Fb/open")).toEqual({ id: "a/b" });
  });

  it.each(["/_local/mail/1", "/_local/mail/1/click", "/_local/mail/1/open/2"])("is not %s", (path) => {
    expect(match("/_local/mail/{id}/open", path)).toBeUndefined();
  });

  it("is decoded, or refused", () => {
    expect(() => match("/_local/mail/{id}", "/_local/mail/%E0")).toThrow(/not well-formed/);
  });

  it("stands in the guide, as every other", () => {
    const guide = readFileSync(new URL("../../../../local/README.md", import.meta.url), "utf8");
    const missing = routes.filter(({ method, path }) => !guide.includes(`\`${method} /_local${path}`));
    expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});
