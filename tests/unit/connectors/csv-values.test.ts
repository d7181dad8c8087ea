import { describe, expect, it } from "vitest";
import { readCsv } from "../../../shared/connectors/csv-rows.ts";
import { readDecimal, readInstant } from "../../../shared/connectors/csv-values.ts";

describe("an amount", () => {
  it.each([
    ["19.99", "EUR", "19.99"],
    ["19,99", "EUR", "19.99"],
    ["1.234,50", "EUR", "1234.50"],
    ["1,234.50", "EUR", "1234.50"],
    ["1,234,567", "EUR", "1234567"],
    ["1'234.50", "CHF", "1234.50"],
    ["€ 1 234,50", "EUR", "1234.50"],
    ["$12", "USD", "12"],
    ["0.125", "EUR", "0.125"],
    ["3.3333", "EUR", "3.3333"],
    ["1,500", "JPY", "1500"],
    ["1500", "JPY", "1500"],
    ["12345,678", "KWD", "12345.678"],
  ])("%s %s is %s", (text, currency, value) => {
    expect(readDecimal(text, currency, false)).toEqual({ value });
  });

  it.each([
    ["1,234", "EUR", /may be 1234 or 1\.234/],
    ["1.234", "EUR", /may be 1234 or 1\.234/],
    ["1.234", "KWD", /may be/],
    ["-5.00", "EUR", /negative/],
    ["(5.00)", "EUR", /negative/],
    ["=1+1", "EUR", /no amount/],
    ["1.2.3", "EUR", /no amount/],
    ["12 pieces", "EUR", /no amount/],
    ["1,23,456.00", "EUR", /no amount/],
    ["NaN", "EUR", /no amount/],
  ])("%s %s is none that is sure", (text, currency, problem) => {
    expect(readDecimal(text, currency, false)).toEqual({ fault: expect.stringMatching(problem) });
  });

  it("of a program has a point before decimals", () => {
    expect(readDecimal("1.234", "EUR", true)).toEqual({ value: "1.234" });
  });
});

describe("a time", () => {
  it.each([
    ["2026-03-05", "2026-03-04T23:00:00.000Z"],
    ["2026-03-05 14:30", "2026-03-05T13:30:00.000Z"],
    ["2026-07-05 14:30:10", "2026-07-05T12:30:10.000Z"],
    ["2026-03-05 10:03:46 -0400", "2026-03-05T14:03:46.000Z"],
    ["2026-03-05T10:03:46.123Z", "2026-03-05T10:03:46.000Z"],
    ["2026-03-05T10:03:46+05:30", "2026-03-05T04:33:46.000Z"],
    ["2026-03-05 10:03 UTC", "2026-03-05T10:03:00.000Z"],
    ["2026/3/5", "2026-03-04T23:00:00.000Z"],
    ["5.3.2026", "2026-03-04T23:00:00.000Z"],
    ["05.03.2026, 14:30", "2026-03-05T13:30:00.000Z"],
    // an hour that daylight saving skips, and one that comes twice
    ["2026-03-29 02:30", "2026-03-29T01:30:00.000Z"],
    ["2026-10-25 02:30", "2026-10-25T00:30:00.000Z"],
    ["2024-02-29", "2024-02-28T23:00:00.000Z"],
  ])("%s is %s in Berlin", (text, value) => {
    expect(readInstant(text, "Europe/Berlin")).toEqual({ value });
  });

  it.each([
    ["2026-02-29", /calendar/],
    ["2026-13-01", /calendar/],
    ["2026-03-05 25:00", /calendar/],
    ["03/05/2026", /told for sure/],
    ["46086.6", /told for sure/],
    ["yesterday", /told for sure/],
  ])("%s is none", (text, problem) => {
    expect(readInstant(text, "Europe/Berlin")).toEqual({ fault: expect.stringMatching(problem) });
  });
});

describe("CSV", () => {
  const cells = (text: string | Buffer) => {
    const { header, rows } = readCsv(Buffer.from(text));
    return [header, ...rows.map((row) => [row.row, ...row.cells])];
  };

  it.each([
    ["commas", "a,b\n1,2\n"],
    ["semicolons, and commas in cells", 'a;b\n1;2\n"3,5";"4,5"\n'],
    ["tabs", "a\tb\n1\t2\n"],
    ["bars", "a|b\n1|2\n"],
    ["a byte order mark", "\uFEFFa,b\n1,2\n"],
    ["Windows' line ends", "a,b\r\n1,2\r\n"],
    ["an old Mac's line ends", "a,b\r1,2\r"],
    ["a spreadsheet's own line", "sep=;\na;b\n1;2\n"],
    ["no line end at last", "a,b\n1,2"],
    ["quotes and spaces", '"a" , b\n 1 ,"2"\n'],
  ])("with %s is read", (_, text) => {
    expect(cells(text).slice(0, 2)).toEqual([
      ["a", "b"],
      [2, "1", "2"],
    ]);
  });

  it("keeps quoted line breaks and quotes, leaves empty rows out, and numbers rows as a spreadsheet", () => {
    expect(cells('a,b\n"x\ny","say ""so"""\n\n,\nlast,=1+1')).toEqual([
      ["a", "b"],
      [2, "x\ny", 'say "so"'],
      [5, "last", "=1+1"],
    ]);
    expect(readCsv(Buffer.from("a\n1\n2"), 40).rows.map(({ row }) => row)).toEqual([40, 41]);
  });

  it.each([
    ["Windows-1252", Buffer.from("name,b\nJos\u00e9,2\n", "latin1"), /Row 2 is not UTF-8/],
    ["UTF-16", Buffer.from("a,b\n1,2\n", "utf16le"), /Row 1 is not UTF-8/],
    ["with NUL", Buffer.from("a,b\n1,\0"), /Row 2 is not UTF-8/],
    ["a quote that never ends", Buffer.from('a,b\n1,2\n3,"4\n5,6'), /Row 3 has a quote/],
    ["nothing", Buffer.from(""), /no column names/],
  ])("of %s is refused, with the row", (_, raw, problem) => {
    expect(() => readCsv(raw)).toThrow(problem);
  });
});
