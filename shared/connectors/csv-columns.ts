import { DomainError, type Violation } from "../errors.ts";
import { columnName, type Field, lineFields, type OrderField, type OrderFormat } from "./csv-formats.ts";
import type { CsvRow } from "./csv-rows.ts";

/** Where a file has what. */
export interface Columns {
  /** Fields of an order, rather than of its lines, that the file has. */
  readonly orderFields: readonly OrderField[];
  /** The title of the column that tells which order a row is of. */
  readonly grouping: string;
  /** A filled cell; of several columns for one field the first that is filled. */
  cell(row: CsvRow, field: Field): string | undefined;
  /** The column's title as the file has it. */
  title(field: Field): string | undefined;
  /** Whether its times are in UTC by the column's own name. */
  isUtc(field: Field): boolean;
  /** The field behind a place in a call of the Segment spec. */
  fieldNamed(pointer: string): Field | undefined;
}

const lineFieldNames: ReadonlySet<string> = new Set(lineFields);

/** Places in the calls that `csv-calls.ts` makes. */
const places: Readonly<Record<string, Field>> = {
  "/timestamp": "occurredAt",
  "/userId": "userId",
  "/context/traits/email": "email",
  "/properties/order_id": "orderId",
  "/properties/currency": "currency",
  "/properties/revenue": "revenue",
  "/properties/total": "total",
  "/properties/tax": "tax",
  "/properties/shipping": "shipping",
  "/properties/discount": "discount",
  "/properties/cart_id": "cartId",
  "/properties/checkout_id": "checkoutId",
  "/line/product_id": "productId",
  "/line/quantity": "quantity",
  "/line/price": "price",
};

/**
 * Finds a format's columns by their names.
 *
 * @throws DomainError invalid_input that names every column that is missing or there twice
 */
export function columnsOf(
  header: readonly string[],
  { format, currency }: { readonly format: OrderFormat; readonly currency?: string | undefined },
): Columns {
  const names = header.map(columnName);
  const found = new Map<string, readonly number[]>();
  for (const [field, known = []] of Object.entries(format.columns)) {
    const at = known.map((name) => names.indexOf(name)).filter((index) => index !== -1);
    if (at.length > 0) found.set(field, at);
  }
  const needs = currency === undefined && format.needs.every((each) => !each.includes("currency"));
  requireColumns(header, names, found, needs ? [...format.needs, ["currency"]] : format.needs, format);
  const titleOf = (field: Field) => header[found.get(field)?.[0] ?? -1];
  return {
    orderFields: [...found.keys()].filter((field): field is OrderField => !lineFieldNames.has(field)),
    grouping: titleOf(format.groupedBy) ?? "",
    cell: ({ cells }, field) =>
      found
        .get(field)
        ?.map((at) => cells[at])
        .find((cell) => cell !== undefined && cell !== ""),
    title: titleOf,
    isUtc: (field) => names[found.get(field)?.[0] ?? -1]?.endsWith("_gmt") === true,
    fieldNamed: (pointer) => (places[pointer] === "revenue" && !found.has("revenue") ? "total" : places[pointer]),
  };
}

function requireColumns(
  header: readonly string[],
  names: readonly string[],
  found: ReadonlyMap<string, readonly number[]>,
  needs: OrderFormat["needs"],
  { columns, title }: OrderFormat,
): void {
  const missing = needs
    .filter((fields) => fields.every((field) => !found.has(field)))
    .map((fields) => {
      const wanted = fields.flatMap((field) => columns[field] ?? []).join(" or ");
      return { pointer: "/rows/1", code: "missing", message: `has no column ${wanted}` };
    });
  const twice = [...found.values()]
    .flat()
    .filter((at) => names.indexOf(names[at] ?? "", at + 1) !== -1)
    .map((at) => ({ pointer: "/rows/1", code: "duplicate", message: `has the column ${header[at]} twice` }));
  const errors: readonly Violation[] = [...missing, ...twice];
  const [first] = errors;
  if (first === undefined) return;
  const told = header.slice(0, 20).join(", ");
  throw new DomainError(
    "invalid_input",
    `Nothing was kept: read as ${title}, row 1 ${first.message}. Its columns: ${told}. Is \`format\` right?`,
    { errors },
  );
}
