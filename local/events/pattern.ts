import { compileLeaf, isPlainObject, type Test } from "./pattern-operators.ts";

export { PatternError } from "./pattern-operators.ts";

/** Tells whether an event passes. */
export type Matcher = (event: unknown) => boolean;

/**
 * Compiles an event pattern as EventBridge rules and Lambda's filter criteria use it.
 * Throws a PatternError for an operator that it does not know, so that no filter silently passes or drops.
 */
export function compilePattern(pattern: unknown): Matcher {
  return compileNode(pattern, "$");
}

/** Any of the patterns lets an event pass; with no pattern every event passes, as in an event source mapping. */
export function compileFilters(patterns: readonly unknown[]): Matcher {
  const matchers = patterns.map(compilePattern);
  return (event) => matchers.length === 0 || matchers.some((matches) => matches(event));
}

function compileNode(pattern: unknown, path: string): Test {
  if (Array.isArray(pattern)) return compileLeaf(pattern, path);
  if (isPlainObject(pattern)) return compileFields(pattern, path);
  return compileLeaf([], path);
}

function compileFields(pattern: Readonly<Record<string, unknown>>, path: string): Test {
  const tests = Object.entries(pattern).map(([name, part]) =>
    name === "$or" && Array.isArray(part) ? compileOr(part, path) : compileField(name, part, `${path}.${name}`),
  );
  // A list of objects matches when one of them does.
  const test: Test = (value) =>
    Array.isArray(value) && value.some(isPlainObject) ? value.some(test) : tests.every((field) => field(value));
  return test;
}

function compileField(name: string, part: unknown, path: string): Test {
  const test = compileNode(part, path);
  return (value) => test(isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined);
}

function compileOr(alternatives: readonly unknown[], path: string): Test {
  const tests = alternatives.map((alternative, index) => compileNode(alternative, `${path}.$or[${index}]`));
  return (value) => tests.some((test) => test(value));
}
