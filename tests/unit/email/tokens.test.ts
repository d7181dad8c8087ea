import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { signToken, type TokenClaims, verifyToken } from "../../../shared/email/tokens.ts";

const key = (id: string) => ({ id, secret: randomBytes(32).toString("base64") });
const [older, newer, foreign] = [key("a"), key("b"), key("c")];
const claims: TokenClaims = { purpose: "confirm", addressHash: "ab12", contactId: "c1", reference: "r1" };
const invalid = expect.objectContaining({ code: "invalid_token" });

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("a signed link", () => {
  test("carries its claims and is safe in a URL", async () => {
    const text = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" });
    await fc.assert(
      fc.property(
        fc.constantFrom("unsubscribe" as const, "confirm" as const),
        text,
        text,
        fc.option(text, { nil: undefined }),
        (purpose, addressHash, contactId, reference) => {
          const given = { purpose, addressHash, contactId, ...(reference !== undefined && { reference }) };
          const token = signToken([newer], given);
          expect(token).toMatch(/^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
          expect(verifyToken([newer], token)).toEqual(given);
        },
      ),
    );
  });

  test("is signed by the newest key and verified by all", () => {
    const old = signToken([older], claims);
    const fresh = signToken([newer, older], claims);
    expect(verifyToken([newer, older], old)).toEqual(claims);
    expect(verifyToken([newer], fresh)).toEqual(claims);
    expect(errorOf(() => verifyToken([older], fresh))).toEqual(invalid);
  });

  test("is refused when any one character is another", async () => {
    const token = signToken([newer], claims);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    await fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...alphabet), (at, letter) => {
        fc.pre(token[at] !== letter);
        const forged = token.slice(0, at) + letter + token.slice(at + 1);
        expect(errorOf(() => verifyToken([newer], forged))).toEqual(invalid);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["an empty text", ""],
    ["a foreign key's", signToken([foreign], claims)],
    ["another version's", signToken([newer], claims).replace("v1", "v2")],
    ["one without signature", signToken([newer], claims).split(".").slice(0, 2).join(".")],
    ["one with something behind it", `${signToken([newer], claims)}A`],
    ["one with a line break behind it", `${signToken([newer], claims)}\n`],
    ["a very long one", `v1.${"A".repeat(100_000)}.${"A".repeat(43)}`],
  ])("refuses %s", (_, token) => {
    expect(errorOf(() => verifyToken([newer, older], token))).toEqual(invalid);
  });

  test("refuses everything while there is no key, and signs nothing", () => {
    expect(errorOf(() => verifyToken([], signToken([newer], claims)))).toEqual(invalid);
    expect(() => signToken([], claims)).toThrow("no key");
  });
});
