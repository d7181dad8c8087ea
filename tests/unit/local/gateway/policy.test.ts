import { describe, expect, it } from "vitest";
import type { PolicyStatement } from "../../../../local/assembly/model.ts";
import { PolicyError } from "../../../../local/gateway/access/conditions.ts";
import { compilePolicy } from "../../../../local/gateway/access/policy.ts";
import { allow, functionOf, TABLE_ARN } from "./support.ts";

const PUT = "dynamodb:PutItem";

function decide(
  policies: readonly PolicyStatement[],
  action = PUT,
  resource = TABLE_ARN,
  keys: Readonly<Record<string, readonly string[]>> = {},
): string {
  const denial = compilePolicy(functionOf("f", policies)).decide([{ action, resource, context: (key) => keys[key] }]);
  return denial?.because ?? "allowed";
}

const deny = (actions: readonly string[], resources: readonly string[], conditions = {}): PolicyStatement => ({
  ...allow(actions, resources, conditions),
  effect: "Deny",
});

describe("a policy", () => {
  it.each([
    ["allows what a statement names", [allow([PUT], [TABLE_ARN])], "allowed"],
    ["denies what no statement names", [allow(["dynamodb:GetItem"], [TABLE_ARN])], "no allow"],
    ["denies without statements", [], "no allow"],
    ["denies another resource", [allow([PUT], [`${TABLE_ARN}2`])], "no allow"],
    ["does not take a resource as a prefix", [allow([PUT], [`${TABLE_ARN}/index/x`])], "no allow"],
    ["matches actions whatever their case", [allow(["DynamoDB:putitem"], [TABLE_ARN])], "allowed"],
    ["matches resources in their case", [allow([PUT], [TABLE_ARN.toUpperCase()])], "no allow"],
    ["matches * in actions", [allow(["dynamodb:Put*"], [TABLE_ARN])], "allowed"],
    ["matches ? as one character", [allow(["dynamodb:PutIte?"], [TABLE_ARN])], "allowed"],
    ["matches * over slashes and colons", [allow(["*"], ["arn:aws:dynamodb:*"])], "allowed"],
    ["takes dots literally", [allow([PUT], [TABLE_ARN.replace("leads", "l.ads")])], "no allow"],
    ["lets a deny win whatever the order", [deny([PUT], ["*"]), allow([PUT], ["*"])], "explicit deny"],
    ["lets a deny win after an allow", [allow([PUT], ["*"]), deny([PUT], ["*"])], "explicit deny"],
    ["ignores a deny of something else", [allow([PUT], ["*"]), deny(["dynamodb:Scan"], ["*"])], "allowed"],
  ] as const)("%s", (_, policies, expected) => {
    expect(decide(policies)).toBe(expected);
  });
});

describe("a condition", () => {
  const leading = (...values: string[]) => ({ "dynamodb:leadingkeys": values });
  const KEY = "dynamodb:LeadingKeys";
  const publicOnly = { "ForAllValues:StringLike": { [KEY]: ["INTAKE#*", "RATE#*"] }, Null: { [KEY]: ["false"] } };

  it.each([
    ["ForAllValues holds when every key matches", publicOnly, leading("INTAKE#1", "RATE#2"), "allowed"],
    ["ForAllValues fails at one key that does not", publicOnly, leading("INTAKE#1", "CONTACT#2"), "no allow"],
    ["Null false fails without the key", publicOnly, {}, "no allow"],
    ["ForAllValues alone holds without the key", { "ForAllValues:StringLike": { [KEY]: ["A#*"] } }, {}, "allowed"],
    [
      "ForAnyValue holds when one key matches",
      { "ForAnyValue:StringEquals": { [KEY]: ["a"] } },
      leading("b", "a"),
      "allowed",
    ],
    ["ForAnyValue fails without the key", { "ForAnyValue:StringEquals": { [KEY]: ["a"] } }, {}, "no allow"],
    ["Null true holds without the key", { Null: { [KEY]: ["true"] } }, {}, "allowed"],
    ["Null true fails with the key", { Null: { [KEY]: ["true"] } }, leading("a"), "no allow"],
    ["StringEquals takes wildcards literally", { StringEquals: { [KEY]: ["a*"] } }, leading("ab"), "no allow"],
    ["StringEquals fails without the key", { StringEquals: { [KEY]: ["a"] } }, {}, "no allow"],
    ["StringEqualsIfExists holds without the key", { StringEqualsIfExists: { [KEY]: ["a"] } }, {}, "allowed"],
    ["StringNotEquals holds without the key", { StringNotEquals: { [KEY]: ["a"] } }, {}, "allowed"],
    ["StringNotLike fails at a match", { StringNotLike: { [KEY]: ["a*"] } }, leading("ab"), "no allow"],
    ["condition keys have no case", { StringEquals: { "DYNAMODB:leadingKEYS": ["a"] } }, leading("a"), "allowed"],
    [
      "all operators must hold",
      { StringEquals: { [KEY]: ["a"] }, StringLike: { [KEY]: ["b*"] } },
      leading("a"),
      "no allow",
    ],
    [
      "Bool compares without case",
      { Bool: { "aws:SecureTransport": ["TRUE"] } },
      { "aws:securetransport": ["true"] },
      "allowed",
    ],
  ] as const)("%s", (_, conditions, keys, expected) => {
    expect(decide([allow([PUT], [TABLE_ARN], conditions)], PUT, TABLE_ARN, keys)).toBe(expected);
  });

  it.each([
    ["an operator", { NumericLessThan: { "dynamodb:Select": ["1"] } }, /function f.*NumericLessThan/i],
    ["a key", { StringEquals: { "aws:MultiFactorAuthAge": ["1"] } }, /aws:MultiFactorAuthAge/],
    ["a variable", { StringEquals: { "dynamodb:LeadingKeys": ["$".concat("{aws:userid}")] } }, /variables/],
  ])("refuses at start %s that is not emulated", (_, conditions, message) => {
    const compile = () => compilePolicy(functionOf("f", [allow([PUT], ["*"], conditions)]));
    expect(compile).toThrow(PolicyError);
    expect(compile).toThrow(message);
  });

  it("leaves other services' conditions alone", () => {
    const other = allow(["kms:Decrypt"], ["*"], { StringEquals: { "kms:ViaService": ["x"] } });
    expect(decide([other, allow([PUT], ["*"])])).toBe("allowed");
  });
});

describe("grants", () => {
  it("count the calls that each action of each statement allowed, and none of a call denied in part", () => {
    const policy = compilePolicy(
      functionOf("f", [allow([PUT, "dynamodb:GetItem"], [TABLE_ARN]), allow(["sqs:*"], ["*"])]),
    );
    const access = (action: string, resource = TABLE_ARN) => ({ action, resource, context: () => undefined });
    policy.decide([access(PUT)]);
    policy.decide([access(PUT), access(PUT)]);
    policy.decide([access(PUT), access("dynamodb:Scan")]);
    policy.decide([access("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q")]);
    expect(policy.grants().map(({ actions }) => actions)).toEqual([
      [
        { action: PUT, calls: 3 },
        { action: "dynamodb:GetItem", calls: 0 },
      ],
      [{ action: "sqs:*", calls: 1 }],
    ]);
  });
});
