import { describe, expect, it } from "vitest";
import { parseLogLine, passes, renderLogLine } from "../../../../local/bin/log-line.ts";

const line = {
  time: "2026-11-23T07:21:50.343Z",
  source: "shop-dev-intake",
  kind: "function",
  level: "info",
  message: "lead accepted",
  requestId: "r1",
  data: { level: "INFO", message: "lead accepted", form: "contact", items: [1, 2] },
};

describe("a line of the log", () => {
  it("is shown on one line with the fields that it adds", () => {
    expect(renderLogLine(line)).toBe("07:21:50.343  INFO   shop-dev-intake  lead accepted  form=contact  items=[1,2]");
  });

  it("of an API shows its message alone", () => {
    expect(renderLogLine({ ...line, kind: "access", message: "GET / 200" })).toBe(
      "07:21:50.343  INFO   shop-dev-intake  GET / 200",
    );
  });

  it("is skipped when it was cut off", () => {
    expect(parseLogLine('{"time":"2026-')).toBeUndefined();
    expect(parseLogLine(JSON.stringify(line))).toEqual(line);
  });

  it.each([
    [{}, true],
    [{ function: "intake" }, true],
    [{ function: "digest" }, false],
    [{ since: Date.parse("2026-11-23T07:00:00Z") }, true],
    [{ since: Date.parse("2026-11-23T08:00:00Z") }, false],
  ])("passes the filter %j: %s", (filter, expected) => {
    expect(passes(line, filter)).toBe(expected);
  });
});
