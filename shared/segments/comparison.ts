import * as z from "zod/mini";

/** How a value is compared. Of several values (tags, the lines of an order) one that fits suffices; `ne` wants none. */
export const operators = ["eq", "ne", "gt", "gte", "lt", "lte", "contains", "in", "exists"] as const;
export type Operator = (typeof operators)[number];

const scalarSchema = z.union(
  [z.string().check(z.maxLength(300)), z.number(), z.boolean()],
  "give a text of at most 300 characters, a number, true or false",
);
export type Scalar = z.infer<typeof scalarSchema>;

/** The members of every condition that compares. */
export const comparisonShape = {
  op: z.enum(operators, `use one of ${operators.join(", ")}`),
  value: z.optional(
    z.union([scalarSchema, z.array(scalarSchema).check(z.minLength(1), z.maxLength(100))], {
      error: "give a text, a number, true or false; with `in`, a list of 1 to 100 of them",
    }),
  ),
};

export interface Comparison {
  readonly op: Operator;
  readonly value?: Scalar | readonly Scalar[] | undefined;
}

/** What is wrong with the value for its operator, and how to mend it; undefined when nothing is. */
export function faultOf({ op, value }: Comparison): string | undefined {
  const list = Array.isArray(value);
  if (op === "exists")
    return value === undefined || typeof value === "boolean" ? undefined : "exists takes true or false";
  if (op === "in") return list ? undefined : 'in takes a list, such as ["DE", "AT"]';
  if (value === undefined) return `${op} needs a value`;
  if (list) return `${op} takes one value; use in for a list`;
  if (op === "contains") return typeof value === "string" ? undefined : "contains takes a text";
  if (op === "eq" || op === "ne") return undefined;
  return typeof value === "boolean" ? `${op} takes a number, or a text such as an ISO 8601 date` : undefined;
}

/** Whether the values found satisfy the comparison. Texts are compared letter by letter, `contains` in any case. */
export function compares({ op, value }: Comparison, found: readonly unknown[]): boolean {
  if (op === "exists") return found.length > 0 === (value !== false);
  if (op === "ne") return !found.includes(value);
  return found.some((each) => fits(op, each, value));
}

function fits(op: Operator, found: unknown, value: Comparison["value"]): boolean {
  if (op === "eq") return found === value;
  if (op === "in") return Array.isArray(value) && value.includes(found);
  if (op === "contains") return typeof value === "string" && String(found).toLowerCase().includes(value.toLowerCase());
  const order = orderOf(found, value);
  if (order === undefined) return false;
  if (op === "gt") return order > 0;
  if (op === "gte") return order >= 0;
  return op === "lt" ? order < 0 : order <= 0;
}

/** Numbers with numbers, texts with texts (ISO dates sort as they should); anything else cannot be compared. */
function orderOf(found: unknown, value: unknown): number | undefined {
  if (typeof found === "number" && typeof value === "number") return found - value;
  if (typeof found !== "string" || typeof value !== "string") return undefined;
  return found < value ? -1 : Number(found > value);
}

/** Every value at a path into an event's properties: `formId`, `revenue.amount`, `products.*.productId`. */
export function valuesAt(properties: unknown, path: string): readonly unknown[] {
  return foundAt(properties, path).filter((each) => each !== undefined && each !== null && typeof each !== "object");
}

function foundAt(properties: unknown, path: string): readonly unknown[] {
  return path
    .split(".")
    .reduce<readonly unknown[]>((found, name) => found.flatMap((each) => membersOf(each, name)), [properties]);
}

interface PropertyComparison extends Comparison {
  readonly property: string;
}

/**
 * Whether an event's properties satisfy all comparisons. Those on members of one list (`products.*.brand` and
 * `products.*.price.amount`) must be satisfied by one and the same member, unless all of them say what no member may be.
 */
export function matchesWhere(where: readonly PropertyComparison[], properties: unknown): boolean {
  const satisfies = (each: PropertyComparison, from: unknown, path = each.property) =>
    compares(each, valuesAt(from, path));
  return [...Map.groupBy(where, ({ property }) => listOf(property))].every(([list, comparisons]) => {
    if (list === undefined || comparisons.every(isDenial))
      return comparisons.every((each) => satisfies(each, properties));
    const inMember = list.length + ".*.".length;
    return foundAt(properties, `${list}.*`).some((member) =>
      comparisons.every((each) => satisfies(each, member, each.property.slice(inMember))),
    );
  });
}

function isDenial({ op, value }: Comparison): boolean {
  return op === "ne" || (op === "exists" && value === false);
}

/** The list that a path leads into: `products` of `products.*.brand`. */
function listOf(property: string): string | undefined {
  const end = property.indexOf(".*.");
  return end < 0 ? undefined : property.slice(0, end);
}

function membersOf(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (name === "*") return Object.values(value);
  return Object.hasOwn(value, name) ? [Reflect.get(value, name)] : [];
}
