import * as z from "zod/mini";
import { moneySchema } from "../intake/money.ts";
import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";
import { orderFormatNames } from "./csv-formats.ts";
import type { OrderFile } from "./csv-orders.ts";
import { importIdSchema } from "./import.ts";
import { sourceNameSchema } from "./source.ts";

export const fileImportPrefix = "csv-";

/** The id of an import of a file, which whoever sends it chooses. */
export const fileImportIdSchema = importIdSchema.check(
  z.regex(/^csv-[\w-]{1,50}$/, "csv- and letters, digits, _ or - (50 at most)"),
);

export function isFileImport(importId: string): boolean {
  return importId.startsWith(fileImportPrefix);
}

/** Of the JSON around it a Lambda function takes 6 MB. */
export const largestPart = 4_000_000;
const mostParts = 200;
export const partNumberSchema = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,2}$/, `a number from 1 to ${mostParts}`)),
  z.transform(Number).check(z.lte(mostParts, `at most ${mostParts} parts`)),
);

/** Files wait so long, as pages, to be begun and to be worked off. */
export const keptDays = 14;

const faultSchema = z.object({
  /** As a spreadsheet numbers it: the column names are row 1. */
  row: z.number(),
  column: z.optional(z.string()),
  message: z.string(),
});

const countsShape = {
  /** Filled rows below the column names. */
  rows: z.number(),
  /** Orders that are imported when the import begins. */
  orders: z.number(),
  /** Orders of nobody, without an e-mail address or an account: left out. */
  guests: z.number(),
  /** Orders that are not paid: left out. */
  notPaid: z.number(),
  /** Orders with faults, and rows that are of no order. */
  faulty: z.number(),
  /** The orders that are imported, by currency. */
  totals: z.array(z.object({ orders: z.number(), revenue: moneySchema })),
  /** When the first and the last of them were placed; null when there is none. */
  firstAt: z.nullable(z.string()),
  lastAt: z.nullable(z.string()),
};
const shownFaults = 100;

/** What a part of a file holds, before anything is made of it. */
export const filePartSchema = z.object({
  source: sourceNameSchema,
  importId: importIdSchema,
  part: z.number(),
  format: z.enum(orderFormatNames),
  /** Under which its pages stand: those of another try are not these. */
  digest: z.string(),
  pages: z.number(),
  ...countsShape,
  /** The first of the faults. */
  faults: z.array(faultSchema),
});
export type FilePart = z.infer<typeof filePartSchema>;

export const filePartViewSchema = z.omit(filePartSchema, { source: true, importId: true, digest: true });

export function filePartViewOf({ source: _, importId: __, digest: ___, ...view }: FilePart) {
  return view;
}

/** All parts of a file as one. */
export const fileViewSchema = z.object({
  parts: z.number(),
  pages: z.number(),
  ...countsShape,
  faults: z.array(z.extend(faultSchema, { part: z.number() })),
});
export type FileView = z.infer<typeof fileViewSchema>;

type Totals = FileView["totals"];

/** What a file says, in numbers. */
export function partOf(
  about: Pick<FilePart, "source" | "importId" | "part" | "format">,
  raw: Buffer,
  read: OrderFile,
): Omit<FilePart, "pages"> {
  const { rows, guests, notPaid, faulty, faults, orders } = read;
  const times = orders.map(({ at }) => at).sort();
  return {
    ...about,
    digest: digestOf([raw.toString("latin1"), JSON.stringify(orders)]),
    rows,
    orders: orders.length,
    guests,
    notPaid,
    faulty,
    totals: totalsOf(orders.map(({ revenue }) => ({ orders: 1, revenue }))),
    firstAt: times[0] ?? null,
    lastAt: times.at(-1) ?? null,
    faults: faults.slice(0, shownFaults),
  };
}

export function fileOf(parts: readonly FilePart[]): FileView {
  const sum = (count: "rows" | "pages" | "orders" | "guests" | "notPaid" | "faulty") =>
    parts.reduce((all, part) => all + part[count], 0);
  const times = parts.flatMap(({ firstAt, lastAt }) => [firstAt, lastAt]).filter((at) => at !== null);
  return {
    parts: parts.length,
    pages: sum("pages"),
    rows: sum("rows"),
    orders: sum("orders"),
    guests: sum("guests"),
    notPaid: sum("notPaid"),
    faulty: sum("faulty"),
    totals: totalsOf(parts.flatMap(({ totals }) => totals)),
    firstAt: times.toSorted()[0] ?? null,
    lastAt: times.toSorted().at(-1) ?? null,
    faults: parts.flatMap(({ part, faults }) => faults.map((fault) => ({ part, ...fault }))).slice(0, shownFaults),
  };
}

function totalsOf(parts: Totals): Totals {
  const totals = new Map<string, Totals[number]>();
  for (const { orders, revenue } of parts) {
    const { currency, amount } = revenue;
    const sum = totals.get(currency) ?? { orders: 0, revenue: { amount: 0, currency } };
    totals.set(currency, {
      orders: sum.orders + orders,
      revenue: { amount: sum.revenue.amount + amount, currency },
    });
  }
  return [...totals.values()];
}

/** Parts and pages stand apart from the list of a shop's imports. */
const partitionOf = (source: string, importId: string): string => `IMPORTS#${source}#${importId}`;
export const partPrefix = "PART#";
const numbered = (count: number): string => String(count).padStart(4, "0");

export function partKey({ source, importId }: Pick<FilePart, "source" | "importId">, part: number): Key {
  return { pk: partitionOf(source, importId), sk: `${partPrefix}${numbered(part)}` };
}

export function pageKey(part: Pick<FilePart, "source" | "importId" | "part" | "digest">, page: number): Key {
  const { source, importId, digest } = part;
  return { pk: partitionOf(source, importId), sk: `PAGE#${numbered(part.part)}#${digest}#${numbered(page)}` };
}

/** A place in a file: a part and a page of it, both from 1 on. */
export function placeOf(after: string | undefined): { readonly part: number; readonly page: number } {
  const [part = 1, page = 0] = (after ?? "1/0").split("/").map(Number);
  return { part, page };
}
