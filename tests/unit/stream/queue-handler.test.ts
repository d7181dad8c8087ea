import util from "node:util";
import type { Context, SQSEvent } from "aws-lambda";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createLogger } from "../../../functions/runtime/logger.ts";
import { queueHandler } from "../../../functions/runtime/queue.ts";
import { type RetryMessage, retryMessageSchema } from "../../../shared/stream/retry-message.ts";

const logger = createLogger("stream-retry", "ERROR");
const logged = vi.spyOn(logger, "error").mockImplementation(() => undefined);
beforeEach(() => logged.mockClear());

const message = (sk: string): RetryMessage => ({ pk: "CONTACT#1", sk, stage: "fold", correlationId: "i1" });

/** An event as it comes to a function: over JSON. */
function deliver(...bodies: string[]): SQSEvent {
  const Records = bodies.map((body, n) => ({ messageId: `m${n}`, body, attributes: { ApproximateReceiveCount: "1" } }));
  return JSON.parse(JSON.stringify({ Records }));
}

const context: Context = JSON.parse(JSON.stringify({ awsRequestId: "r1" }));

describe("queueHandler", () => {
  test("hands over each message, parsed, and reports none as failed", async () => {
    const handled: RetryMessage[] = [];
    const handler = queueHandler(logger, retryMessageSchema, async (parsed) => void handled.push(parsed));
    const event = deliver(JSON.stringify(message("a")), JSON.stringify(message("b")));
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
    expect(handled).toEqual([message("a"), message("b")]);
  });

  test("reports those alone that failed, could not be read or are no message of this queue", async () => {
    const handler = queueHandler(logger, retryMessageSchema, async ({ sk }) => {
      if (sk === "bad") throw new Error("broken");
    });
    const bodies = ["bad", "good"].map((sk) => JSON.stringify(message(sk)));
    const event = deliver(...bodies, "{", JSON.stringify({ pk: "CONTACT#1" }));
    expect(await handler(event, context)).toEqual({
      batchItemFailures: ["m0", "m2", "m3"].map((itemIdentifier) => ({ itemIdentifier })),
    });
    expect(logged).toHaveBeenCalledTimes(3);
  });

  test("does not quote in the log what a message says", async () => {
    const handler = queueHandler(logger, retryMessageSchema, async () => undefined);
    await handler(deliver("ada@example.com", JSON.stringify({ pk: ["ada@example.com"] })), context);
    const [notJson, notOurs] = logged.mock.calls.map((call) => util.inspect(call, { depth: 9 }));
    expect(notJson).toContain("not JSON");
    expect([notJson, notOurs].join()).not.toContain("ada@example.com");
  });
});
