import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { retryMessageSchema } from "../../shared/stream/retry-message.ts";
import { retryStage } from "../../shared/stream/retry-stage.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";
import { deployedStages } from "../runtime/stages.ts";

const environment = readEnvironment(environments["stream-retry"]);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const stages = deployedStages(environment, { table, queues: sqsClient() });

export const handler = queueHandler(
  createLogger("stream-retry", environment.LOG_LEVEL),
  retryMessageSchema,
  (message) => retryStage(message, { table, stages }),
);
