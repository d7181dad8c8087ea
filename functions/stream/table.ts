import { ulid } from "ulid";
import { createMailQueue } from "../../shared/email/mail-queue.ts";
import type { WakeUp } from "../../shared/journeys/wake-up.ts";
import { createBatchQueue } from "../../shared/queues/batch-queue.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { createRetryQueue } from "../../shared/stream/retry-queue.ts";
import { createStages } from "../../shared/stream/stages.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient, sqsClient } from "../runtime/clients.ts";
import { createCounter } from "../runtime/counter.ts";
import { createLogger } from "../runtime/logger.ts";
import { streamHandler } from "../runtime/stream.ts";

const environment = readEnvironment(environments["table-stream"]);
const queues = sqsClient();

export const handler = streamHandler(createLogger("table-stream", environment.LOG_LEVEL), {
  stages: createStages({
    table: openTable(environment.TABLE_NAME, dynamoDbClient()),
    sendMail: createMailQueue({ client: queues, url: environment.MAIL_QUEUE_URL }),
    sendSegments: createBatchQueue({ client: queues, url: environment.SEGMENTS_QUEUE_URL }),
    sendWakeUp: createBatchQueue<WakeUp>({ client: queues, url: environment.JOURNEYS_QUEUE_URL }),
    timeZone: environment.TIME_ZONE,
    count: createCounter(),
    now: () => new Date(),
    newId: () => ulid(),
  }),
  retryLater: createRetryQueue({ client: queues, url: environment.STREAM_RETRY_QUEUE_URL }),
});
