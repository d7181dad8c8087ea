import { describe, expect, it } from "vitest";
import { createFaults, type Fault, FaultList } from "../../../../local/gateway/faults.ts";

const put = { function: "stream", service: "dynamodb", action: "PutItem" } as const;
const get = { ...put, action: "GetItem" };
const mail = { function: "mail", service: "ses", action: "SendRawEmail" } as const;

function strikes(fault: Fault, calls: readonly Parameters<ReturnType<typeof createFaults>["strike"]>[0][]) {
  const faults = createFaults();
  faults.set([fault]);
  return calls.map((call) => faults.strike(call) ?? "-");
}

describe("a fault", () => {
  it.each<[string, Fault, string[]]>([
    ["strikes every call by default", { kind: "error500" }, ["error500", "error500", "error500", "error500"]],
    ["strikes the nth matching call only", { kind: "crashAfter", nth: 2 }, ["-", "crashAfter", "-", "-"]],
    [
      "strikes from the nth call on so often",
      { kind: "throttle", nth: 2, times: 2 },
      ["-", "throttle", "throttle", "-"],
    ],
    ["strikes at most so often", { kind: "throttle", times: 1 }, ["throttle", "-", "-", "-"]],
    ["matches functions by glob", { kind: "throttle", function: "ma*" }, ["-", "-", "-", "throttle"]],
    ["matches services", { kind: "throttle", service: "dynamodb" }, ["throttle", "throttle", "throttle", "-"]],
    ["matches actions by glob", { kind: "throttle", action: "Put*" }, ["throttle", "-", "throttle", "-"]],
    ["matches qualified actions", { kind: "throttle", action: "ses:*" }, ["-", "-", "-", "throttle"]],
    ["counts matching calls only", { kind: "throttle", action: "PutItem", nth: 2 }, ["-", "-", "throttle", "-"]],
    ["meets a conflict in writes only", { kind: "conflict" }, ["conflict", "-", "conflict", "-"]],
    ["never strikes at rate 0", { kind: "throttle", rate: 0 }, ["-", "-", "-", "-"]],
    ["always strikes at rate 1", { kind: "throttle", rate: 1 }, ["throttle", "throttle", "throttle", "throttle"]],
  ])("%s", (_, fault, expected) => {
    expect(strikes(fault, [put, get, put, mail])).toEqual(expected);
  });

  it("strikes about its rate, the same calls for the same seed", () => {
    const calls = Array.from({ length: 1000 }, () => put);
    const first = strikes({ kind: "throttle", rate: 0.2, seed: 7 }, calls);
    expect(strikes({ kind: "throttle", rate: 0.2, seed: 7 }, calls)).toEqual(first);
    expect(strikes({ kind: "throttle", rate: 0.2, seed: 8 }, calls)).not.toEqual(first);
    const struck = first.filter((kind) => kind === "throttle").length;
    expect(struck).toBeGreaterThan(150);
    expect(struck).toBeLessThan(250);
  });
});

describe("the list of faults", () => {
  it("lets the first fault strike and keeps the next for a later call", () => {
    const faults = createFaults();
    faults.set([
      { kind: "throttle", times: 1 },
      { kind: "error500", times: 1 },
    ]);
    expect([put, put, put].map((call) => faults.strike(call))).toEqual(["throttle", "error500", undefined]);
    expect(faults.applied()).toEqual([
      { ...put, kind: "throttle", call: 1 },
      { ...put, kind: "error500", call: 2 },
    ]);
  });

  it("counts calls per function and action since the faults were set", () => {
    const faults = createFaults();
    for (const call of [put, put, get, mail]) faults.strike(call);
    expect(faults.calls()).toEqual({
      stream: { "dynamodb:PutItem": 2, "dynamodb:GetItem": 1, "*": 3 },
      mail: { "ses:SendRawEmail": 1, "*": 1 },
    });
    faults.clear();
    expect([faults.calls(), faults.applied(), faults.list()]).toEqual([{}, [], []]);
  });

  it.each([
    ["an unknown kind", [{ kind: "explode" }]],
    ["an unknown member", [{ kind: "throttle", fucntion: "x" }]],
    ["a rate above 1", [{ kind: "throttle", rate: 2 }]],
    ["a call number below 1", [{ kind: "throttle", nth: 0 }]],
  ])("is refused with %s", (_, list) => {
    expect(FaultList.safeParse(list).success).toBe(false);
  });
});
