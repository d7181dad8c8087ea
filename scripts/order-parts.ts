import Papa from "papaparse";
import { columnName } from "../shared/connectors/csv-formats.ts";
import { readCsv } from "../shared/connectors/csv-rows.ts";

/** What the rows of an order have in common, in the formats that there are; the surest first. */
const grouping = ["order_id", "name", "id"];

/** A part of a file of orders that can be read alone. */
export interface OrderPart {
  /** The number of its first row in the whole file. */
  readonly firstRow: number;
  readonly csv: string;
}

/** Cuts a file of orders between orders, once a part has so many characters; each part gets the column names. */
export function* partsOf(text: string, partCharacters: number): Generator<OrderPart> {
  const { header, rows } = readCsv(Buffer.from(text));
  const names = header.map(columnName);
  const group = names.indexOf(grouping.find((name) => names.includes(name)) ?? "");
  let part: { firstRow: number; lines: string[]; length: number } | undefined;
  const written = ({ firstRow, lines }: NonNullable<typeof part>): OrderPart => {
    return { firstRow, csv: [Papa.unparse([header]), ...lines].join("\n") };
  };
  for (const [at, { row, cells }] of rows.entries()) {
    const isNew = cells[group] !== rows[at - 1]?.cells[group];
    if (part !== undefined && isNew && part.length > partCharacters) {
      yield written(part);
      part = undefined;
    }
    part ??= { firstRow: row, lines: [], length: 0 };
    // Empty rows keep their places, so that faults name rows as the file has them.
    while (part.firstRow + part.lines.length < row) part.lines.push("");
    const line = Papa.unparse([cells]);
    part.lines.push(line);
    part.length += line.length + 1;
  }
  if (part !== undefined) yield written(part);
}

/** Spreadsheets write UTF-8, UTF-16 or the signs of Windows; the API takes UTF-8. */
export function textOf(raw: Buffer): string {
  const mark = raw.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") return new TextDecoder(mark === "fffe" ? "utf-16le" : "utf-16be").decode(raw);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(raw);
  } catch {
    return new TextDecoder("windows-1252").decode(raw);
  }
}
