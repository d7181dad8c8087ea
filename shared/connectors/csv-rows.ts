import Papa from "papaparse";
import { DomainError } from "../errors.ts";

/** A row of a file, as a spreadsheet numbers it: the column names are row 1. */
export interface CsvRow {
  readonly row: number;
  readonly cells: readonly string[];
}

export interface CsvFile {
  readonly header: readonly string[];
  /** Empty rows are left out; they keep their numbers. */
  readonly rows: readonly CsvRow[];
}

const delimiters = [",", ";", "\t", "|"] as const;

/**
 * Reads CSV as programs and spreadsheets write it: with or without a byte order mark, any line endings, separated by commas,
 * semicolons, tabs or bars (told by the column names alone, or by a first line `sep=;`), cells with line breaks in quotes.
 *
 * @param firstRow the number of the first row below the column names, in a part of a longer file
 * @throws DomainError invalid_input for what is no UTF-8 text, has no column names or quotes that never end
 */
export function readCsv(raw: Buffer, firstRow = 2): CsvFile {
  const whole = utf8Of(raw).replaceAll(/\r\n?/g, "\n");
  const [, stated] = /^sep=(.)\n/.exec(whole) ?? [];
  const text = stated === undefined ? whole : whole.slice(6);
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: stated ?? delimiterOf(text), newline: "\n" });
  const broken = errors.find(({ type }) => type === "Quotes");
  if (broken !== undefined) {
    const row = (broken.row ?? 0) - 1 + firstRow;
    throw unreadable(`/rows/${row}`, `has a quote that is not closed, or text beside a quoted cell: ${broken.message}`);
  }
  const [header = [], ...rows] = data;
  if (header.every((name) => name.trim() === "")) throw unreadable("/rows/1", "has no column names");
  return {
    header: header.map((name) => name.trim()),
    rows: rows
      .map((cells, at) => ({ row: at + firstRow, cells: cells.map((cell) => cell.trim()) }))
      .filter(({ cells }) => cells.some((cell) => cell !== "")),
  };
}

/** The gateway reads `text/*` as UTF-8: bytes that are none come as U+FFFD. */
function utf8Of(raw: Buffer): string {
  const text = raw.toString("utf8").replace(/^\uFEFF/, "");
  const at = text.search(/[\uFFFD\0]/);
  if (at === -1) return text;
  const row = text.slice(0, at).split("\n").length;
  throw unreadable(
    `/rows/${row}`,
    "is not UTF-8 text. Save the file as CSV UTF-8, or convert it: iconv -f windows-1252 -t utf-8 (-f utf-16 for Unicode text)",
  );
}

/** Prices and addresses have commas and semicolons of their own; names of columns have none. */
function delimiterOf(text: string): string {
  const [header = ""] = text.replaceAll(/"(?:[^"]|"")*"/g, "").split("\n", 1);
  const counts = delimiters.map((delimiter) => header.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

function unreadable(pointer: string, message: string): DomainError {
  const row = pointer.replace("/rows/", "Row ");
  return new DomainError("invalid_input", `Nothing was kept: ${row} ${message}.`, {
    errors: [{ pointer, message, code: "unreadable" }],
  });
}
