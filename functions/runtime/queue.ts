import type { Logger } from "@aws-lambda-powertools/logger";
import middy from "@middy/core";
import type { SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { type $ZodType, type output, parse } from "zod/v4/core";

/**
 * The bundle for functions behind a queue: messages are parsed and handled side by side; one that fails becomes visible
 * again alone, and the queue's redrive policy ends it in the dead-letter queue.
 */
export function queueHandler<Schema extends $ZodType>(
  logger: Logger,
  schema: Schema,
  handle: (message: output<Schema>, record: SQSRecord) => Promise<void>,
) {
  async function handleRecord(record: SQSRecord): Promise<SQSBatchItemFailure[]> {
    try {
      await handle(parse(schema, readJson(record.body)), record);
      return [];
    } catch (error) {
      logger.error("a message failed", {
        messageId: record.messageId,
        received: record.attributes.ApproximateReceiveCount,
        error: error instanceof Error ? error : String(error),
      });
      return [{ itemIdentifier: record.messageId }];
    }
  }

  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }: SQSEvent) => ({
    batchItemFailures: (await Promise.all(Records.map(handleRecord))).flat(),
  }));
}

/** The parser's own error quotes the body, which no log may hold. */
function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error("the message is not JSON");
  }
}
