import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { createRetryQueue } from "../../shared/stream/retry-queue.ts";
import { openTableGathering } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { deployedStages } from "../runtime/stages.ts";
import { streamHandler } from "../runtime/stream.ts";

const environment = readEnvironment(environments["table-stream"]);
const table = openTableGathering(environment.TABLE_NAME, dynamoDbClient());
const queues = sqsClient();

export const handler = streamHandler(createLogger("table-stream", environment.LOG_LEVEL), {
  stages: deployedStages(environment, { table, queues }),
  retryLater: createRetryQueue({ client: queues, url: environment.STREAM_RETRY_QUEUE_URL }),
});
