import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseLine } from "../../../../local/functions/log-lines.ts";
import { createLogStream, LOG_FILE, type LogRecord } from "../../../../local/functions/logs.ts";
import { temporaryFolder } from "./fixture.ts";

const record = (source: string, message: string): LogRecord => ({
  time: "2026-11-22T06:30:00.000Z",
  source,
  kind: "function",
  level: "INFO",
  message,
});

describe("the log stream", () => {
  it("gives the newest records of one source and tells listeners until they stop", () => {
    const logs = createLogStream();
    const heard: string[] = [];
    const stop = logs.subscribe(({ message }) => void heard.push(message));
    for (let at = 0; at < 12_000; at += 1) logs.append(record(at % 2 === 0 ? "even" : "odd", String(at)));
    stop();
    logs.append(record("odd", "last"));

    expect(heard).toHaveLength(12_000);
    expect(logs.tail({ function: "odd", limit: 2 }).map(({ message }) => message)).toEqual(["11999", "last"]);
    expect(logs.tail()).toHaveLength(5_000);
  });

  it("goes on in the file of an earlier run, and starts a new one when it has grown large", async () => {
    const directory = temporaryFolder();
    const file = join(directory, LOG_FILE);
    const write = async (message: string) => {
      const logs = createLogStream(directory);
      logs.append(record("one", message));
      await logs.close();
    };

    await write("first");
    await write("second");
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(2);

    writeFileSync(file, "");
    truncateSync(file, 51 * 1024 * 1024);
    await write("third");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ message: "third" });
    expect(existsSync(`${file}.1`)).toBe(true);
  });
});

describe("a line of a function", () => {
  const origin = { source: "one", time: "2026-11-22T06:30:00.000Z", requestId: "r0", stream: "stdout" } as const;

  it.each([
    ["plain", { level: "INFO", message: "plain", requestId: "r0" }],
    ["{not json", { level: "INFO", message: "{not json", requestId: "r0" }],
    ['{"level":"WARN","message":"m","function_request_id":"r1"}', { level: "WARN", message: "m", requestId: "r1" }],
    ['{"_aws":{},"x":1}', { level: "INFO", message: '{"_aws":{},"x":1}', data: { x: 1 } }],
  ])("%s is kept as what it is", (line, expected) => {
    expect(parseLine(line, origin)).toMatchObject({ source: "one", kind: "function", ...expected });
  });

  it("on stderr is an error", () => {
    expect(parseLine("oops", { ...origin, stream: "stderr" }).level).toBe("ERROR");
  });
});
