import Papa from "papaparse";

/** What a cell may hold. Null and undefined are empty cells. */
export type Cell = string | number | boolean | null | undefined;

/** Whether a request accepts CSV, which is then answered in place of JSON. */
export function acceptsCsv(headers: Readonly<Record<string, string | undefined>>): boolean {
  return /\btext\/csv\b/i.test(headers.accept ?? "");
}

/**
 * Rows under a line of column names (RFC 4180: commas, CRLF, quotes where a cell needs them). Texts that a spreadsheet
 * would take for a formula get an apostrophe before them; numbers are left as they are, negative ones included.
 */
export function csvOf<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Partial<Record<Column, Cell>>>[],
): string {
  const data = rows.map((row) => columns.map((column) => row[column] ?? ""));
  return `${Papa.unparse({ fields: [...columns], data }, { escapeFormulae: true })}\r\n`;
}
