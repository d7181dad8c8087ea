import { DomainError, type Violation } from "../errors.ts";
import { isCurrency } from "../intake/money.ts";
import type { Call } from "./connector.ts";
import { callsOf, type OrderLine } from "./csv-calls.ts";
import { type Columns, columnsOf } from "./csv-columns.ts";
import { type Field, lineFields, type OrderField, type OrderFormat, type OrderValues } from "./csv-formats.ts";
import { type CsvRow, readCsv } from "./csv-rows.ts";
import { readDecimal, readInstant } from "./csv-values.ts";

/** What is wrong in a file, where, in words that say how to mend it. */
export interface FileFault {
  readonly row: number;
  readonly column?: string;
  readonly message: string;
}

/** An order of a file, by the shop's own number, as the facts that it is. */
export interface FileOrder {
  readonly id: string;
  readonly at: string;
  readonly revenue: { readonly amount: number; readonly currency: string };
  readonly calls: readonly Call[];
}

export interface OrderFile {
  readonly rows: number;
  readonly orders: readonly FileOrder[];
  /** Orders of nobody: neither address nor account. */
  readonly guests: number;
  /** Orders that are none yet. */
  readonly notPaid: number;
  /** Orders that cannot be read, and what is wrong with them. */
  readonly faulty: number;
  readonly faults: readonly FileFault[];
}

export interface FileOptions {
  readonly source: string;
  readonly format: OrderFormat;
  /** Of times that name no zone. */
  readonly timeZone: string;
  /** Where the file has no column for it. */
  readonly currency?: string | undefined;
  readonly firstRow?: number | undefined;
  readonly now: Date;
}

/**
 * Reads orders from CSV: one or more rows each, in any order. Every order is checked as if it were stored.
 *
 * @throws DomainError invalid_input when there is no telling the columns
 */
export function readOrderFile(raw: Buffer, options: FileOptions): OrderFile {
  const { header, rows } = readCsv(raw, options.firstRow);
  const columns = columnsOf(header, options);
  const faults: FileFault[] = [];
  const groups = new Map<string, CsvRow[]>();
  for (const row of rows) {
    const name = columns.cell(row, options.format.groupedBy);
    const problem = rowProblem(row, header.length, name);
    if (problem !== undefined) faults.push({ row: row.row, ...problem(columns) });
    else append(groups, name ?? "", row);
  }
  const counts = { guests: 0, notPaid: 0, faulty: faults.length };
  const orders: FileOrder[] = [];
  for (const group of groups.values()) {
    const read = new OrderReader(group, columns, options).read();
    if ("faults" in read) {
      faults.push(...read.faults);
      counts.faulty++;
    } else if (read.is === "order") orders.push(read.order);
    else counts[read.is]++;
  }
  return { rows: rows.length, orders, ...counts, faults: faults.toSorted((a, b) => a.row - b.row) };
}

function append(groups: Map<string, CsvRow[]>, name: string, row: CsvRow): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [row]);
  else group.push(row);
}

type Problem = (columns: Columns) => Omit<FileFault, "row">;

function rowProblem({ cells }: CsvRow, width: number, name: string | undefined): Problem | undefined {
  if (cells.slice(width).some((cell) => cell !== "")) {
    return () => ({
      message: `has ${cells.length} cells below ${width} column names: put cells that hold the delimiter in quotes`,
    });
  }
  if (name !== undefined) return undefined;
  return (columns) => ({ column: columns.grouping, message: "is empty: say on each row which order it is of" });
}

type ReadOrder =
  | { readonly is: "order"; readonly order: FileOrder }
  | { readonly is: "guests" | "notPaid" }
  | { readonly faults: readonly FileFault[] };

const amountFields: readonly OrderField[] = ["revenue", "total", "tax", "shipping", "discount", "refunded", "duties"];
const timeFields: readonly OrderField[] = ["occurredAt", "cancelledAt", "refundedAt"];
const spreadsheetNumber = /^\d(?:[.,]\d+)?E\+\d+$/i;
/** Items have 400 KB at most, and an order is one. */
const largestOrder = 250_000;

class OrderReader {
  readonly #faults: FileFault[] = [];
  readonly #rows: readonly CsvRow[];
  readonly #columns: Columns;
  readonly #options: FileOptions;

  constructor(rows: readonly CsvRow[], columns: Columns, options: FileOptions) {
    this.#rows = rows;
    this.#columns = columns;
    this.#options = options;
  }

