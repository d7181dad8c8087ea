import * as z from "zod/mini";

const scalar = z.union([z.string().check(z.maxLength(500)), z.number(), z.boolean()]);

/** What a value is held against; exactly one of these. */
const tests = {
  equals: z.optional(scalar),
  notEquals: z.optional(scalar),
  oneOf: z.optional(z.array(scalar).check(z.minLength(1), z.maxLength(100))),
  exists: z.optional(z.boolean()),
  /** Numbers, or ISO 8601 instants. */
  atLeast: z.optional(z.union([z.number(), z.string()])),
  atMost: z.optional(z.union([z.number(), z.string()])),
};
const testNames = ["equals", "notEquals", "oneOf", "exists", "atLeast", "atMost"] as const;

/** A condition on facts: the value at a path stands a test. Missing values stand none but `notEquals` and `exists: false`. */
export const conditionSchema = z
  .strictObject({
    /** Path into the facts: an event's properties (`consent.version`), or for branches `contact.orders`, `event.cartId`. */
    property: z.string().check(z.minLength(1), z.maxLength(200)),
    ...tests,
  })
  .check(
    z.refine(
      (condition) => testNames.filter((name) => condition[name] !== undefined).length === 1,
      `names exactly one of ${testNames.join(", ")}`,
    ),
  );
export type Condition = z.infer<typeof conditionSchema>;

/** Whether a condition holds on some facts. Only own properties count. */
export function holds(condition: Condition, facts: Readonly<Record<string, unknown>>): boolean {
  const value = valueAt(condition.property, facts);
  if (condition.equals !== undefined) return value === condition.equals;
  if (condition.notEquals !== undefined) return value !== condition.notEquals;
  if (condition.oneOf !== undefined) return condition.oneOf.some((one) => one === value);
  if (condition.exists !== undefined) return (value !== undefined && value !== null) === condition.exists;
  if (condition.atLeast !== undefined) return compares(value, condition.atLeast, (order) => order >= 0);
  return condition.atMost !== undefined && compares(value, condition.atMost, (order) => order <= 0);
}

/** The value at a path such as `cart.lines`; undefined when there is none. */
export function valueAt(path: string, facts: Readonly<Record<string, unknown>>): unknown {
  return path
    .split(".")
    .reduce<unknown>((at, name) => (isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined), facts);
}

function compares(value: unknown, bound: number | string, accept: (order: number) => boolean): boolean {
  if (typeof value === "number" && typeof bound === "number") return accept(value - bound);
  if (typeof value === "string" && typeof bound === "string") return accept(value < bound ? -1 : value > bound ? 1 : 0);
  return false;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
