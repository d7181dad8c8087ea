import type { Logger } from "@aws-lambda-powertools/logger";
import middy from "@middy/core";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { type RunnerOptions, runStages } from "../../shared/stream/run-stages.ts";

/** The bundle for functions behind the table's stream: every record through its stages, failures to the retry queue. */
export function streamHandler(logger: Logger, options: Omit<RunnerOptions, "onFailure">) {
  const onFailure: RunnerOptions["onFailure"] = ({ message, stage, correlationId, error }) =>
    logger.error(message, { stage, correlationId, error: error instanceof Error ? error : String(error) });
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }: DynamoDBStreamEvent) => ({
    batchItemFailures: await runStages(Records, { ...options, onFailure }),
  }));
}
