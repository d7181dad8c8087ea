import { expect, it } from "vitest";
import { FunctionLog } from "../../../../local/functions/platform-log.ts";

/** Bytes that the meter is told of for one invocation that succeeds, and for one that fails. */
function billed(level: "INFO" | "WARN") {
  const bytes: number[] = [];
  const lines: string[] = [];
  const stream = { append: ({ message }: { message: string }) => void lines.push(message) };
  const log = new FunctionLog(
    stream,
    "f",
    () => 0,
    (count) => void bytes.push(count),
    level,
  );
  log.start("r-1");
  log.report("r-1", { durationMs: 1, memoryMb: 128, maxMemoryMb: 60 });
  const succeeded = bytes.length;
  log.failed("r-2", "Error", "broken", []);
  return { succeeded, failed: bytes.length - succeeded, lines: lines.length };
}

it("counts the platform's lines as CloudWatch bills them, and shows them all the same", () => {
  expect(billed("INFO")).toEqual({ succeeded: 3, failed: 1, lines: 4 });
  expect(billed("WARN")).toEqual({ succeeded: 0, failed: 1, lines: 4 });
});
