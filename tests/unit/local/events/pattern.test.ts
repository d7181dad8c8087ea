import { describe, expect, it } from "vitest";
import { compileFilters, compilePattern, PatternError } from "../../../../local/events/pattern.ts";

const record = {
  eventName: "INSERT",
  source: "aws.ses",
  dynamodb: { NewImage: { kind: { S: "INTAKE" }, n: { N: "5" }, gone: { NULL: true } } },
  detail: {
    amount: 12,
    tags: ["a", "b"],
    mail: null,
    address: "Ann@Example.com",
    rows: [{ x: 1 }, { x: 2 }],
    ok: true,
  },
};

describe("an event pattern", () => {
  it.each<[string, unknown, boolean]>([
    ["an exact value", { eventName: ["INSERT"] }, true],
    ["another value", { eventName: ["REMOVE"] }, false],
    ["one of several", { eventName: ["REMOVE", "INSERT"] }, true],
    ["all of several fields", { eventName: ["INSERT"], source: ["aws.s3"] }, false],
    ["a nested value", { dynamodb: { NewImage: { kind: { S: ["INTAKE"] } } } }, true],
    ["a field that is not there", { dynamodb: { OldImage: { kind: { S: ["INTAKE"] } } } }, false],
    ["an inherited property", { constructor: [{ exists: true }] }, false],
    ["a number", { detail: { amount: [12] } }, true],
    ["a number as text", { detail: { amount: ["12"] } }, false],
    ["true", { detail: { ok: [true] } }, true],
    ["null", { detail: { mail: [null] } }, true],
    ["null against a missing field", { detail: { none: [null] } }, false],
    ["a member of a list", { detail: { tags: ["b"] } }, true],
    ["an object in a list", { detail: { rows: { x: [2] } } }, true],
    ["no object in a list", { detail: { rows: { x: [3] } } }, false],
    ["prefix", { source: [{ prefix: "aws." }] }, true],
    ["prefix ignoring case", { source: [{ prefix: { "equals-ignore-case": "AWS." } }] }, true],
    ["suffix", { source: [{ suffix: ".s3" }] }, false],
    ["suffix ignoring case", { detail: { address: [{ suffix: { "equals-ignore-case": ".COM" } }] } }, true],
    ["equals-ignore-case", { detail: { address: [{ "equals-ignore-case": "ann@example.COM" }] } }, true],
    ["wildcard", { detail: { address: [{ wildcard: "A*@*.com" }] } }, true],
    ["wildcard with a dot that is no pattern", { detail: { address: [{ wildcard: "Ann@Example?com" }] } }, false],
    ["anything-but a value", { eventName: [{ "anything-but": "REMOVE" }] }, true],
    ["anything-but a list", { eventName: [{ "anything-but": ["REMOVE", "INSERT"] }] }, false],
    ["anything-but a prefix", { source: [{ "anything-but": { prefix: "aws" } }] }, false],
    ["anything-but suffixes", { source: [{ "anything-but": { suffix: [".s3", ".sqs"] } }] }, true],
    ["anything-but a missing field", { nothing: [{ "anything-but": "x" }] }, false],
    ["numeric", { detail: { amount: [{ numeric: [">", 10, "<=", 12] }] } }, true],
    ["numeric outside", { detail: { amount: [{ numeric: ["<", 12] }] } }, false],
    [
      "numeric on DynamoDB's number, which is text",
      { dynamodb: { NewImage: { n: { N: [{ numeric: ["=", 5] }] } } } },
      false,
    ],
    ["exists", { dynamodb: { NewImage: { kind: { S: [{ exists: true }] } } } }, true],
    ["exists on an object", { dynamodb: { NewImage: [{ exists: true }] } }, false],
    ["exists false, deep in what is missing", { dynamodb: { OldImage: { kind: { S: [{ exists: false }] } } } }, true],
    ["exists on null", { detail: { mail: [{ exists: true }] } }, true],
    ["$or, first", { $or: [{ eventName: ["INSERT"] }, { eventName: ["REMOVE"] }] }, true],
    ["$or, none", { $or: [{ eventName: ["MODIFY"] }, { eventName: ["REMOVE"] }] }, false],
    ["$or and a field beside it", { source: ["aws.s3"], $or: [{ eventName: ["INSERT"] }] }, false],
    ["$or within", { detail: { $or: [{ amount: [1] }, { ok: [true] }] } }, true],
  ])("with %s", (_, pattern, passes) => {
    expect(compilePattern(pattern)(record)).toBe(passes);
  });

  it.each<[string, unknown]>([
    ["an unknown operator", { a: [{ regex: "x" }] }],
    ["an inherited name as operator", { a: [{ toString: "x" }] }],
    ["an empty leaf", { a: [] }],
    ["a leaf that is no list", { a: "x" }],
    ["an odd numeric", { a: [{ numeric: [">"] }] }],
    ["a prefix that is no text", { a: [{ prefix: 5 }] }],
    ["two operators in one", { a: [{ prefix: "a", suffix: "b" }] }],
  ])("refuses %s when it is compiled", (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError);
  });
});

describe("filters", () => {
  it("pass everything when there are none", () => {
    expect(compileFilters([])({})).toBe(true);
  });

  it("pass what any of them matches", () => {
    const passes = compileFilters([{ eventName: ["REMOVE"] }, { source: ["aws.ses"] }]);
    expect([passes(record), passes({ eventName: "REMOVE" }), passes({ eventName: "MODIFY" })]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
