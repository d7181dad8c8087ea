import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressHash, normaliseEmail, parseEmailAddress } from "../../../shared/contacts/email-address.ts";

describe("an e-mail address", () => {
  it.each([
    ["ada@example.com", "ada@example.com"],
    ["  Ada.Lovelace@EXAMPLE.com ", "Ada.Lovelace@example.com"],
    ["o'hara+news@mail.example.museum", "o'hara+news@mail.example.museum"],
    ["a@b.photography", "a@b.photography"],
    ["#!$%&'*+/=?^_`{}|~-@example.org", "#!$%&'*+/=?^_`{}|~-@example.org"],
    ["1@2.example", "1@2.example"],
    ["user@münchen.example", "user@xn--mnchen-3ya.example"],
    ["user@例え.テスト", "user@xn--r8jz45g.xn--zckzah"],
    ["user@xn--mnchen-3ya.example", "user@xn--mnchen-3ya.example"],
    [`${"a".repeat(64)}@example.com`, `${"a".repeat(64)}@example.com`],
  ])("%s is sent to as %s", (text, address) => {
    expect(parseEmailAddress(text)).toEqual({ address, normalised: address.toLowerCase() });
  });

  it.each([
    "",
    "ada",
    "@example.com",
    "ada@",
    "ada@example",
    "ada@@example.com",
    "a da@example.com",
    "ada@exam ple.com",
    ".ada@example.com",
    "ada.@example.com",
    "a..b@example.com",
    "ada@.example.com",
    "ada@example..com",
    "ada@example.com.",
    "ada@-example.com",
    "ada@192.0.2.1",
    "ada@[192.0.2.1]",
    '"ada b"@example.com',
    "Ada <ada@example.com>",
    "ada@example.com,eve@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "ada\u0000@example.com",
    "ada@example.com%0d%0a",
    "jürgen@example.com",
    "ada@exa_mple.com",
    "ada@exa%6dple.com",
    `${"a".repeat(65)}@example.com`,
    `a@${"a".repeat(64)}.com`,
    `a@${"a.".repeat(127)}com`,
  ])("is not %j", (text) => {
    expect(parseEmailAddress(text)).toBeUndefined();
  });

  it("is one line of ASCII with one @, and reads the same when it is read again", () => {
    const alphabet = fc.constantFrom(..."aB1.@-+'ü \r\n\u0000%<>\",;:[]()\\");
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 40 }), fc.boolean(), (text, hasTail) => {
        const parsed = parseEmailAddress(hasTail ? `${text}@example.com` : text);
        if (parsed === undefined) return;
        expect(parsed.address).toMatch(/^[\x21-\x7e]+@[a-z0-9.-]+$/);
        expect(parsed.address.split("@")).toHaveLength(2);
        expect(parseEmailAddress(parsed.address)).toEqual(parsed);
        expect(parseEmailAddress(parsed.normalised)?.normalised).toBe(parsed.normalised);
      }),
      { numRuns: 2_000 },
    );
  });

  it("has one hash, however it is spelt", () => {
    expect(addressHash("User@MÜNCHEN.example")).toBe(addressHash("user@xn--mnchen-3ya.example"));
    expect(addressHash("ada@example.com")).not.toBe(addressHash("ada@example.org"));
    expect(() => normaliseEmail("ada")).toThrow("not an e-mail address");
  });
});
