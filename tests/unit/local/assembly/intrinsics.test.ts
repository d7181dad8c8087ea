// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the placeholders of Fn::Sub.
import { describe, expect, it } from "vitest";
import { type Lookup, noValue, resolve } from "../../../../local/assembly/intrinsics.ts";

const lookup: Lookup = {
  place: "stack S, resource R",
  ref: (id) => (id === "AWS::NoValue" ? noValue : `<${id}>`),
  attribute: (id, name) => `<${id}.${name}>`,
  condition: (name) => name === "Yes",
  mapping: (...keys) => keys.join("/"),
  importValue: (name) => `import ${name}`,
  stackOutput: (stack, output) => `${stack}:${output}`,
  availabilityZones: (region) => [`${region}a`],
  localize: (text) => text.replace("aws.example", "127.0.0.1"),
};

describe("a template's functions", () => {
  it.each([
    ["Ref", { Ref: "A" }, "<A>"],
    ["GetAtt as a list", { "Fn::GetAtt": ["A", "Arn"] }, "<A.Arn>"],
    ["GetAtt as a text", { "Fn::GetAtt": "A.Endpoint.Address" }, "<A.Endpoint.Address>"],
    ["Join", { "Fn::Join": ["-", ["a", { Ref: "B" }, 1]] }, "a-<B>-1"],
    ["Join of a split", { "Fn::Join": ["+", { "Fn::Split": ["/", "a/b"] }] }, "a+b"],
    ["Sub", { "Fn::Sub": "${A} ${A.Arn} ${!kept}" }, "<A> <A.Arn> ${kept}"],
    ["Sub with variables", { "Fn::Sub": ["${x} ${A}", { x: { Ref: "B" } }] }, "<B> <A>"],
    ["Select", { "Fn::Select": [1, ["a", "b"]] }, "b"],
    ["If", { "Fn::If": ["Yes", "a", "b"] }, "a"],
    ["If not", { "Fn::If": ["No", "a", "b"] }, "b"],
    ["Equals", { "Fn::Equals": [{ Ref: "A" }, "<A>"] }, true],
    ["And", { "Fn::And": [{ Condition: "Yes" }, { Condition: "No" }] }, false],
    ["Or", { "Fn::Or": [{ Condition: "Yes" }, { Condition: "No" }] }, true],
    ["Not", { "Fn::Not": [{ Condition: "No" }] }, true],
    ["FindInMap", { "Fn::FindInMap": ["m", { Ref: "A" }, "k"] }, "m/<A>/k"],
    ["ImportValue", { "Fn::ImportValue": { "Fn::Sub": "${A}-x" } }, "import <A>-x"],
    ["GetStackOutput", { "Fn::GetStackOutput": { StackName: "S", OutputName: "O" } }, "S:O"],
    ["Base64", { "Fn::Base64": "a" }, "YQ=="],
    ["a joined address of AWS", { "Fn::Join": ["", ["https://", "aws.", "example"]] }, "https://127.0.0.1"],
  ])("works out %s", (_, value, expected) => {
    expect(resolve(value, lookup)).toEqual(expected);
  });

  it("drops properties and list items without a value", () => {
    const value = { a: { Ref: "AWS::NoValue" }, b: [{ "Fn::If": ["No", 1, { Ref: "AWS::NoValue" }] }, 2] };
    expect(resolve(value, lookup)).toEqual({ b: [2] });
  });

  it("leaves data alone that only looks like a function", () => {
    const policy = { Condition: { StringEquals: { a: "b" } } };
    expect(resolve(policy, lookup)).toEqual(policy);
  });

  it("names the place and the remedy of a function that is not emulated", () => {
    expect(() => resolve({ "Fn::Cidr": [] }, lookup)).toThrow(
      /stack S, resource R: the function Fn::Cidr is not emulated; add it/,
    );
  });

  it("refuses a choice past the end of its list", () => {
    expect(() => resolve({ "Fn::Select": [3, ["a"]] }, lookup)).toThrow(/past the end/);
  });
});
