import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { afterEach, expect, test, vi } from "vitest";
import { createLogger } from "../../../functions/runtime/logger.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** The one line that an error leaves. */
function lineOf(error: Error): Record<string, unknown> {
  const lines: string[] = [];
  // Otherwise the logger writes by a console of its own.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  createLogger("intake", "INFO").error("request failed", { correlationId: "corr-1", error });
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

/** What DynamoDB throws when it is asked for the old item: the item is a lead, with name and address. */
const refused = new ConditionalCheckFailedException({
  message: "The conditional request failed",
  $metadata: { requestId: "req-1", httpStatusCode: 400 },
  Item: { payload: { S: "ada@example.com" } },
});

test.each([
  ["an error", refused],
  ["its cause", new Error("a stage failed", { cause: refused })],
  ["one of several", new AggregateError([refused], "two due items could not be sent")],
])("an item that comes with %s stays out of the log, the reason does not", (_, error) => {
  const line = JSON.stringify(lineOf(error));
  expect(line).not.toContain("ada@example.com");
  expect(line).toContain("The conditional request failed");
  expect(line).toContain("req-1");
  expect(line).toContain("corr-1");
});