  read(): ReadOrder {
    const { format } = this.#options;
    const told = this.#orderValues();
    if (this.#faults.length === 0 && told.status !== undefined && format.isPaid?.(told.status) === false)
      return { is: "notPaid" };
    const lines = this.#lines(told.currency);
    if (this.#faults.length > 0) return { faults: this.#faults };
    try {
      const order = callsOf({ ...this.#options, told, lines });
      if (told.email === undefined && told.userId === undefined) return { is: "guests" };
      if (Buffer.byteLength(JSON.stringify(order)) <= largestOrder) return { is: "order", order };
      this.#fault(this.#rows[0], undefined, "is of an order that is larger than 250 KB: leave lines out");
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      for (const violation of error.errors) this.#violation(violation, lines);
    }
    return { faults: this.#faults };
  }

  #orderValues(): OrderValues {
    const { format, timeZone } = this.#options;
    const told: { [field in OrderField]?: string | undefined } = {};
    for (const field of this.#columns.orderFields) told[field] = this.#valueOf(field);
    if (told.userId === "0") told.userId = undefined;
    told.currency = (told.currency ?? this.#options.currency)?.toUpperCase();
    if (told.currency === undefined) this.#faultOf("currency", "is empty: give it a currency such as EUR");
    else if (!isCurrency(told.currency)) this.#faultOf("currency", "is no currency of ISO 4217, such as EUR");
    this.#checkId(told.orderId);
    for (const field of amountFields) {
      const text = told[field];
      if (text !== undefined) told[field] = this.#take(field, readDecimal(text, told.currency, format.decimalPoint));
    }
    for (const field of timeFields) {
      const [text, zone] = [told[field], this.#columns.isUtc(field) ? "UTC" : timeZone];
      if (text !== undefined) told[field] = this.#take(field, readInstant(text, zone));
      else if (field === "occurredAt") this.#faultOf(field, "is empty: say when it was ordered");
    }
    return told;
  }

  #checkId(id: string | undefined): void {
    const { format } = this.#options;
    if (id === undefined) this.#faultOf("orderId", "is empty: each order has its number in the shop");
    else if (spreadsheetNumber.test(id) || format.idPattern?.test(id) === false) {
      const advice = "A spreadsheet may have changed it: send the file as it was exported";
      this.#faultOf("orderId", `"${id.slice(0, 40)}" is no order's number. ${advice}`);
    }
  }

  /** What all rows of an order say alike, or leave out. */
  #valueOf(field: OrderField): string | undefined {
    const [first, ...others] = this.#rows.flatMap((row) => {
      const value = this.#columns.cell(row, field);
      return value === undefined ? [] : [{ row, value }];
    });
    const other = others.find(({ value }) => value !== first?.value);
    if (first === undefined || other === undefined) return first?.value;
    this.#fault(other.row, field, `says something else than row ${first.row.row}, which is of the same order`);
    return first.value;
  }

  #lines(currency: string | undefined): readonly OrderLine[] {
    const { decimalPoint } = this.#options.format;
    return this.#rows.flatMap((row) => {
      const line: OrderLine = { row };
      for (const field of lineFields) line[field] = this.#columns.cell(row, field);
      if (lineFields.every((field) => line[field] === undefined)) return [];
      for (const field of ["price", "lineTotal", "quantity"] as const) {
        const text = line[field];
        if (text === undefined) continue;
        const of = field === "quantity" ? undefined : currency;
        line[field] = this.#take(field, readDecimal(text, of, decimalPoint || field === "quantity"), row);
      }
      return [line];
    });
  }

  #take(field: Field, read: ReturnType<typeof readDecimal>, row = this.#rowOf(field)): string | undefined {
    if ("value" in read) return read.value;
    this.#fault(row, field, read.fault);
    return undefined;
  }

  #violation({ pointer, message }: Violation, lines: readonly OrderLine[]): void {
    const [, at, member = ""] = /^\/properties\/products\/(\d+)\/?(.*)$/.exec(pointer) ?? [];
    const line = at === undefined ? undefined : lines[Number(at)];
    const field = line === undefined ? this.#columns.fieldNamed(pointer) : this.#columns.fieldNamed(`/line/${member}`);
    this.#fault(line?.row ?? this.#rowOf(field), field, message);
  }

  #faultOf(field: Field, message: string): void {
    this.#fault(this.#rowOf(field), field, message);
  }

  /** The row that fills a field, else the first one of the order. */
  #rowOf(field: Field | undefined): CsvRow | undefined {
    const filled = field && this.#rows.find((row) => this.#columns.cell(row, field) !== undefined);
    return filled ?? this.#rows[0];
  }

  #fault(row: CsvRow | undefined, field: Field | undefined, message: string): void {
    const column = field && this.#columns.title(field);
    const fault = { row: row?.row ?? 0, ...(column !== undefined && { column }), message };
    const isNew = this.#faults.every((each) => each.row !== fault.row || each.message !== message);
    if (isNew) this.#faults.push(fault);
  }
}
