import { StartError } from "../start-error.ts";

/** Tests the value at one place of an event; undefined when the event has nothing there. */
export type Test = (value: unknown) => boolean;

export class PatternError extends StartError {
  constructor(path: string, problem: string) {
    super(`Event pattern at ${path}: ${problem}.`);
    this.name = "PatternError";
  }
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A leaf of a pattern lists alternatives: exact values and operators. A list in the event matches by any member. */
export function compileLeaf(alternatives: readonly unknown[], path: string): Test {
  if (alternatives.length === 0) throw new PatternError(path, "a leaf must be a non-empty list of alternatives");
  const tests = alternatives.map((alternative) => compileAlternative(alternative, path));
  return (value) => tests.some((test) => test(value));
}

function compileAlternative(alternative: unknown, path: string): Test {
  if (!isPlainObject(alternative)) return members(equals(scalar(alternative, path)));
  const [operator, ...others] = Object.keys(alternative);
  if (operator === undefined || others.length > 0) throw new PatternError(path, "an operator is an object of one key");
  const operand = alternative[operator];
  if (operator === "exists") return exists(operand, path);
  return members(compileOperator(operator, operand, path));
}

const OPERATORS: Readonly<Record<string, (operand: unknown, path: string) => Test>> = {
  prefix: (operand, path) => affix(operand, path, "startsWith"),
  suffix: (operand, path) => affix(operand, path, "endsWith"),
  "equals-ignore-case": (operand, path) => {
    const wanted = text(operand, path).toLowerCase();
    return (value) => typeof value === "string" && value.toLowerCase() === wanted;
  },
  wildcard: (operand, path) => wildcard(text(operand, path)),
  numeric,
  "anything-but": anythingBut,
};

function compileOperator(operator: string, operand: unknown, path: string): Test {
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!compile) throw new PatternError(path, `operator "${operator}" is not supported by the local host`);
  return compile(operand, path);
}

// Nothing there matches no operator but exists.
function members(test: Test): Test {
  return (value) => (Array.isArray(value) ? value.some(test) : value !== undefined && test(value));
}

function equals(wanted: unknown): Test {
  return (value) => value === wanted;
}

// Only leaves exist to a pattern: an object at this place counts as absent, as on AWS.
function exists(operand: unknown, path: string): Test {
  if (typeof operand !== "boolean") throw new PatternError(path, "exists takes true or false");
  return (value) => (value !== undefined && !isPlainObject(value)) === operand;
}

function affix(operand: unknown, path: string, method: "startsWith" | "endsWith"): Test {
  if (!isPlainObject(operand)) {
    const wanted = text(operand, path);
    return (value) => typeof value === "string" && value[method](wanted);
  }
  const wanted = text(operand["equals-ignore-case"], path).toLowerCase();
  return (value) => typeof value === "string" && value.toLowerCase()[method](wanted);
}

function wildcard(pattern: string): Test {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join("[^]*")}$`);
  return (value) => typeof value === "string" && expression.test(value);
}

function anythingBut(operand: unknown, path: string): Test {
  if (isPlainObject(operand)) {
    const [operator, ...others] = Object.keys(operand);
    if (operator === undefined || others.length > 0) throw new PatternError(path, "anything-but takes one operator");
    const tests = list(operand[operator]).map((value) => compileOperator(operator, value, path));
    return (value) => !tests.some((test) => test(value));
  }
  const refused = new Set<unknown>(list(operand).map((value) => scalar(value, path)));
  return (value) => !refused.has(value);
}

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

// Numbers only: DynamoDB's {"N": "5"} is a string, and numeric does not match it on AWS either.
function numeric(operand: unknown, path: string): Test {
  const terms = list(operand);
  if (terms.length === 0 || terms.length % 2 === 1)
    throw new PatternError(path, "numeric takes pairs of comparison and number");
  const bounds = Array.from({ length: terms.length / 2 }, (_, pair) => {
    const compare = COMPARISONS[String(terms[2 * pair])];
    const bound = terms[2 * pair + 1];
    if (!compare || typeof bound !== "number")
      throw new PatternError(path, "numeric takes =, <, <=, > or >= and a number");
    return (value: number) => compare(value, bound);
  });
  return (value) => typeof value === "number" && bounds.every((within) => within(value));
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function text(value: unknown, path: string): string {
  if (typeof value !== "string") throw new PatternError(path, "this operator takes a string");
  return value;
}

function scalar(value: unknown, path: string): string | number | boolean | null {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  throw new PatternError(path, "a value to compare must be a string, number, boolean or null");
}
