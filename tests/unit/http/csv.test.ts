import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { acceptsCsv, csvOf } from "../../../shared/http/csv.ts";

describe("CSV", () => {
  it("quotes what needs it, ends lines by CRLF, and leaves unknown cells empty", () => {
    const rows = [{ a: 'say "no", twice', b: -1.5 }, { a: "two\nlines", b: null }, { b: true }];
    expect(csvOf(["a", "b"], rows)).toBe('a,b\r\n"say ""no"", twice",-1.5\r\n"two\nlines",\r\n,true\r\n');
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("makes no formula of the text %j", (text) => {
    expect(csvOf(["a"], [{ a: text }])).toContain(`"'${text}"`);
  });

  it("is read back as it was written", () => {
    const text = fc.string().filter((value) => !/^[=+\-@\t\r]/.test(value));
    fc.assert(
      fc.property(fc.array(fc.record({ a: text, b: text }), { minLength: 1, maxLength: 5 }), (rows) => {
        expect(Papa.parse(csvOf(["a", "b"], rows), { header: true, delimiter: "," }).data.slice(0, -1)).toEqual(rows);
      }),
    );
  });

  it.each([
    [undefined, false],
    ["*/*", false],
    ["application/json", false],
    ["text/csv", true],
    ["Text/CSV;q=0.9, */*", true],
  ])("is answered to who accepts %s: %s", (accept, expected) => {
    expect(acceptsCsv({ accept })).toBe(expected);
  });
});
