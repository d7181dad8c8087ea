import { expect, it } from "vitest";
import { secretOf } from "../../../shared/access/api-key.ts";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

it.each<[string, string | undefined, string | undefined]>([
  ["as Segment sends it", basic("rk_abc:"), "rk_abc"],
  ["as the user, whatever the password", basic("rk_abc:x:y"), "rk_abc"],
  ["as the user alone", basic("rk_abc"), "rk_abc"],
  ["as a bearer token", "Bearer rk_abc", "rk_abc"],
  ["in another spelling", "bearer   rk_abc ", "rk_abc"],
  ["without a user", basic(":secret"), undefined],
  ["of another scheme", "Digest rk_abc", undefined],
  ["of no scheme", "rk_abc", undefined],
  ["of nothing", undefined, undefined],
  ["too long", `Bearer ${"x".repeat(501)}`, undefined],
])("reads a key %s", (_, authorization, secret) => {
  expect(secretOf(authorization)).toBe(secret);
});
