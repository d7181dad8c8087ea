import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressesOf, commonHeadersOf, decodeWords, headersOf, recipientsOf } from "../../../../local/mail/message.ts";

const raw = (...lines: string[]) => Buffer.from(`${lines.join("\r\n")}\r\n\r\nbody: not a header`);

describe("headers", () => {
  it("keep their order and case, unfolded, and end at the empty line", () => {
    expect(headersOf(raw("B: 1", "a: 2", " 3", "a:4"))).toEqual([
      { name: "B", value: "1" },
      { name: "a", value: "2 3" },
      { name: "a", value: "4" },
    ]);
  });

  it("are read with bare line feeds too", () => {
    expect(headersOf(Buffer.from("A: 1\nB: 2\n\nC: 3"))).toHaveLength(2);
  });

  it("never break on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => commonHeadersOf(headersOf(Buffer.from(bytes)))).not.toThrow();
      }),
    );
  });
});

describe("addresses", () => {
  it.each([
    ["a@b.example", ["a@b.example"]],
    ['"Doe, Jane" <jane@b.example>, c@d.example', ["jane@b.example", "c@d.example"]],
    ["Team: a@b.example, c@d.example;", ["a@b.example", "c@d.example"]],
    [undefined, []],
  ])("of %j are %j", (value, expected) => {
    expect(addressesOf(value)).toEqual(expected);
  });

  it("of a message without an envelope are those of To, Cc and Bcc", () => {
    expect(recipientsOf(headersOf(raw("To: a@x.example", "Cc: b@x.example", "Bcc: c@x.example")))).toEqual([
      "a@x.example",
      "b@x.example",
      "c@x.example",
    ]);
  });
});

describe("encoded words", () => {
  it.each([
    ["plain", "plain"],
    ["=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
    ["=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"],
    ["=?iso-8859-1?q?caf=E9_noir?=", "café noir"],
    ["=?utf-8?Q?a?= =?utf-8?Q?b?= c", "ab c"],
    ["=?no-such-charset?Q?a?=", "=?no-such-charset?Q?a?="],
  ])("%s reads %s", (text, expected) => {
    expect(decodeWords(text)).toBe(expected);
  });
});
