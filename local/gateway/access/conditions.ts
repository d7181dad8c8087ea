import { StartError } from "../../start-error.ts";

import { likePattern } from "./wildcard.ts";

/** Values of a condition key in one call; undefined when the call has no such key. */
export type Context = (key: string) => readonly string[] | undefined;
export type Condition = (context: Context) => boolean;

/** A policy that this host cannot evaluate as AWS would. */
export class PolicyError extends StartError {
  override name = "PolicyError";
}

type Test = (value: string) => boolean;

const OPERATORS: Readonly<
  Record<string, { readonly test: (wanted: readonly string[]) => Test; readonly negated: boolean }>
> = {
  StringEquals: { test: equals, negated: false },
  StringNotEquals: { test: equals, negated: true },
  StringEqualsIgnoreCase: { test: equalsIgnoringCase, negated: false },
  StringNotEqualsIgnoreCase: { test: equalsIgnoringCase, negated: true },
  StringLike: { test: like, negated: false },
  StringNotLike: { test: like, negated: true },
  ArnEquals: { test: like, negated: false },
  ArnLike: { test: like, negated: false },
  ArnNotEquals: { test: like, negated: true },
  ArnNotLike: { test: like, negated: true },
  Bool: { test: equalsIgnoringCase, negated: false },
};

const KEYS = new Set([
  "dynamodb:leadingkeys",
  "dynamodb:attributes",
  "dynamodb:select",
  "dynamodb:returnvalues",
  "dynamodb:enclosingoperation",
  "ses:fromaddress",
  "ses:recipients",
  "aws:securetransport",
  "aws:requestedregion",
  "aws:principalarn",
]);

/** Compiles a statement's conditions; all must hold. Throws PolicyError at an operator or key that is not emulated. */
export function compileConditions(
  conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>,
): readonly Condition[] {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => compileCondition(operator, key, values)),
  );
}

function compileCondition(operator: string, key: string, values: readonly string[]): Condition {
  const name = key.toLowerCase();
  if (!KEYS.has(name)) throw new PolicyError(`the condition key ${key} is not emulated`);
  if (values.some((value) => value.includes("${"))) {
    throw new PolicyError(`policy variables are not emulated (condition ${operator} on ${key})`);
  }
  if (operator === "Null") return nullCondition(name, values);
  const [, quantifier, base = "", optional] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const known = OPERATORS[base];
  if (!known) throw new PolicyError(`the condition operator ${operator} is not emulated`);
  const wanted = known.test(values);
  const test: Test = known.negated ? (value) => !wanted(value) : wanted;
  return (context) => {
    const actual = context(name);
    if (actual === undefined)
      return quantifier === "ForAllValues:" || (!quantifier && known.negated) || optional !== undefined;
    if (quantifier === "ForAllValues:") return actual.every(test);
    if (quantifier === "ForAnyValue:") return actual.some(test);
    return known.negated ? actual.every(test) : actual.some(test);
  };
}

/** `Null: true` wants the key absent, `Null: false` wants it present. */
function nullCondition(name: string, values: readonly string[]): Condition {
  const absent = new Set(values.map((value) => value.toLowerCase() === "true"));
  return (context) => absent.has(context(name) === undefined);
}

function equals(wanted: readonly string[]): Test {
  const set = new Set(wanted);
  return (value) => set.has(value);
}

function equalsIgnoringCase(wanted: readonly string[]): Test {
  const set = new Set(wanted.map((value) => value.toLowerCase()));
  return (value) => set.has(value.toLowerCase());
}

function like(wanted: readonly string[]): Test {
  const patterns = wanted.map((pattern) => likePattern(pattern));
  return (value) => patterns.some((pattern) => pattern.test(value));
}
