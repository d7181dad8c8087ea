import { expect, it } from "vitest";
import { partsOf, textOf } from "../../../scripts/order-parts.ts";
import { orderFormats } from "../../../shared/connectors/csv-formats.ts";
import { readOrderFile } from "../../../shared/connectors/csv-orders.ts";

const read = (text: string, firstRow?: number) =>
  readOrderFile(Buffer.from(text), {
    source: "shop",
    format: orderFormats.generic,
    timeZone: "UTC",
    now: new Date("2026-03-05T12:00:00.000Z"),
    firstRow,
  });

/** Orders of one to three rows, with line breaks in cells, empty rows and a fault here and there. */
const rows = Array.from({ length: 30 }, (_, at) => [
  ...Array.from({ length: 1 + (at % 3) }, (__, line) =>
    line === 0
      ? `${at};Nora;${at % 7 === 0 ? "nobody" : `b${at}@x.example`};2026-03-01;EUR;5,00;"a\nmug"`
      : `${at};;;;;;Bowl`,
  ),
  ...(at % 5 === 0 ? [""] : []),
]).flat();
const text = ["order_id;name;email;occurred_at;currency;total;product_name", ...rows].join("\r\n");

it.each([1, 60, 200, 1_000_000])(
  "cuts a file into parts of %i characters that say what the whole says, under its rows",
  (size) => {
    const parts = [...partsOf(text, size)];
    expect(parts.length === 1).toBe(size === 1_000_000);
    const read1 = read(text);
    const all = parts.map(({ firstRow, csv }) => read(csv, firstRow));
    expect(read1.faults.length).toBe(5);
    expect(all.flatMap(({ faults }) => faults)).toEqual(read1.faults);
    expect(all.flatMap(({ orders }) => orders)).toEqual(read1.orders);
  },
);

it.each([
  ["UTF-8", Buffer.from("José €")],
  ["UTF-8 with a mark", Buffer.from("\uFEFFJosé €")],
  ["UTF-16", Buffer.from("\uFEFFJosé €", "utf16le")],
  ["UTF-16 the other way round", Buffer.from("\uFEFFJosé €", "utf16le").swap16()],
  ["Windows-1252", Buffer.from([0x4a, 0x6f, 0x73, 0xe9, 0x20, 0x80])],
])("reads %s", (_, raw) => {
  expect(textOf(raw).replace("\uFEFF", "")).toBe("José €");
});
