import { describe, expect, it } from "vitest";
import { failedItems } from "../../../../local/events/partial-failure.ts";

const report = (...identifiers: readonly unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

describe("a function's report of failures", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["an empty text", ""],
    ["an empty object", {}],
    ["an empty list", report()],
    ["a null list", { batchItemFailures: null }],
  ])("of %s is a success", (_, payload) => {
    expect(failedItems(payload, ["1", "2"])).toEqual(new Set());
  });

  it("names the items that failed, each once", () => {
    expect(failedItems(report("2", "2"), ["1", "2"])).toEqual(new Set(["2"]));
  });

  it.each<[string, unknown]>([
    ["an unknown item", report("3")],
    ["an empty identifier", report("")],
    ["a null identifier", report(null)],
    ["a number", report(1)],
    ["a wrong key", { batchItemFailures: [{ id: "1" }] }],
    ["a list that is none", { batchItemFailures: "1" }],
    ["text", "all well"],
  ])("with %s fails the whole batch", (_, payload) => {
    expect(failedItems(payload, ["1", "2"])).toBe("all");
  });
});
